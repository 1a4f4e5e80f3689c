/** What people do in a browser around the waitlist: sell a class out, go to its waitlist, join. */
import type { Accepted, Order, SeatClass, TrainOffer, WaitlistEntry } from "@chepiao/contracts";
import type { Page } from "playwright-core";
import { waitlistEn } from "../messages/waitlist.en.ts";
import { waitlistZh } from "../messages/waitlist.zh.ts";
import type { Site } from "./browser.ts";
import { leaveOnly, type Person, register, trainsTomorrow } from "./people.ts";
import { listOf, logIn, tick, wordsOf } from "./steps.ts";
import { railway } from "./railways.ts";

export const way = { from: "北京", to: "上海" } as const;
export const list = listOf(way.from, way.to);
/** A machine that has more to do than this takes its time. */
export const becomesWithinMs = 60_000;

export const textsOf = (language: "zh" | "en") => (language === "zh" ? waitlistZh : waitlistEn);

export async function trainOf(site: Site, trainNumber: string): Promise<TrainOffer> {
  const { trains } = await trainsTomorrow(site.url, way.from, way.to);
  return trains.find((train) => train.trainNumber === trainNumber)!;
}

/** All seats of a class are gone; the last of them are of people who have not paid yet. */
export async function sellOut(site: Site, train: TrainOffer, seatClass: SeatClass, keepers = 1) {
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
export async function toWaitlist(
  page: Page,
  language: "zh" | "en",
  train: string,
  seatClass: SeatClass,
): Promise<void> {
  const words = wordsOf(language);
  await page.goto(list);
  await page
    .locator(`.train[data-train="${train}"]`)
    .getByRole("link", { name: words.search.waitFor(train, words.classes[seatClass]) })
    .click();
  await page.locator(".join-title").waitFor();
}

export const submitName = (language: "zh" | "en") => ({ name: textsOf(language).join, exact: true }) as const;
export async function joinWaitlist(page: Page, language: "zh" | "en"): Promise<void> {
  await page.locator(".submit-bar").getByRole("button", submitName(language)).click();
  await page.locator(".pay").waitFor();
}

export async function logInHere(page: Page, language: "zh" | "en"): Promise<void> {
  const words = wordsOf(language);
  await page.getByRole("button", { name: words.book.loginFirst }).click();
  await logIn(page, words);
  await tick(page, railway.people[0]);
}

export const becomes = (
  page: Page,
  language: "zh" | "en",
  state: keyof typeof waitlistZh.states,
  timeout = becomesWithinMs,
) => page.getByRole("heading", { name: textsOf(language).states[state], exact: true }).waitFor({ timeout });

export const entryOf = (page: Page): Promise<WaitlistEntry> =>
  page.evaluate(async () => (await fetch(`/api${location.pathname}`)).json() as Promise<WaitlistEntry>);
