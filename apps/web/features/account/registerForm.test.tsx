/** The form for a new account asks what the railway asks, and never refuses without a word. */
import { accountEn } from "../../messages/account.en.ts";
import { expect, test } from "bun:test";
import type { Railway } from "@chepiao/contracts";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { Refused } from "../../lib/api.ts";
import { LanguageProvider } from "../../lib/messages.tsx";
import { railwayRulesKey } from "../../lib/railwayRules.ts";
import { en } from "../../messages/en.ts";
import { askRulesAnew, faultsElsewhere, RegisterForm, phoneHint } from "./RegisterForm.tsx";

const draft = { username: "", password: "", realName: "", documentType: "", documentNumber: "", phone: "", email: "" };

test("a fault of a field that is not on the form is told, and one that has its field stands there alone", () => {
  const errors = { phone: "is needed.", email: "is not a mail address." };
  expect(faultsElsewhere(errors, draft, "email")).toEqual(["is needed."]);
  expect(faultsElsewhere(errors, draft, "phone")).toEqual([]);
  expect(faultsElsewhere({ somethingNew: "is needed." }, draft, "phone")).toEqual(["is needed."]);
});

test("the railway's rules are asked for anew where a phone or a mail address is refused, and only there", () => {
  for (const [path, isAnew] of [
    ["/phone", true],
    ["/email", true],
    ["/realName", false],
  ] as const) {
    const client = new QueryClient();
    client.setQueryData(railwayRulesKey, {});
    const fields = [{ path, message: "is needed." }];
    askRulesAnew(
      client,
      new Refused({ type: "", title: "", status: 400, code: "MalformedRequest", retry: "changed", fields }),
    );
    expect([path, client.getQueryState(railwayRulesKey)?.isInvalidated]).toEqual([path, isAnew]);
  }
});

function shown(client: QueryClient): string {
  return renderToStaticMarkup(
    <QueryClientProvider client={client}>
      <LanguageProvider first={en}>
        <RegisterForm logIn={async () => {}} own={null} />
      </LanguageProvider>
    </QueryClientProvider>,
  );
}

test("the form says of which country a phone has to be, by the railway's rules", () => {
  expect(phoneHint(["CN"], "en", accountEn)).toBe(accountEn.auth.phoneHint(accountEn.auth.mainland));
  expect(phoneHint(["DE"], "en", accountEn)).toBe(accountEn.auth.phoneHint("Germany"));
  expect(phoneHint(["DE", "AT"], "en", accountEn)).toBe(accountEn.auth.phoneHintAbroad);
});

test("the form is offered once the railway's rules are known, with the field that they ask for", async () => {
  // Nothing is asked again by being drawn: what is drawn is the failure.
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, retryOnMount: false } } });
  expect(shown(client)).toContain('aria-busy="true"');
  expect(shown(client)).not.toContain('name="username"');

  const asked = client.fetchQuery({
    queryKey: railwayRulesKey,
    queryFn: () => Promise.reject(new Error("away")),
  });
  await asked.catch(() => {});
  expect(shown(client)).toContain(en.common.retry);
  expect(shown(client)).not.toContain('name="username"');

  for (const [knownBy, phones] of [
    ["email", 0],
    ["phone", 1],
  ] as const) {
    const rules = { knownBy, phoneRegions: ["CN"], documents: ["passport"] } as unknown as Railway;
    client.setQueryData(railwayRulesKey, rules);
    expect(shown(client).match(/name="phone"/g) ?? []).toHaveLength(phones);
    expect(shown(client)).toContain('name="email"');
  }
});
