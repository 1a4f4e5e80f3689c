/** Waiting for what is sold out, in a browser: joining, prepaying, being served before one's eyes, or having the money back. */
import { afterAll, expect, test } from "bun:test";
import {
  type Accepted,
  type Order,
  policyDefault,
  type SeatClass,
  type TrainOffer,
  type WaitlistEntry,
  type WaitlistEntryTold,
} from "@chepiao/contracts";
import type { Page } from "playwright-core";
import { waitlistEn } from "../messages/waitlist.en.ts";
import { waitlistZh } from "../messages/waitlist.zh.ts";
import { closeBrowser, desktop, openPage, phone, picture, type Site, startSite, visit } from "./browser.ts";
import { leaveOnly, type Person, register, trainsTomorrow } from "./people.ts";
import { expectAccessible, expectNoSideways, expectOneLanguage, logIn, payAtBank, tick, wordsOf } from "./steps.ts";

afterAll(closeBrowser);

const way = { from: "北京", to: "上海" } as const;
const list = `/?${new URLSearchParams(way).toString()}`;
/** A machine that has more to do than this takes its time. */
const becomesWithinMs = 60_000;

const textsOf = (language: "zh" | "en") => (language === "zh" ? waitlistZh : waitlistEn);

async function trainOf(site: Site, trainNumber: string): Promise<TrainOffer> {
  const { trains } = await trainsTomorrow(site.url, way.from, way.to);
  return trains.find((train) => train.trainNumber === trainNumber)!;
}

/** All seats of a class are gone; the last of them are of people who have not paid yet. */
async function sellOut(site: Site, train: TrainOffer, seatClass: SeatClass, keepers = 1) {
  await leaveOnly(site.url, train, seatClass, keepers);
  const kept: { readonly giveUp: () => Promise<void> }[] = [];
  for (let n = 0; n < keepers; n++) kept.push(await keepOne(site, train, seatClass));
  return kept;
}

async function keepOne(site: Site, train: TrainOffer, seatClass: SeatClass) {
  const keeper = await register(site.url);
  const { orderNo } = await keeper.ask<Accepted>("POST", "/api/order", {
    trainNumber: train.trainNumber,
    originDate: train.originDate,
    from: train.from.stationId,
    to: train.to.stationId,
    seatClass,
    passengers: [{ passengerId: keeper.passengerIds[0] }],
  });
  return { giveUp: () => giveUp(keeper, orderNo) };
}

/** Once the order is written, which is a moment after it was accepted. */
async function giveUp(keeper: Person, orderNo: string): Promise<void> {
  for (const end = Date.now() + becomesWithinMs; Date.now() < end; await Bun.sleep(100)) {
    const { state } = await keeper.ask<Order>("GET", `/api/order/${orderNo}`);
    if (state === "pendingPayment") break;
  }
  await keeper.ask("POST", `/api/order/${orderNo}/cancel`);
}

/** From the list of trains to the page of a class that is sold out. */
async function toWaitlist(page: Page, language: "zh" | "en", train: string, seatClass: SeatClass): Promise<void> {
  const words = wordsOf(language);
  await page.goto(list);
  await page
    .locator(`.train[data-train="${train}"]`)
    .getByRole("link", { name: words.search.waitFor(train, words.classes[seatClass]) })
    .click();
  await page.locator(".join-title").waitFor();
}

const submitName = (language: "zh" | "en") => ({ name: textsOf(language).join, exact: true }) as const;
async function joinWaitlist(page: Page, language: "zh" | "en"): Promise<void> {
  await page.locator(".submit-bar").getByRole("button", submitName(language)).click();
  await page.locator(".pay").waitFor();
}

async function logInHere(page: Page, language: "zh" | "en"): Promise<void> {
  const words = wordsOf(language);
  await page.getByRole("button", { name: words.book.loginFirst }).click();
  await logIn(page, words);
  await tick(page, "张伟");
}

const becomes = (page: Page, language: "zh" | "en", state: keyof typeof waitlistZh.states) =>
  page
    .getByRole("heading", { name: textsOf(language).states[state], exact: true })
    .waitFor({ timeout: becomesWithinMs });

const entryOf = (page: Page): Promise<WaitlistEntry> =>
  page.evaluate(async () => (await fetch(`/api${location.pathname}`)).json() as Promise<WaitlistEntry>);

test.each([
  { language: "zh", width: phone, dark: false },
  { language: "en", width: desktop, dark: true },
] as const)(
  "who waits has the ticket that another gives up, before his eyes, and the difference back: $language, $width wide",
  async (looks) => {
    const { language, width } = looks;
    const words = wordsOf(language);
    const texts = textsOf(language);
    await using site = await startSite();
    await sellOut(site, await trainOf(site, "G5"), "business");
    const [one, other] = await sellOut(site, await trainOf(site, "G5"), "first", 2);
    await sellOut(site, await trainOf(site, "G7"), "business");
    const { page, context, complaints } = await visit(site, looks);
    const inspectPage = async (name: string, whole = true) => {
      await expectAccessible(page, name);
      await expectOneLanguage(page, language, name);
      await expectNoSideways(page, name);
      await picture(page, `waitlist-${name}-${language}-${width < 600 ? "phone" : "desk"}`, whole);
    };

    await page.goto(list);
    await page.locator(".offer.wait").first().waitFor();
    await page.locator('.train[data-train="G5"]').scrollIntoViewIfNeeded();
    await inspectPage("trains", false);
    await toWaitlist(page, language, "G5", "business");
    await page.locator(".seat-now").first().waitFor();
    await inspectPage("guest");
    await logInHere(page, language);
    await tick(page, "李娜");
    await page.getByRole("button", { name: words.classes.first }).click();
    await page.locator(".more-trains summary").click();
    await page.getByRole("checkbox", { name: /^G7 / }).check();
    await page.getByText(texts.trainsChosen(2)).waitFor();
    await inspectPage("join");
    await joinWaitlist(page, language);
    await inspectPage("prepay");

    const asked = await entryOf(page);
    expect(asked.choices.map(({ trainNumber, seatClasses }) => [trainNumber, seatClasses])).toEqual([
      ["G5", ["business", "first"]],
      ["G7", ["business"]],
    ]);
    await payAtBank(page);
    await becomes(page, language, "waiting");
    await page.getByText(texts.place(1)).first().waitFor();
    await inspectPage("waiting");
    await page.getByRole("link", { name: words.nav.orders }).first().click();
    await page.locator(".order-row").first().waitFor();
    await inspectPage("list");
    await page.locator(".order-row").first().click();
    await becomes(page, language, "waiting");

    // One seat is too few for two, which is told; with the next they have theirs.
    await one!.giveUp();
    await page.getByText(texts.because.tooFew(2)).waitFor({ timeout: becomesWithinMs });
    await inspectPage("story");
    await other!.giveUp();
    await becomes(page, language, "served");
    await page.locator(".badge").getByText(words.order.states.ticketed).waitFor({ timeout: becomesWithinMs });
    const { orderNo, prepayFen } = await entryOf(page);
    const order = await page.evaluate(
      async (no) => (await fetch(`/api/order/${no}`)).json() as Promise<Order>,
      orderNo,
    );
    expect(order).toMatchObject({ trainNumber: "G5", seatClass: "first", state: "ticketed" });
    await page
      .getByText(words.order.returned(words.money(prepayFen - order.totalFen)))
      .waitFor({ timeout: becomesWithinMs });
    await inspectPage("served");
    await page.getByRole("link", { name: texts.openTicket }).click();
    await page.locator(".ticket").nth(1).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  },
  360_000,
);

test("two tabs of one entry: what is done in one is seen in the other, and the whole prepayment goes back", async () => {
  await using site = await startSite();
  await sellOut(site, await trainOf(site, "G5"), "business");
  const { page, context, complaints } = await visit(site, { language: "en" });
  const words = wordsOf("en");
  // A platform that has seen nobody wait says nothing; here it has.
  await page.route("**/api/waitlist/chance", (route) => route.fulfill({ json: { band: "medium", choices: [] } }));
  await toWaitlist(page, "en", "G5", "business");
  await logInHere(page, "en");
  await page.getByText(waitlistEn.chance.medium).waitFor();
  await page.locator(".more-trains summary").click();
  await page.locator(".more-trains .person").first().waitFor();
  await expectNoSideways(page, "join");
  await picture(page, "waitlist-more", true);
  await joinWaitlist(page, "en");
  const { page: other } = await openPage(context);
  await other.route(/\/api\/waitlist\/W\d+$/, async (route) => {
    const response = await route.fetch();
    const entry = (await response.json()) as WaitlistEntryTold;
    const chance = entry.chance && { ...entry.chance, band: "high" as const };
    return route.fulfill({ response, json: { ...entry, chance } });
  });
  await other.goto(page.url());
  await other.getByText(waitlistEn.chance.high).waitFor();
  await other.locator(".pay").waitFor();

  // Declined at the bank: it is still to be prepaid, in both.
  await page.locator(".pay .primary").click();
  await page.waitForURL(/\/sandbox\/pay\//);
  await page.locator("button.decline").click();
  await page.getByText(words.order.declined, { exact: true }).waitFor();
  expect(new URL(page.url()).pathname).toStartWith("/waitlist/W");
  await payAtBank(page);
  await Promise.all([becomes(page, "en", "waiting"), becomes(other, "en", "waiting")]);
  await expectNoSideways(page, "waiting");

  const field = other.getByLabel(waitlistEn.deadline);
  await field.selectOption("60");
  await other.getByRole("button", { name: waitlistEn.changeDeadline, exact: true }).click();
  await other.getByText(waitlistEn.deadlineSaved).waitFor();
  await page.waitForFunction(() => document.querySelector("select")?.value === "60", undefined, {
    timeout: becomesWithinMs,
  });

  await page.getByRole("button", { name: waitlistEn.cancel }).click();
  await page.getByText(/You lose your place/).waitFor();
  await expectAccessible(page, "leave the waitlist?");
  await picture(page, "waitlist-leave", true);
  await page.getByRole("button", { name: waitlistEn.keep }).click();
  await page.getByRole("button", { name: waitlistEn.cancel }).press("Enter");
  await page.keyboard.press("Enter");
  for (const tab of [page, other]) {
    await becomes(tab, "en", "cancelled");
    const { prepayFen } = await entryOf(tab);
    await tab.getByText(words.order.returned(words.money(prepayFen))).waitFor({ timeout: becomesWithinMs });
  }
  await picture(page, "waitlist-cancelled", true);
  await expectOneLanguage(page, "en", "cancelled");
  expect(complaints).toEqual([]);
  await context.close();
});

test("what cannot be waited for is refused in words, with a way on, and costs nothing that was chosen", async () => {
  await using site = await startSite({
    CHEPIAO_POLICY: JSON.stringify({ extends: "12306", waitlist: { pendingMax: 1, crowdingRatio: 0.1 } }),
  });
  const [keeper] = await sellOut(site, await trainOf(site, "G5"), "business");
  await sellOut(site, await trainOf(site, "G1"), "business");
  const { page, context } = await visit(site);
  const words = wordsOf("zh");
  // Of nine seats a tenth is less than one who waits.
  await toWaitlist(page, "zh", "G5", "business");
  await logInHere(page, "zh");
  const submitButton = page.locator(".submit-bar").getByRole("button", submitName("zh"));
  await submitButton.click();
  await page.getByText(waitlistZh.chooseOther).waitFor();
  await picture(page, "waitlist-crowded", true);
  await expectAccessible(page, "crowded");
  await expectOneLanguage(page, "zh", "crowded");

  // Of fifteen it is one, and no more.
  await toWaitlist(page, "zh", "G1", "business");
  await joinWaitlist(page, "zh");
  // Back does not lead to the form again.
  await page.goBack();
  await page.waitForURL(({ pathname }) => !pathname.startsWith("/waitlist"));
  await toWaitlist(page, "zh", "G1", "business");
  await submitButton.click();
  await page.getByRole("link", { name: waitlistZh.toEntries }).click();
  await page.locator(".order-row").first().click();
  await page.getByRole("button", { name: waitlistZh.cancel }).click();
  await page.getByRole("button", { name: waitlistZh.cancel }).click();
  await becomes(page, "zh", "cancelled");
  await page.getByText(waitlistZh.noMoney).waitFor();

  // Seats came back while somebody was choosing, and the page has not heard of it yet.
  await toWaitlist(page, "zh", "G5", "business");
  await page.route("**/api/search/tickets?*", (route) => route.abort());
  await keeper!.giveUp();
  await submitButton.click();
  await page.unroute("**/api/search/tickets?*");
  await page.locator(".submit-bar").getByRole("link", { name: waitlistZh.buy }).click();
  await page.getByRole("button", { name: words.book.submit }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/book");
  await context.close();
});

test("a network that fails, an answer that is lost, and an entry that is nobody's are told, and nothing is joined twice", async () => {
  await using site = await startSite();
  await sellOut(site, await trainOf(site, "G5"), "business");
  const { page, context } = await visit(site, { language: "en" });
  await toWaitlist(page, "en", "G5", "business");
  await logInHere(page, "en");
  await page.route("**/api/waitlist", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  const submitButton = page.locator(".submit-bar").getByRole("button", submitName("en"));
  await submitButton.click();
  await page.getByText(wordsOf("en").book.unsure).waitFor();
  await page.unroute("**/api/waitlist");
  await page.reload();
  await joinWaitlist(page, "en");
  await context.setOffline(true);
  await page.getByText(wordsOf("en").order.polling).waitFor({ timeout: becomesWithinMs });
  await picture(page, "waitlist-offline", true);
  await context.setOffline(false);
  await page.getByText(wordsOf("en").order.live).waitFor({ timeout: becomesWithinMs });
  await page.goto("/orders");
  await page.locator(".order-row").first().waitFor();
  expect(await page.locator(".order-row").count()).toBe(1);
  await page.goto("/waitlist/W00000000000000001");
  await page.getByText(waitlistEn.unknown).waitFor();
  await expectAccessible(page, "no such entry");
  await page.goto("/waitlist");
  await page.getByText(wordsOf("en").book.gone).waitFor();
  await context.close();
});

/** How far ahead the time of decision lies: enough to sell out a class, join and pay; the timetable has a train every few minutes. */
const decidedAheadMs = { min: 90_000, max: 600_000 } as const;
/** A machine that is slower than that tries again with another train. */
const triesMax = 4;
/** So many are sold out by a few people. */
const fewSeats = 36;

type Soon = {
  readonly train: TrainOffer;
  readonly seatClass: SeatClass;
  readonly minutes: number;
  readonly aheadMs: number;
  readonly from: string;
  readonly to: string;
};

/** A train with few seats of a class, and the deadline that passes soonest. */
async function decidedSoon(site: Site): Promise<Soon> {
  const cities = ["北京", "上海", "南京", "武汉", "广州", "郑州", "济南", "西安", "长沙", "天津"];
  const { days } = (await (await fetch(`${site.url}/api/search/calendar`)).json()) as { days: { date: string }[] };
  const found: Soon[] = [];
  for (const from of cities)
    for (const to of cities.filter((city) => city !== from))
      for (const { date } of days.slice(0, 3)) {
        const query = new URLSearchParams({ from, to, date });
        const answer = await fetch(`${site.url}/api/search/tickets?${query.toString()}`);
        const { trains } = (await answer.json()) as { trains: TrainOffer[] };
        for (const train of trains.filter(({ sale }) => sale === "open"))
          for (const { seatClass, free } of train.classes)
            for (const minutes of policyDefault.waitlist.deadline.choices) {
              const aheadMs = Date.parse(train.departAt) - minutes * 60_000 - Date.now();
              const isSoon = aheadMs >= decidedAheadMs.min && aheadMs < decidedAheadMs.max;
              if (isSoon && free > 0 && free <= fewSeats) found.push({ train, seatClass, minutes, aheadMs, from, to });
            }
      }
  const [soonest] = found.toSorted((a, b) => a.aheadMs - b.aheadMs);
  if (!soonest) throw new Error("no train is decided about in the next minutes");
  return soonest;
}

test("an entry whose deadline passes says so by itself, and all the money is back", async () => {
  await using site = await startSite();
  const { page, context, complaints } = await visit(site);
  const words = wordsOf("zh");
  const deadline = page.getByLabel(waitlistZh.deadline);
  const isOffered = async ({ minutes }: Soon) => (await deadline.locator(`option[value="${minutes}"]`).count()) > 0;
  for (let tries = 1; ; tries++) {
    const soon = await decidedSoon(site);
    const { train, seatClass, from, to } = soon;
    await sellOut(site, train, seatClass);
    await page.goto(`/?${new URLSearchParams({ from, to, date: train.boardingDate }).toString()}`);
    // A train may call at several stations of a city, and leaves each at another time.
    await page
      .locator(`.train[data-train="${train.trainNumber}"]`)
      .filter({ has: page.locator(`time[datetime="${train.departAt}"]`) })
      .filter({ has: page.locator(`time[datetime="${train.arriveAt}"]`) })
      .getByRole("link", { name: words.search.waitFor(train.trainNumber, words.classes[seatClass]) })
      .click();
    if (tries === 1) await logInHere(page, "zh");
    await deadline.waitFor();
    if (tries < triesMax && !(await isOffered(soon))) continue;
    await deadline.selectOption(String(soon.minutes));
    break;
  }
  await joinWaitlist(page, "zh");
  await payAtBank(page);
  await becomes(page, "zh", "waiting");
  await page
    .getByRole("heading", { name: waitlistZh.states.expired, exact: true })
    .waitFor({ timeout: decidedAheadMs.max + becomesWithinMs });
  const { prepayFen } = await entryOf(page);
  await page.getByText(words.order.returned(words.money(prepayFen))).waitFor({ timeout: becomesWithinMs });
  await picture(page, "waitlist-expired", true);
  await expectAccessible(page, "expired");
  await expectOneLanguage(page, "zh", "expired");
  expect(complaints).toEqual([]);
  await context.close();
}, 1_200_000);
