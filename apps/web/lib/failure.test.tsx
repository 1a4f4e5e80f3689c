/** What a page says of a refusal, drawn without a browser. */
import { expect, test } from "bun:test";
import { problemOf, refusal, refusals } from "@chepiao/contracts";
import { renderToStaticMarkup } from "react-dom/server";
import { en } from "../messages/en.ts";
import { Refused } from "./api.ts";
import { Failure } from "./components.tsx";
import { LanguageProvider } from "./messages.tsx";

const said = (retryAfterSeconds: number) =>
  renderToStaticMarkup(
    <LanguageProvider first={en}>
      <Failure error={new Refused(problemOf(refusal("TooManyRequests", { retryAfterSeconds }), "en"))} />
    </LanguageProvider>,
  );

test("who is to wait for minutes is told how many; a moment is called a moment", () => {
  expect(said(270)).toContain(en.states.waitMinutes(5));
  for (const seconds of [5, 270]) expect(said(seconds)).toContain(refusals.TooManyRequests.say.en);
  expect(said(5)).not.toContain(en.states.waitMinutes(1));
});
