/** Another railway, by its policy alone: the main road in euros, with its documents and mail addresses. */
import { afterAll, expect, test } from "bun:test";
import type { User } from "@chepiao/contracts";
import type { Page } from "playwright-core";
import type { Messages } from "../messages/zh.ts";
import { closeBrowser, desktop, phone, picture, startSite, visit } from "./browser.ts";
import { demo } from "./people.ts";
import {
  accountOf,
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
  ticketOf,
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
  await expectMailInsteadOfPhone(page, words);
  // Whoever proves the mail address that everybody knows takes that alone.
  expect(await page.locator("meta[name=demo-login]").getAttribute("content")).toBe("demo chepiao-demo");
  await logIn(page, words, demo);
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
  await page.getByRole("button", { name: ticketOf(words).refund, exact: true }).click();
  await page.getByRole("dialog").getByRole("checkbox").first().check();
  await looksRight("refund");
  await page.keyboard.press("Escape");

  await page.goto("/account");
  await page.getByText("d***@example.com").waitFor();
  await expectAccessible(page, "account");
  await expectOneLanguage(page, language, "account");
  await page.getByRole("button", { name: accountOf(words).contact.prove.email }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: accountOf(words).auth.sendCode }).click();
  await dialog.getByText(accountOf(words).contact.codeSent).waitFor();
  const inbox = await (await fetch(new URL("/sandbox/messages/inbox?to=demo@example.com", site.url))).text();
  await dialog.getByLabel(accountOf(words).auth.code).fill(/\b(\d{8})\b/.exec(inbox)![1]!);
  await page.keyboard.press("Enter");
  await page.getByText(accountOf(words).contact.proved, { exact: true }).waitFor();
  await page.getByRole("button", { name: words.common.add }).click();
  const kinds = page.getByRole("dialog").locator('select[name="documentType"] option');
  expect(await kinds.allInnerTexts()).toEqual([words.documents.passport, words.documents.nationalId]);
  await keepsWhatIsMailed(page, async (name) => {
    await expectAccessible(page, name);
    await expectOneLanguage(page, language, name);
    await expectNoSideways(page, name);
    await picture(page, `${name.replaceAll(" ", "-")}-${language}`, true);
  });
  expect(complaints).toEqual([]);
  await context.close();
});

/** Whose address is proved chooses which messages are mailed to it, and when; each choice is kept at once. */
async function keepsWhatIsMailed(page: Page, inspect: (name: string) => Promise<void>) {
  const settings = page.locator("details.preferences");
  const first = settings.locator("input[type=checkbox]:enabled").first();
  const quiet = settings.getByRole("checkbox").last();
  const open = async () => {
    await page.goto("/notifications");
    await settings.locator("summary").press("Enter");
  };
  const kept = () => page.waitForResponse((answer) => answer.request().method() === "PUT" && answer.ok());
  await open();
  await Promise.all([kept(), first.uncheck()]);
  await Promise.all([kept(), quiet.check()]);
  await settings.locator(".preferences-hours").waitFor();
  await inspect("mail settings");
  await open();
  expect([await first.isChecked(), await quiet.isChecked()]).toEqual([false, true]);
}

/** The form asks for a mail address, with the keyboard for it, and for no phone. */
async function expectMailInsteadOfPhone(page: Page, words: Messages) {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(accountOf(words).auth.nameOr.email).waitFor();
  await dialog.getByRole("button", { name: accountOf(words).auth.toRegister }).click();
  expect(await dialog.getByLabel(accountOf(words).account.email).getAttribute("type")).toBe("email");
  expect(await dialog.locator('[name="phone"]').count()).toBe(0);
  await dialog.getByRole("button", { name: accountOf(words).auth.submitRegister }).click();
  await dialog.getByText(accountOf(words).auth.badEmail).waitFor();
  await expectAccessible(page, "register");
  await dialog.getByRole("button", { name: accountOf(words).auth.toLogin }).click();
}

test("an account is opened with a mail address and a document of there", async () => {
  await using site = await startSite(metric);
  const register = (reach: { readonly email: string } | { readonly phone: string }) =>
    fetch(new URL("/api/user/register", site.url), {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": "en" },
      body: JSON.stringify({
        username: "meier",
        password: "a long password of there",
        realName: "Jo",
        documentType: "nationalId",
        documentNumber: "l01x 00t47",
        ...reach,
      }),
    });
  for (const [reach, says] of [
    [{ phone: "0171 2345678" }, "is not asked for here"],
    [{ email: "Jo Meier <jo@example.com>" }, "is not a mail address"],
  ] as const) {
    const refused = await register(reach);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining(says)]);
  }
  const account = await register({ email: "jo@Example.com" });
  const { knownBy, emailMasked, phoneMasked } = (await account.json()) as User;
  expect([account.status, knownBy, emailMasked, phoneMasked]).toEqual([201, "email", "j***@example.com", null]);
});
