/** A ticket becomes another: paid for where it is dearer, at once where it is not, and not at all where somebody else was quicker. */
import { ticketEn } from "../messages/ticket.en.ts";
import { afterAll, expect, test } from "bun:test";
import type { TrainOffer } from "@chepiao/contracts";
import type { Page } from "playwright-core";
import { changeEn } from "../messages/change.en.ts";
import { changeZh } from "../messages/change.zh.ts";
import { en } from "../messages/en.ts";
import { zh, type Messages } from "../messages/zh.ts";
import { policySetting, timeToPay } from "../../server/testing/policy.ts";
import { closeBrowser, desktop, picture, type Site, startSite, visit } from "./browser.ts";
import { leaveOnly, register, trainsTomorrow } from "./people.ts";
import { expectAccessible, expectNoSideways, expectOneLanguage, logIn, payAtBank } from "./steps.ts";

afterAll(closeBrowser);

const change = {
  max: 1,
  grades: [{ hoursBefore: 0, percent: 5 }],
  differenceAfterDeparture: 20,
  destinationMinHours: 0,
};
const rules = policySetting({ ...timeToPay(900), change });

/** Two people with tickets of a train of tomorrow, at the page of their order; and another train of the same way. */
async function travellers(site: Site, page: Page, words: Messages, seatClass: "first" | "second") {
  const person = await register(site.url, 1);
  const { trains } = await trainsTomorrow(site.url, "北京", "上海");
  const own = trains.find(({ trainNumber }) => trainNumber === "G3")!;
  const isLike = ({ trainNumber, from, to, classes }: TrainOffer) =>
    trainNumber !== own.trainNumber &&
    from.stationId === own.from.stationId &&
    to.stationId === own.to.stationId &&
    classes.some((offer) => offer.seatClass === "business");
  const { orderNo } = await person.ask<{ orderNo: string }>("POST", "/api/order", {
    trainNumber: own.trainNumber,
    originDate: own.originDate,
    from: own.from.stationId,
    to: own.to.stationId,
    seatClass,
    passengers: person.passengerIds.map((passengerId) => ({ passengerId })),
  });
  await page.goto(`/order/${orderNo}`);
  await logIn(page, words, person);
  await payAtBank(page);
  await page.locator(".ticket .code").nth(1).waitFor();
  return { orderNo, other: trains.find(isLike)! };
}

const offerOf = (page: Page, words: string) => page.getByRole("link", { name: words, exact: false });

test("a dearer ticket is paid for before the old one is void, and its fare comes back", async () => {
  await using site = await startSite(rules);
  const { page, context, complaints } = await visit(site, { language: "en" });
  const { orderNo, other } = await travellers(site, page, en, "second");
  await picture(page, "change-order", true);
  await page.getByRole("link", { name: changeEn.change, exact: true }).click();
  await page.getByRole("checkbox").nth(1).uncheck();
  const offer = offerOf(page, changeEn.choose(other.trainNumber, en.classes.first));
  await offer.waitFor();
  await picture(page, "change-list");
  await expectAccessible(page, "choosing a train to change to");
  await expectNoSideways(page, "choosing a train to change to");
  await offer.click();
  const confirm = page.locator(".submit-bar .primary");
  await confirm.waitFor();
  expect(await page.locator(".change-rule").innerText()).toBe(changeEn.rules.notLater);
  await page.locator(".wishes").getByRole("radio", { name: /^D/ }).check();
  await picture(page, "change-quote", true);
  await expectAccessible(page, "what a change costs");
  await expectNoSideways(page, "what a change costs");
  await expectOneLanguage(page, "en", "what a change costs");
  await confirm.click();
  await page.locator(".pay").waitFor();
  await page.locator(".replaces").getByRole("link").waitFor();
  expect(await page.locator(".seat-of").innerText()).toEndWith("D");
  await picture(page, "change-pay", true);
  const changed = page.url();
  await page.locator(".replaces").getByRole("link").click();
  await page.locator(".ticket .code").nth(1).waitFor();
  await page.goto(changed);
  await payAtBank(page);
  await page.locator(".ticket .code").waitFor();
  await picture(page, "change-done", true);
  await expectAccessible(page, "an order that replaced a ticket");
  await page.locator(".replaces").getByRole("link").click();
  await page.locator(".changed-to").getByText(other.trainNumber).waitFor();
  expect(page.url()).toEndWith(`/order/${orderNo}`);
  expect(await page.locator(".ticket.void").getByText(ticketEn.states.changed).count()).toBe(1);
  expect(await page.locator(".ticket .code").count()).toBe(1);
  await picture(page, "change-old", true);
  await page.getByRole("link", { name: en.nav.orders }).first().click();
  await page.getByText(en.order.ticketsChanged(1, 2)).waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("who is late for the last seat keeps the old ticket; a cheaper one is valid at once, and nobody pays", async () => {
  await using site = await startSite(rules);
  const { page, context, complaints } = await visit(site, { width: desktop });
  const { orderNo, other } = await travellers(site, page, zh, "first");
  await page.goto(`/order/${orderNo}/change`);
  await offerOf(page, changeZh.choose(other.trainNumber, zh.classes.business)).click();
  const confirm = page.locator(".submit-bar .primary");
  await confirm.waitFor();
  await leaveOnly(site.url, other, "business", 1);
  await confirm.click();
  await page.getByText(changeZh.soldOut).waitFor();
  await page.getByText(changeZh.standsNote).waitFor();
  await picture(page, "change-late");
  await expectAccessible(page, "a change that came too late");
  await page.locator(".submit-bar").getByRole("link", { name: changeZh.backToTrains }).click();
  await offerOf(page, changeZh.choose(other.trainNumber, zh.classes.second)).click();
  await confirm.waitFor();
  await picture(page, "change-cheaper", true);
  await expectOneLanguage(page, "zh", "what a change costs");
  await confirm.click();
  await page.locator(".ticket .code").nth(1).waitFor();
  expect(await page.locator(".pay").count()).toBe(0);
  expect(await page.getByRole("link", { name: changeZh.change, exact: true }).count()).toBe(0);
  await page.locator(".replaces").getByRole("link").click();
  await page.getByRole("heading", { name: zh.order.states.changed }).waitFor();
  await page.locator(".changed-to").getByText(other.trainNumber).waitFor();
  await picture(page, "change-old-whole", true);
  await expectAccessible(page, "an order whose tickets were changed");
  expect(complaints).toEqual([]);
  await context.close();
});
