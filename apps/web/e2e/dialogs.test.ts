/** What lies over a page: it never costs what is on the page below, and gives the keyboard back where it was. */
import { afterAll, expect, test } from "bun:test";
import { en } from "../messages/en.ts";
import { zh } from "../messages/zh.ts";
import { closeBrowser, desktop, startSite, visit } from "./browser.ts";
import { railway } from "./railways.ts";
import { accountOf, choose, logIn, wordsOf } from "./steps.ts";

afterAll(closeBrowser);

const list = `/?${new URLSearchParams({ from: "北京", to: "上海" }).toString()}`;

test.each(["zh", "en"] as const)("a passenger is added while booking, and the booking stays: %s", async (language) => {
  const words = wordsOf(language);
  await using site = await startSite();
  const { page, context, complaints } = await visit(site, { language });
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  await page.goto(list);
  await choose(page, words, "G3", "second");
  const booking = page.url();
  await page.getByRole("button", { name: words.book.loginFirst }).click();
  await logIn(page, words);
  const add = page.getByRole("button", { name: words.book.addPassenger });
  await add.click();
  const dialog = page.getByRole("dialog");
  // Sent empty, it says what is missing and stands in the first field that is.
  await dialog.getByRole("button", { name: words.common.save }).click();
  await dialog.locator(".field-error").first().waitFor();
  expect(
    await dialog
      .getByLabel(accountOf(words).passenger.name, { exact: true })
      .evaluate((field) => field === document.activeElement),
  ).toBe(true);
  const { documentType, documentNumber: number } = railway.document(4_711);
  await dialog.getByLabel(accountOf(words).passenger.name, { exact: true }).fill("陈晨晨");
  await dialog.locator('select[name="documentType"]').selectOption(documentType);
  await dialog.getByLabel(accountOf(words).passenger.documentNumber).fill(number);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("checkbox", { name: "陈晨晨" }).waitFor();
  expect(await page.getByRole("checkbox", { name: "陈晨晨" }).isChecked()).toBe(true);
  expect(page.url()).toBe(booking);
  // Whether a child may go alone is the railway's to say, and is said before anything is sent.
  await page.getByRole("checkbox", { name: railway.child.name }).check();
  for (const grown of [railway.people[0], "陈晨晨"]) await page.getByRole("checkbox", { name: grown }).uncheck();
  await page.getByText(words.book.chosen(1)).waitFor();
  expect(await page.getByText(words.book.childAlone).count()).toBe(railway.child.travelsAlone ? 0 : 1);
  expect(addresses.filter((url) => url.includes(number))).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

test("whatever closes a dialog, the keyboard is where it was before", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site, { language: "en", width: desktop });
  await page.goto(list);
  const opener = page.locator(".train-number").first();
  await opener.waitFor();
  const closings = [
    () => page.keyboard.press("Escape"),
    () => page.getByRole("dialog").getByRole("button", { name: en.common.close }).click(),
    () => page.goBack(),
  ];
  for (const close of closings) {
    await opener.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await close();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await opener.evaluate((button) => button === document.activeElement)).toBe(true);
  }
  await context.close();
});

test("Back closes what lies over the page, and only then leaves it", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site);
  await page.goto("/orders");
  await page.goto(list);
  await page.locator(".train-number").first().click();
  await page.getByRole("dialog").waitFor();
  await page.goBack();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(new URL(page.url()).pathname).toBe("/");
  // Closed otherwise, it leaves nothing in the history.
  await page.getByRole("button", { name: zh.nav.login }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.goBack();
  await page.waitForURL(/\/orders$/);
  await context.close();
});
