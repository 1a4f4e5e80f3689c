/** A class that a quota keeps back is told apart from one that is sold out, in the list and where it would be booked. */
import { afterAll, expect, test } from "bun:test";
import type { TicketsAnswer } from "@chepiao/contracts";
import { closeBrowser, desktop, phone, startSite, visit } from "./browser.ts";
import { choose, expectAccessible, expectNoSideways, expectOneLanguage, search, wordsOf } from "./steps.ts";

afterAll(closeBrowser);

test.each([
  { language: "en", width: phone },
  { language: "zh", width: desktop },
] as const)("what is not on sale yet is not called sold out: $language, $width wide", async (probes) => {
  const { language } = probes;
  const words = wordsOf(language);
  await using site = await startSite();
  const { page, complaints, context } = await visit(site, probes);
  // Of the train's classes the first is as a quota leaves it, the second as buyers do.
  await page.route("**/api/search/tickets?*", async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as TicketsAnswer;
    const [kept, gone] = answer.trains.find(({ trainNumber }) => trainNumber === "G3")!.classes;
    Object.assign(kept!, { free: 0, sellable: false, notOnSaleYet: true });
    Object.assign(gone!, { free: 0, sellable: false });
    await route.fulfill({ response, json: answer });
  });
  await search(page, words, "bj", "sh");
  const offers = page.locator('.train[data-train="G3"] .offer');
  const [kept, gone, open] = [0, 1, 2].map((n) => offers.nth(n));
  expect(await kept!.locator(".offer-left").innerText()).toBe(words.search.keptBack);
  expect(await gone!.locator(".offer-left").innerText()).toBe(words.search.soldOut);
  expect(words.search.keptBack).not.toBe(words.search.soldOut);
  await expectAccessible(page, "trains");
  await expectNoSideways(page, "trains");

  expect(await open!.locator(".offer-left").innerText()).not.toBe(words.search.keptBack);
  await choose(page, words, "G3", "second");
  const address = new URL(page.url());
  address.searchParams.set("class", "business");
  await page.goto(address.pathname + address.search);
  await page.locator(".alternatives").waitFor();
  expect(await page.locator(".alternatives > strong").innerText()).toBe(words.search.keptBack);
  expect(await page.locator(".class-option").first().locator(".offer-left").innerText()).toBe(words.search.keptBack);
  expect(await page.locator(".class-option").nth(1).locator(".offer-left").innerText()).toBe(words.search.soldOut);
  await expectAccessible(page, "book");
  await expectOneLanguage(page, language, "book");
  expect(complaints).toEqual([]);
  await context.close();
});
