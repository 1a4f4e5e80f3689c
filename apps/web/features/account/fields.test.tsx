/** The fields of a document, drawn without a browser. */
import { expect, test } from "bun:test";
import type { DocumentType } from "@chepiao/contracts";
import { renderToStaticMarkup } from "react-dom/server";
import { LanguageProvider } from "../../lib/messages.tsx";
import { en } from "../../messages/en.ts";
import { DocumentFields } from "./fields.tsx";

function drawn(type: DocumentType, fixed: boolean): string {
  const given = { type, number: "E1*****89", errors: {}, fixed, onType: () => {}, onNumber: () => {} };
  return renderToStaticMarkup(
    <LanguageProvider first={en}>
      <DocumentFields taken={["nationalId", "passport"]} {...given} />
    </LanguageProvider>,
  );
}
const kindsIn = (form: string) => [...form.matchAll(/<option[^>]*>([^<]*)/g)].map(([, kind]) => kind);

test("a saved document cannot be typed over, and keeps its kind where the railway takes no more of it", () => {
  const saved = drawn("residentId", true);
  expect(kindsIn(saved)).toEqual([en.documents.residentId]);
  expect([saved.includes("disabled"), saved.includes("readOnly")]).toEqual([true, true]);
});

test("a new document is of a kind that the railway takes, and is typed", () => {
  const fresh = drawn("passport", false);
  expect(kindsIn(fresh)).toEqual([en.documents.nationalId, en.documents.passport]);
  expect([fresh.includes("disabled"), fresh.includes("readOnly")]).toEqual([false, false]);
});
