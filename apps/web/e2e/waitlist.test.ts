/** Waiting for what is sold out, in a browser: joining, prepaying, being served before one's eyes, or having the money back. */
import { afterAll, expect, test } from "bun:test";
import type { Order, WaitlistEntryTold } from "@chepiao/contracts";
import { waitlistEn } from "../messages/waitlist.en.ts";
import { closeBrowser, desktop, openPage, phone, picture, startSite, visit } from "./browser.ts";
import { expectAccessible, expectNoSideways, expectOneLanguage, payAtBank, tick, wordsOf } from "./steps.ts";
import {
  becomes,
  becomesWithinMs,
  entryOf,
  joinWaitlist,
  list,
  logInHere,
  sellOut,
  textsOf,
  toWaitlist,
  trainOf,
} from "./waitlistSteps.ts";

afterAll(closeBrowser);

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
