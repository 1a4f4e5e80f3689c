/** What was bought: it arrives when it says, goes along, opens without a network, and says what was given back. */
import { ticketEn } from "../messages/ticket.en.ts";
import { ticketZh } from "../messages/ticket.zh.ts";
import { afterAll, expect, test } from "bun:test";
import { refundRuleNames, type TicketsAnswer } from "@chepiao/contracts";
import { readLegs } from "../lib/legsAddress.ts";
import { en } from "../messages/en.ts";
import { journeysEn } from "../messages/journeys.en.ts";
import { receiptEn } from "../messages/receipt.en.ts";
import { receiptZh } from "../messages/receipt.zh.ts";
import { zh } from "../messages/zh.ts";
import { closeBrowser, desktop, openBrowser, openPage, phone, picture, startSite, visit } from "./browser.ts";
import { choose, expectAccessible, logIn, payAtBank, submit, tick } from "./steps.ts";
import { railway, signOfMoney } from "./railways.ts";
import { policySetting, timeToPay } from "../../server/testing/policy.ts";

afterAll(closeBrowser);

const list = `/?${new URLSearchParams({ from: "北京", to: "上海" }).toString()}`;

async function book(
  page: Parameters<typeof choose>[0],
  words: typeof zh,
  train: string,
  seatClass: "second" | "hardSleeper",
) {
  await page.goto(list);
  await choose(page, words, train, seatClass);
  await page.getByRole("button", { name: words.book.loginFirst }).click();
  await logIn(page, words);
  await tick(page, railway.people[0]);
}

test("a night train says at every step that it arrives the next day, and a berth what it costs", async () => {
  await using site = await startSite();
  const { page, context, complaints } = await visit(site, { language: "en" });
  await page.goto(list);
  const night = page.locator('.train[data-train="T1"]');
  for (const width of [desktop, phone]) {
    await page.setViewportSize({ width, height: 812 });
    const [duration, arrival] = [night.locator(".train-duration"), night.locator(".train-time").last()];
    const [left, right] = [await duration.boundingBox(), await arrival.boundingBox()];
    expect(right!.x - (left!.x + left!.width)).toBeGreaterThan(4);
  }
  await book(page, en, "T1", "hardSleeper");
  const prices = await page
    .getByRole("group", { name: en.book.wishOf(railway.people[0]) })
    .getByText(signOfMoney)
    .allTextContents();
  expect(new Set(prices).size).toBe(3);
  await submit(page, en);
  await page.locator(".pay").waitFor();
  // Who does not pay comes back to an order that knows it.
  await page.locator(".pay .primary").click();
  await page.waitForURL(/\/sandbox\/pay\//);
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  expect(await page.locator("main").innerText()).not.toMatch(/\p{Script=Han}/u);
  await page.locator("button.decline").click();
  await page.getByText(en.order.declined, { exact: true }).waitFor();
  expect(await page.getByText(en.order.waitingBank).count()).toBe(0);
  await payAtBank(page);
  const ticket = page.locator(".ticket");
  await ticket.waitFor();
  expect(await ticket.innerText()).toMatch(/\+1/);
  expect(await ticket.getByText(en.search.daysLaterLong(1)).count()).toBe(1);
  await picture(page, "night-ticket", true);
  await page.emulateMedia({ media: "print" });
  expect(await ticket.innerText()).toMatch(/\+1/);
  await picture(page, "night-ticket-print", true);
  await page.emulateMedia({ media: "screen" });

  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: ticketEn.calendar }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^T1-\d{4}-\d\d-\d\d\.ics$/);
  expect(await Bun.file(await file.path()).text()).toContain("SUMMARY:T1 Beijing → Shanghai");
  // In the language of those who are asked on the platform.
  await page.getByRole("button", { name: ticketEn.toStaff }).click();
  await page.locator(".staff-card").getByText(ticketZh.staffAsk).waitFor();
  expect(await page.locator(".staff-card").innerText()).toMatch(/19:27 北京 → 08:56 上海/);
  await picture(page, "staff-card");
  await expectAccessible(page, "what is shown to staff");
  await page.keyboard.press("Escape");
  const back = await page.getByRole("link", { name: ticketEn.wayBack }).getAttribute("href");
  expect(back).toMatch(/from=\w+&to=\w+&date=\d{4}-\d\d-\d\d$/);
  await page.getByRole("button", { name: ticketEn.enlarge }).click();
  await page.locator(".code-large svg").waitFor();
  await expectAccessible(page, "large code");
  await page.goBack();
  await page.getByRole("link", { name: en.nav.orders }).first().click();
  await page.locator(".order-row").first().waitFor();
  expect(await page.locator(".order-row").first().innerText()).toMatch(/\+1/);
  expect(complaints).toEqual([]);
  await context.close();
});

test("an order is paid from the list, and what was given back is told with its fee, on the order and in the list", async () => {
  await using site = await startSite(policySetting({ ...timeToPay(900), refund: { mistake: null } }));
  const { page, context } = await visit(site, { width: desktop });
  await book(page, zh, "G3", "second");
  await tick(page, railway.people[1]);
  await page.locator(".rules summary").filter({ hasText: "手续费" }).waitFor();
  await submit(page, zh);
  await page.locator(".pay").waitFor();
  await page.getByRole("link", { name: zh.nav.orders }).first().click();
  await page
    .locator(".order-item .badge")
    .filter({ hasText: /1[45]:/ })
    .waitFor();
  await payAtBank(page, "normal", 1, ".order-item .primary");
  await page.locator(".ticket").nth(1).waitFor();
  await page.getByRole("button", { name: ticketZh.refund, exact: true }).click();
  const dialog = page.getByRole("dialog");
  expect(await dialog.locator(".primary").innerText()).toBe(ticketZh.refundChoose);
  expect(await dialog.locator(".person-rule").allInnerTexts()).toEqual(Array(2).fill(refundRuleNames.grade.zh));
  await dialog.getByRole("checkbox").first().check();
  await dialog.locator(".primary").click();
  await page.locator(".ticket.void").waitFor();
  const told = page.locator(".sums");
  await told.waitFor();
  const sums = (await told.locator("dd").allTextContents()).map((text) => Number(text.replace(/[^\d.-]/g, "")));
  expect(sums[0]! + sums[1]!).toBeCloseTo(sums[2]!, 2);
  const order = page.url();
  await page.getByRole("link", { name: receiptZh.title }).click();
  await page.locator(".receipt article").nth(1).waitFor();
  const total = await page.locator(".receipt section dd").allTextContents();
  // By some rules, and at some hours of the day, there is no fee for a train of tomorrow: then none is named.
  const [paid, ...went] = total.map((text) => Number(text.replace(/[^\d.-]/g, "")));
  expect(went.reduce((sum, each) => sum + each, 0)).toBeCloseTo(paid!, 2);
  expect(went.length).toBeGreaterThanOrEqual(2);
  await expectAccessible(page, "a receipt");
  await picture(page, "receipt", true);
  await page.emulateMedia({ media: "print" });
  await picture(page, "receipt-print", true);
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize({ width: phone, height: 812 });
  await page.getByRole("button", { name: zh.nav.language }).click();
  await page.getByRole("heading", { name: receiptEn.title }).waitFor();
  await picture(page, "receipt-phone-en", true);
  await page.getByRole("button", { name: en.nav.language }).click();
  await page.goto(order);
  await page.getByRole("link", { name: zh.nav.orders }).first().click();
  const row = page.locator(".order-row").first();
  await row.getByText(zh.order.ticketsReturned(1, 2)).waitFor();
  expect(await row.innerText()).not.toContain(railway.people[0]);
  await page.goto("/");
  await page.locator(".next-trip").waitFor();
  await expectAccessible(page, "home with the next trip");
  await context.close();
});

test("a change of trains is found, bought as one order and paid once, and one of its trips is given back by itself", async () => {
  await using site = await startSite();
  const { page, context, complaints } = await visit(site, { language: "en" });
  const date = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`/?${new URLSearchParams({ from: "武汉", to: "天津", date }).toString()}`);
  await page.getByRole("button", { name: en.search.withChange }).click();
  const journey = page.locator(".journey").first();
  await journey.waitFor();
  await picture(page, "journeys");
  await expectAccessible(page, "journeys with a change");
  const bookAll = journey.getByRole("link", { name: journeysEn.book });
  const legs = readLegs(new URL((await bookAll.getAttribute("href"))!, site.url).searchParams)!;
  expect(legs.map(({ trainNumber }) => trainNumber).join(" ")).toBe((await journey.getAttribute("data-journey"))!);
  await bookAll.click();
  await page.getByRole("button", { name: en.book.loginFirst }).click();
  await logIn(page, en);
  await tick(page, railway.people[0]);
  expect(await page.locator(".trip").count()).toBe(2);
  await picture(page, "transfer-book", true);
  await expectAccessible(page, "booking of two trains");
  await submit(page, en);
  await page.locator(".pay").waitFor();
  await picture(page, "transfer-order", true);
  await payAtBank(page);
  await page.locator(".ticket").nth(1).waitFor();
  expect(await page.locator(".ticket-train").allTextContents()).toEqual(legs.map(({ trainNumber }) => trainNumber));
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: ticketEn.calendar }).click(),
  ]);
  expect((await Bun.file(await file.path()).text()).match(/BEGIN:VEVENT/g)?.length).toBe(2);

  await page.getByRole("button", { name: ticketEn.refund, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("group", { name: legs[1]!.trainNumber }).getByRole("checkbox").check();
  await picture(page, "transfer-refund");
  await expectAccessible(page, "giving back one of two trips");
  await dialog.locator(".primary").click();
  await page.locator(".ticket.void").waitFor();
  expect(await page.locator(".ticket.void .ticket-train").allTextContents()).toEqual([legs[1]!.trainNumber]);
  await page.getByRole("link", { name: en.nav.orders }).first().click();
  const row = page.locator(".order-row").first();
  await row.getByText(en.order.ticketsReturned(1, 2)).waitFor();
  const text = await row.innerText();
  expect(legs.map(({ trainNumber }) => text.includes(trainNumber))).toEqual([true, false]);
  expect(complaints).toEqual([]);
  await context.close();
});

test("without a network somebody is still logged in, and comes to his ticket by its list", async () => {
  await using site = await startSite();
  const context = await (
    await openBrowser()
  ).newContext({ baseURL: site.url, viewport: { width: phone, height: 812 }, locale: "zh-CN" });
  const { page } = await openPage(context);
  await book(page, zh, "G3", "second");
  await submit(page, zh);
  await payAtBank(page);
  await page.locator(".ticket .code").first().waitFor();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while ((await caches.keys()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await context.setOffline(true);
  await page.goto("/");
  await page.getByRole("link", { name: zh.nav.account }).waitFor();
  await page
    .locator(".next-trip")
    .getByText(/后开车/)
    .waitFor();
  await page.goto(list);
  await page.getByRole("heading", { name: zh.search.offline }).waitFor();
  await page.getByRole("link", { name: zh.order.mine }).click();
  await page.locator(".order-row").first().click();
  await page.locator(".ticket .code").first().waitFor();
  await context.close();
});

test("the page that waits for the sale sees it open within a second or two, without being touched", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site, { language: "en" });
  let opensAtMs = 0;
  await page.route("**/api/search/tickets?*", async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as TicketsAnswer;
    opensAtMs ||= Math.ceil(Date.now() / 1_000) * 1_000 + 4_000;
    if (Date.now() >= opensAtMs) return route.fulfill({ response });
    const saleOpensAt = new Date(opensAtMs + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+08:00");
    const trains = answer.trains.map((train) => ({ ...train, sale: "notYet" as const, saleOpensAt }));
    return route.fulfill({ response, json: { ...answer, trains } });
  });
  await page.goto(list);
  await page.locator(".train-sale").waitFor();
  expect(await page.locator(".train-sale").count()).toBe(1);
  await page.locator("a.offer").first().waitFor();
  expect(Date.now() - opensAtMs).toBeLessThan(30_000);
  await context.close();
});
