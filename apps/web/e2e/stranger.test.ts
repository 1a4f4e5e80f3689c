/**
 * Somebody who has never seen the site, with a phone and a minute: two adjacent seats for tomorrow. Every tap is counted, and what
 * has to be tapped next must be on the screen, with no scrolling and no typing.
 */
import { afterAll, expect, test } from "bun:test";
import type { Order } from "@chepiao/contracts";
import type { Locator } from "playwright-core";
import { closeBrowser, picture, startSite, visit } from "./browser.ts";
import { groupsEn } from "../messages/groups.en.ts";
import { groupsZh } from "../messages/groups.zh.ts";
import { trainsEn } from "../messages/trains.en.ts";
import { accountOf, expectAccessible, wordsOf } from "./steps.ts";
import { railway, signOfMoney } from "./railways.ts";

afterAll(closeBrowser);

/** Way, class, log in, the demonstration account, the second passenger, order, pay, and the bank's own button. */
const tapsMax = 8;
const roadMsMax = 180_000;
/** The smallest screen that is still sold: what fits there fits everywhere. */
const smallHeight = 667;

test.each(["zh", "en"] as const)("two adjacent seats for tomorrow in few taps: %s", async (language) => {
  const words = wordsOf(language);
  await using site = await startSite();
  const { page, complaints, context } = await visit(site, { language, height: smallHeight });
  let taps = 0;
  const tap = async (target: Locator, step: string) => {
    await target.waitFor();
    const box = (await target.boundingBox())!;
    const bar = page.locator(".submit-bar");
    const barTop = (await bar.count()) > 0 ? (await bar.boundingBox())!.y : smallHeight;
    const isInBar = (await target.locator("xpath=ancestor::*[contains(@class, 'submit-bar')]").count()) > 0;
    const isInDialog = (await page.getByRole("dialog").count()) > 0;
    const bottom = isInBar || isInDialog ? smallHeight : barTop;
    const middle = box.y + box.height / 2;
    expect({ step, onScreen: middle > 56 && middle < bottom }).toEqual({ step, onScreen: true });
    await picture(page, `stranger-${++taps}-${step}-${language}`);
    await target.tap();
  };

  const startedMs = performance.now();
  await page.goto("/");
  await tap(page.locator("a.start").first(), "way");
  const tomorrow = page.locator(".date[data-chosen]");
  await tomorrow.waitFor();
  expect(await tomorrow.textContent()).toContain(words.search.tomorrow);
  await tap(page.locator("a.offer").first(), "class");
  await tap(page.getByRole("button", { name: words.book.loginFirst }), "log-in");
  await tap(page.getByRole("button", { name: accountOf(words).auth.demo }), "demo");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator(".person").nth(1).waitFor();
  expect(await page.getByRole("checkbox", { name: railway.people[0] }).isChecked()).toBe(true);
  await tap(page.getByRole("checkbox", { name: railway.people[1] }), "passenger");
  await tap(page.getByRole("button", { name: words.book.submit }), "order");
  await tap(page.locator(".pay .primary"), "pay");
  await page.waitForURL(/\/sandbox\/pay\//);
  await tap(page.locator("button.pay"), "bank");
  await page.locator(".ticket").nth(1).waitFor();
  await picture(page, `stranger-9-tickets-${language}`);

  expect(performance.now() - startedMs).toBeLessThan(roadMsMax);
  expect(taps).toBeLessThanOrEqual(tapsMax);
  const order = await page.evaluate(async () => (await fetch(`/api${location.pathname}`)).json() as Promise<Order>);
  expect(order).toMatchObject({ state: "ticketed", together: "adjacent" });

  // The next time the same two stand there already.
  await page.goto("/");
  await page.locator("a.start").first().tap();
  // On a train that leaves after the first one has arrived: nobody is in two at a time.
  await page.locator("a.offer", { hasText: words.classes.second }).last().tap();
  await page.locator(".person").nth(1).waitFor();
  const ticked = page.getByRole("checkbox", { checked: true });
  await ticked.nth(1).waitFor();
  expect(await ticked.count()).toBe(2);
  // They get a name, and are ticked again by it.
  const groups = language === "zh" ? groupsZh : groupsEn;
  await page.getByRole("button", { name: groups.save }).tap();
  await page.getByLabel(groups.name).fill("AB");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  for (const person of [railway.people[0], railway.people[1]])
    await page.getByRole("checkbox", { name: person }).uncheck();
  await page.getByRole("button", { name: groups.choose("AB", 2) }).tap();
  await ticked.nth(1).waitFor();
  expect(await ticked.count()).toBe(2);
  // One of them travels in another class, on the same order.
  await page.getByText(words.book.mixedClasses).tap();
  await picture(page, `stranger-mixed-classes-${language}`);
  await page.locator(".class-of-each select").last().selectOption("first");
  await page.getByRole("button", { name: words.book.submit }).tap();
  await page.locator(".pay .primary").waitFor();
  const mixed = await page.evaluate(async () => (await fetch(`/api${location.pathname}`)).json() as Promise<Order>);
  expect(mixed.lines.map((line) => line.seatClass).sort()).toEqual(["first", "second"]);
  expect(complaints).toEqual([]);
  await context.close();
});

test("who types the places is led from one to the other, and to the trains", async () => {
  const words = wordsOf("en");
  await using site = await startSite();
  const { page, context } = await visit(site, { language: "en" });
  await page.goto("/");
  await page.getByRole("combobox", { name: words.search.from }).click();
  await page.keyboard.type("beijing");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  const to = page.getByRole("combobox", { name: words.search.to });
  // For a moment the first field still has the focus, and is open, too.
  await to.and(page.locator(":focus[aria-expanded=true]")).waitFor();
  await page.keyboard.type("shanghai");
  await page
    .getByRole("option", { name: /Shanghai/ })
    .first()
    .waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".train").first().waitFor();
  // The form has made room for the trains; what opens it has the focus, and opens it by keys.
  const fold = page.getByRole("button", { name: words.search.change, expanded: false });
  await fold.and(page.locator(":focus")).waitFor();
  expect(await fold.innerText()).toContain("Beijing → Shanghai");
  await to.waitFor({ state: "hidden" });
  // Each day says what it costs at least, once the trains are there.
  await page.getByRole("radio", { name: new RegExp(`^Tomorrow .* from ${signOfMoney}\\d`) }).waitFor();
  // A calendar says it of all days at once: a week on by one key.
  await page.getByRole("button", { name: words.search.months }).press("Enter");
  const chosen = page.locator(".months [aria-current=date]");
  await chosen.waitFor();
  await picture(page, "months");
  await expectAccessible(page, "a calendar of the days");
  await chosen.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator(".dates label:nth-child(9)[data-chosen]").waitFor();
  await fold.press("Enter");
  await to.waitFor();
  await context.close();
});

test("who knows the number of a train sees where it stops on a day, and comes to its tickets", async () => {
  const words = wordsOf("en");
  await using site = await startSite();
  const { page, context, complaints } = await visit(site, { language: "en" });
  await page.goto("/");
  await page.getByRole("link", { name: words.home.byNumber }).click();
  await page.getByLabel(trainsEn.number).fill(" g3 ");
  await page.keyboard.press("Enter");
  await page.locator(".stops li").nth(1).waitFor();
  await picture(page, "train-by-number");
  await expectAccessible(page, "a train by its number");
  await page.getByLabel(trainsEn.number).fill("X9999");
  await page.getByRole("button", { name: trainsEn.show }).click();
  await page.getByText(trainsEn.unknown("X9999")).waitFor();
  await page.goBack();
  // Once today's has left, to those of the next day.
  await page.getByRole("link", { name: new RegExp(`^${trainsEn.tickets}`) }).click();
  await page.locator('.train[data-train="G3"]').waitFor();
  await page.goBack();
  await page.locator(".stops li a").first().click();
  await page.getByRole("button", { name: trainsEn.sides.arrivals }).click();
  await page.getByRole("button", { name: trainsEn.sides.departures }).click();
  const tomorrow = page.locator(".dates label").nth(1);
  await tomorrow.click();
  await page.locator('.board li[data-train="G3"]').waitFor();
  await picture(page, "station-board");
  await expectAccessible(page, "the board of a station");
  await page.locator('.board li[data-train="G3"] .board-way a').click();
  await page.getByRole("combobox", { name: trainsEn.station }).waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("a phone in the same network pays and comes back by the address it knows", async () => {
  await using site = await startSite();
  const words = wordsOf("en");
  const { page, context } = await visit(site, { language: "en" });
  const address = `http://chepiao.test:${new URL(site.url).port}`;
  await page.goto(address);
  await page.locator("a.start").first().click();
  await page.locator("a.offer").first().click();
  await page.getByRole("button", { name: words.book.loginFirst }).click();
  await page.getByRole("button", { name: accountOf(words).auth.demo }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: words.book.submit }).click();
  await page.locator(".pay .primary").click();
  await page.waitForURL(`${address}/sandbox/pay/**`);
  await page.locator("button.pay").click();
  await page.waitForURL(`${address}/order/**`);
  await page.locator(".ticket").waitFor();
  await context.close();
});

test("a site with a name of its own offers no account that everybody knows", async () => {
  await using site = await startSite({ PUBLIC_URL: "https://tickets.example", PRACTICE_BANK: "1" });
  const words = wordsOf("en");
  const { page, context } = await visit(site, { language: "en" });
  await page.goto("/account");
  await page.locator(".empty .primary").click();
  await page.getByRole("dialog").waitFor();
  expect(await page.getByRole("button", { name: accountOf(words).auth.demo }).count()).toBe(0);
  await context.close();
});
