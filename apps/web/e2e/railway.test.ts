/** Another railway, by its policy alone: the main road in euros, with its documents and phones. */
import { afterAll, expect, test } from "bun:test";
import type { User } from "@chepiao/contracts";
import { closeBrowser, desktop, phone, startSite, visit } from "./browser.ts";
import {
  choose,
  expectAccessible,
  expectNoSideways,
  expectOneLanguage,
  logIn,
  payAtBank,
  search,
  submit,
  tick,
  wordsOf,
} from "./steps.ts";

afterAll(closeBrowser);

const metric = { CHEPIAO_POLICY: "demo-metric" };

test.each([
  { language: "en", width: desktop },
  { language: "zh", width: phone },
] as const)("the main road in euros: $language, $width wide", async (probes) => {
  const { language } = probes;
  const words = wordsOf(language);
  await using site = await startSite(metric);
  const { page, complaints, context } = await visit(site, probes);
  const looksRight = async (name: string) => {
    const shown = await page.locator("body").innerText();
    expect([name, shown.includes("€"), /[¥￥]/.test(shown)]).toEqual([name, true, false]);
    await expectAccessible(page, name);
    await expectOneLanguage(page, language, name);
    await expectNoSideways(page, name);
  };

  await search(page, words, "bj", "sh");
  await looksRight("trains");
  await choose(page, words, "G3", "second");
  await page.getByRole("button", { name: words.book.loginFirst }).click();
  await logIn(page, words);
  await tick(page, "Erik Sommer", "Anna Schmidt");
  await looksRight("book");
  await submit(page, words);
  await page.locator(".pay").waitFor();
  await looksRight("pay");
  await page.locator(".pay .primary").click();
  await page.waitForURL(/\/sandbox\/pay\//);
  expect(await page.locator(".amount").innerText()).toStartWith("€");
  await page.goBack();
  await page.locator(".pay").waitFor();
  await payAtBank(page);
  await page.locator(".ticket").nth(1).waitFor();
  await page.getByRole("button", { name: words.ticket.refund, exact: true }).click();
  await page.getByRole("dialog").getByRole("checkbox").first().check();
  await looksRight("refund");
  await page.keyboard.press("Escape");

  await page.goto("/account");
  await page.getByRole("button", { name: words.common.add }).click();
  const kinds = page.getByRole("dialog").locator('select[name="documentType"] option');
  expect(await kinds.allInnerTexts()).toEqual([words.documents.passport, words.documents.nationalId]);
  expect(complaints).toEqual([]);
  await context.close();
});

test("an account is opened with a phone and a document of there", async () => {
  await using site = await startSite(metric);
  const register = (phoneNumber: string) =>
    fetch(new URL("/api/user/register", site.url), {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": "en" },
      body: JSON.stringify({
        username: "meier",
        password: "a long password of there",
        realName: "Jo",
        documentType: "nationalId",
        documentNumber: "l01x 00t47",
        phone: phoneNumber,
      }),
    });
  const refused = await register("+86 138 0000 0001");
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain("not a mobile number of a country that is taken here");
  const account = await register("0171 2345678");
  expect([account.status, ((await account.json()) as User).phoneMasked]).toEqual([201, "+49****5678"]);
});
