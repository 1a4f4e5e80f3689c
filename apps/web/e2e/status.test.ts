/** What became of trains on the day, as passengers see it: beside trains, on their way, over tickets, in both languages. */
import { afterAll, expect, test } from "bun:test";
import type { RunsStatus } from "@chepiao/contracts";
import type { Page } from "playwright-core";
import { en } from "../messages/en.ts";
import { zh } from "../messages/zh.ts";
import { changeEn } from "../messages/change.en.ts";
import { changeZh } from "../messages/change.zh.ts";
import { statusEn } from "../messages/status.en.ts";
import { statusZh } from "../messages/status.zh.ts";
import { closeBrowser, desktop, picture, type Site, startSite, visit } from "./browser.ts";
import { trainsTomorrow } from "./people.ts";
import { atBooking, choose, expectAccessible, expectOneLanguage, logIn, payAtBank, submit, tick } from "./steps.ts";
import { railway } from "./railways.ts";

afterAll(closeBrowser);

const list = `/?${new URLSearchParams({ from: "北京", to: "上海" }).toString()}`;

/** The demonstration's trains are always on time: here one is late and one does not run. */
async function disturb(page: Page, site: Site): Promise<void> {
  const found = await fetch(`${site.url}/api/search/stations?q=${encodeURIComponent("北京南")}`);
  const { stations } = (await found.json()) as { stations: { stationId: string }[] };
  const { stationId } = stations[0]!;
  await page.route("**/api/ticket/status?*", async (route) => {
    const asked = new URL(route.request().url()).searchParams.get("runs")!.split(",");
    const known = (trainNumber: string, more: Partial<RunsStatus["runs"][number]>) =>
      asked
        .filter((run) => run.startsWith(`${trainNumber}/`))
        .map((run) => ({ trainNumber, originDate: run.split("/")[1]!, cancelled: false, stops: [], ...more }));
    const stop = { stop: 0, stationId, arriveAt: null, arriveMinutesLate: null, skipped: false };
    const late = { ...stop, departAt: "2026-12-01T12:07:00+08:00", departMinutesLate: 9 };
    const body: RunsStatus = {
      runs: [...known("G1", { stops: [late] }), ...known("G3", { cancelled: true })],
      notices: [{ title: { zh: "大风限速", en: "Strong wind" }, text: { zh: "", en: "" }, url: null }],
    };
    await route.fulfill({ json: body });
  });
}

test("a train that is late or cancelled says so in the list, on its way and over the ticket", async () => {
  await using site = await startSite();
  const { page, context, complaints } = await visit(site, { language: "en" });
  await disturb(page, site);
  await page.goto(list);
  const card = (number: string) => page.locator(`.train[data-train="${number}"]`);
  const expected = `${statusEn.departs("12:07")}${statusEn.late(9)}`;
  await card("G1").getByText(expected).waitFor();
  await card("G3").getByText(statusEn.cancelled, { exact: true }).waitFor();
  await page.getByText("Strong wind").waitFor();
  await expectAccessible(page, "status in the list");
  await picture(page, "status-list", true);

  await card("G1").locator(".train-number").click();
  await page.locator(".stops").getByText(expected).waitFor();
  await page.keyboard.press("Escape");

  await choose(page, en, "G1", "second");
  await page.getByRole("button", { name: en.book.loginFirst }).click();
  await logIn(page, en);
  await tick(page, railway.people[0]);
  await submit(page, en);
  await page.locator(".order").getByText(expected).waitFor();
  await payAtBank(page);
  await page.locator(".ticket").waitFor();
  await page.locator(".order").getByText(expected).waitFor();
  await picture(page, "status-ticket", true);
  expect(complaints).toEqual([]);
  await context.close();
});

test("the same in Chinese", async () => {
  await using site = await startSite();
  const { page, context, complaints } = await visit(site, {});
  await disturb(page, site);
  await page.goto(list);
  await page.getByText(`${statusZh.departs("12:07")}${statusZh.late(9)}`).waitFor();
  await page.getByText(statusZh.cancelled, { exact: true }).waitFor();
  await page.getByText("大风限速").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("whose train loses his coach, and is then cancelled, while the ticket is open sees where he sits, and that the money comes back", async () => {
  await using site = await startSite();
  const chinese = await visit(site, {});
  await atBooking(site, chinese.page, "G1");
  await tick(chinese.page, railway.people[1]);
  await submit(chinese.page, zh);
  await payAtBank(chinese.page);
  await chinese.page.locator(".ticket .code").nth(1).waitFor();
  const english = await visit(site, { language: "en", width: desktop });
  await english.page.goto(chinese.page.url());
  await logIn(english.page, en);
  await english.page.locator(".ticket .code").nth(1).waitFor();

  const { trains } = await trainsTomorrow(site.url, "北京", "上海");
  const { originDate } = trains.find(({ trainNumber }) => trainNumber === "G1")!;
  const [, coach] = /(\d\d)车/.exec(await chinese.page.locator(".ticket").first().innerText())!;
  await site.chepiao("run", "lose-coach", "G1", originDate, "--coach", String(Number(coach)));
  for (const [{ page }, texts, language] of [
    [chinese, changeZh, "zh"],
    [english, changeEn, "en"],
  ] as const) {
    await page.getByRole("link", { name: texts.newOrder }).click();
    await page.getByText(texts.reseatedNote).waitFor();
    await page.locator(".ticket .code").nth(1).waitFor();
    expect(await page.locator(".ticket").first().innerText()).not.toContain(`${coach}车`);
    await expectAccessible(page, "an order with other seats");
    await expectOneLanguage(page, language, "an order with other seats");
    await picture(page, `status-reseated-${language}`, true);
  }
  expect(await site.chepiao("run", "cancel", "G1", originDate, "--dry-run")).toMatch(/tickets +2\n/);
  await site.chepiao("run", "cancel", "G1", originDate);

  for (const [{ page, complaints, context }, words, status] of [
    [chinese, zh, statusZh],
    [english, en, statusEn],
  ] as const) {
    const language = words === zh ? "zh" : "en";
    await page.getByRole("heading", { name: words.order.states.refunded }).waitFor();
    await page.getByText(status.cancelled, { exact: true }).waitFor();
    await page.getByText(status.cancelledBack(status.notRun)).waitFor();
    await page.locator(".seat-list .released").nth(1).waitFor();
    await page.locator(".sums").waitFor();
    expect(await page.locator(".ticket .code").count()).toBe(0);
    await expectAccessible(page, "an order whose train was cancelled");
    await expectOneLanguage(page, language, "an order whose train was cancelled");
    await picture(page, `status-cancelled-${language}`, true);
    expect(complaints).toEqual([]);
    await context.close();
  }
});

test("whose train is exchanged for one without his seat reads so over the ticket, which stays his", async () => {
  await using site = await startSite();
  const chinese = await visit(site, {});
  await atBooking(site, chinese.page, "G1", "business");
  await submit(chinese.page, zh);
  await payAtBank(chinese.page);
  await chinese.page.locator(".ticket .code").waitFor();
  const english = await visit(site, { language: "en", width: desktop });
  await english.page.goto(chinese.page.url());
  await logIn(english.page, en);
  await english.page.locator(".ticket .code").waitFor();

  const { trains } = await trainsTomorrow(site.url, "北京", "上海");
  const { originDate } = trains.find(({ trainNumber }) => trainNumber === "G1")!;
  expect(await site.chepiao("run", "exchange", "G1", originDate, "CRH2A")).toMatch(/find no seat +1\n/);
  for (const [{ page }, texts, language] of [
    [chinese, statusZh, "zh"],
    [english, statusEn, "en"],
  ] as const) {
    // What became of trains is asked for once a minute.
    await page.reload();
    await page.getByText(texts.exchangedNote).waitFor();
    await page.locator(".ticket .code").waitFor();
    expect(await page.locator(".ticket .code").count()).toBe(1);
    await expectAccessible(page, "an order of an exchanged train");
    await expectOneLanguage(page, language, "an order of an exchanged train");
    await picture(page, `status-exchanged-${language}`, true);
  }
  for (const { complaints, context } of [chinese, english]) {
    expect(complaints).toEqual([]);
    await context.close();
  }
});
