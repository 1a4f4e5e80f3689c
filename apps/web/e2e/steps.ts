/** What a passenger does, step by step, in the words of whichever language the page speaks. */
import { ticketEn } from "../messages/ticket.en.ts";
import { type TicketMessages, ticketZh } from "../messages/ticket.zh.ts";
import { accountEn } from "../messages/account.en.ts";
import { type AccountMessages, accountZh } from "../messages/account.zh.ts";
import axe from "axe-core";
import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { en } from "../messages/en.ts";
import { zh, type Messages } from "../messages/zh.ts";
import { onWholePage, type Site } from "./browser.ts";
import { demo } from "./people.ts";
import { railway } from "./railways.ts";

export const wordsOf = (language: "zh" | "en"): Messages => (language === "zh" ? zh : en);

/** What is said of accounts in the language of these words. */
export const accountOf = (words: Messages): AccountMessages => (words.brand === zh.brand ? accountZh : accountEn);

/** What is said of tickets, likewise. */
export const ticketOf = (words: Messages): TicketMessages => (words.brand === zh.brand ? ticketZh : ticketEn);

export async function search(page: Page, words: Messages, from: string, to: string): Promise<void> {
  await page.goto("/");
  for (const [label, typed] of [
    [words.search.from, from],
    [words.search.to, to],
  ] as const) {
    const field = page.getByRole("combobox", { name: label });
    await field.click();
    await field.fill(typed);
    await field.press("Enter");
  }
  await page.locator(".train").first().waitFor();
}

/** Opens the booking of a class of a train in the list. */
export async function choose(
  page: Page,
  words: Messages,
  train: string,
  seatClass: keyof Messages["classes"],
): Promise<void> {
  await page
    .locator(`.train[data-train="${train}"]`)
    .getByRole("link", { name: words.search.book(train, words.classes[seatClass]) })
    .click();
  await page.locator(".trip").waitFor();
}

export async function logIn(
  page: Page,
  words: Messages,
  who: { readonly username: string; readonly password: string } = demo,
  onOwnDevice = false,
): Promise<void> {
  const dialog = page.getByRole("dialog");
  if (onOwnDevice) await dialog.getByLabel(accountOf(words).auth.ownDevice).check();
  await dialog.getByLabel(accountOf(words).account.username).fill(who.username);
  await dialog.getByLabel(accountOf(words).account.password).fill(who.password);
  await dialog.getByRole("button", { name: accountOf(words).auth.submitLogin, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

export async function tick(page: Page, ...names: readonly string[]): Promise<void> {
  for (const name of names) await page.getByRole("checkbox", { name }).check();
}

export const submit = (page: Page, words: Messages) => page.getByRole("button", { name: words.book.submit }).click();

/** From the order, or its row in a list, to the bank and, when it has been told what to do, back. */
export async function payAtBank(
  page: Page,
  behaviour = "normal",
  seconds = 1,
  button = ".pay .primary",
): Promise<void> {
  await page.locator(button).click();
  await page.waitForURL(/\/sandbox\/pay\//);
  await page.locator("summary").click();
  await page.locator(`input[value="${behaviour}"]`).check();
  await page.locator('input[name="seconds"]').fill(String(seconds));
  await page.locator("button.pay").click();
  await page.waitForURL(/\/(order|waitlist)\//);
}

/** Nothing that keeps a passenger out: axe's rules of WCAG A and AA, serious and critical. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(axe.source);
  const found = await onWholePage(page, () =>
    page.evaluate(async () => {
      const { axe: here } = globalThis as unknown as { axe: typeof axe };
      // A button that is just being allowed is for a tenth of a second of no colour that was chosen.
      const passing = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
      await Promise.allSettled(passing.map(({ finished }) => finished));
      const { violations } = await here.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      });
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary ?? ""}`),
        );
    }),
  );
  expect({ where, found }).toEqual({ where, found: [] });
}

/** People's own names are theirs in every language; so is the name of the other language. */
const ownNames = /张伟|李娜|王小明|陈晨|中文/g;

export async function expectOneLanguage(page: Page, language: "zh" | "en", where: string): Promise<void> {
  const { text, lang } = await page.evaluate(() => {
    // The name over the station is there on purpose, beside the one of the page's language.
    const local = [...document.querySelectorAll<HTMLElement>(".local")];
    for (const each of local) each.hidden = true;
    const seen = { text: document.body.innerText, lang: document.documentElement.lang };
    for (const each of local) each.hidden = false;
    return seen;
  });
  expect(lang).toBe(language === "zh" ? "zh-CN" : "en");
  const lines = text.split("\n").filter((line) =>
    language === "en"
      ? /[\u4e00-\u9fff]/.test(line.replaceAll(ownNames, ""))
      : // Chinese pages have numbers, seat letters, train numbers and names in Latin letters, but no English words.
        // Pinyin stands beside a station that is looked for by it.
        !/^[a-z]+$/.test(line) &&
        /[a-z]{4,}/.test(
          line.replaceAll(/English|Schmidt|Anna|Erik|Mia|Sommer|Person|Friend|Chrome|Linux|demo|example/g, ""),
        ),
  );
  expect({ where, lines }).toEqual({ where, lines: [] });
}

/** Nothing sticks out to the right, which on a phone would make the whole page slide. */
export async function expectNoSideways(page: Page, where: string): Promise<void> {
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect({ where, sticksOut: width[0]! > width[1]! }).toEqual({ where, sticksOut: false });
}

/** The page with the trains between two places. */
export const listOf = (from = "北京", to = "上海") => `/?${new URLSearchParams({ from, to }).toString()}`;

/** The demo person at the booking of a train, with one passenger chosen. */
export async function atBooking(
  site: Site,
  page: Page,
  train = "G3",
  seatClass: "second" | "business" = "second",
  words: Messages = zh,
  onOwnDevice = false,
) {
  await page.goto(`${site.url}${listOf()}`);
  await choose(page, words, train, seatClass);
  await page.getByRole("button", { name: words.book.loginFirst }).click();
  await logIn(page, words, demo, onOwnDevice);
  await tick(page, railway.people[0]);
}
