/** What else comes to who waits: a second tab, what cannot be waited for, a network that fails, a time of decision that passes. */
import { afterAll, expect, test } from "bun:test";
import type { Railway, WaitlistEntry, WaitlistEntryTold } from "@chepiao/contracts";
import { waitlistEn } from "../messages/waitlist.en.ts";
import { waitlistZh } from "../messages/waitlist.zh.ts";
import { closeBrowser, openPage, picture, startSite, visit } from "./browser.ts";
import { moneyText, testByAnyRules } from "./railways.ts";
import { expectAccessible, expectNoSideways, expectOneLanguage, payAtBank, wordsOf } from "./steps.ts";
import {
  becomes,
  becomesWithinMs,
  entryOf,
  joinWaitlist,
  list,
  logInHere,
  sellOut,
  submitName,
  toWaitlist,
  trainOf,
} from "./waitlistSteps.ts";
import { policySetting } from "../../server/testing/policy.ts";

afterAll(closeBrowser);

/** The time of decision lies at least so far ahead when it is set. */
const aheadMsMin = 5_000;

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
    await tab.getByText(words.order.returned(moneyText(prepayFen, "en"))).waitFor({ timeout: becomesWithinMs });
  }
  await picture(page, "waitlist-cancelled", true);
  await expectOneLanguage(page, "en", "cancelled");
  expect(complaints).toEqual([]);
  await context.close();
});

test("what cannot be waited for is refused in words, with a way on, and costs nothing that was chosen", async () => {
  await using site = await startSite(policySetting({ waitlist: { pendingMax: 1, crowdingRatio: 0.1 } }));
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
  // With another train beside it, the page goes on without the one that is refused.
  await page.locator(".more-trains summary").click();
  await page.getByRole("checkbox", { name: /^G1 / }).check();
  await submitButton.click();
  await page.getByRole("button", { name: waitlistZh.withoutIt("G5") }).click();
  await page.locator(".join-title").getByText(/^G1 /).waitFor();
  expect(await page.getByRole("checkbox", { name: /^G1 / }).count()).toBe(0);

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

  await toWaitlist(page, "zh", "G1", "business");
  await page.locator(".more-trains summary").click();
  const another = page.getByRole("checkbox", { name: /^G5 / });
  await another.check();

  // Seats came back while somebody was choosing, and the page has not heard of it yet.
  await toWaitlist(page, "zh", "G5", "business");
  await page.route("**/api/search/tickets?*", (route) => route.abort());
  await keeper!.giveUp();
  await submitButton.click();
  await page.unroute("**/api/search/tickets?*");
  await page.locator(".submit-bar").getByRole("link", { name: waitlistZh.buy }).click();
  await page.getByRole("button", { name: words.book.submit }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/book");

  // Where they are of a train that was added, the request goes without it, and it can be taken away.
  await toWaitlist(page, "zh", "G1", "business");
  const leftOut = page.locator(".left-out").getByText(waitlistZh.leftOut.hasSeats);
  await leftOut.waitFor();
  expect(await another.isChecked()).toBe(true);
  await expectAccessible(page, "left out");
  await page.getByRole("button", { name: waitlistZh.takeAway }).click();
  await leftOut.waitFor({ state: "detached" });
  expect(await another.isChecked()).toBe(false);
  await context.close();
});

testByAnyRules(
  "a network that fails, an answer that is lost, and an entry that is nobody's are told, and nothing is joined twice",
  async () => {
    await using site = await startSite();
    await sellOut(site, await trainOf(site, "G5"), "business");
    const { page, context } = await visit(site, { language: "en" });
    await toWaitlist(page, "en", "G5", "business");
    const keptAddress = page.url();
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

    // One that is open lies behind a page of such as have ended, which are folded up.
    const [entry] = await page.evaluate(
      async () => ((await (await fetch("/api/waitlist")).json()) as { entries: WaitlistEntry[] }).entries,
    );
    await page.route("**/api/waitlist?*", (route) => {
      const isOlder = route.request().url().includes("before=");
      const ended = { ...entry, waitlistNo: "W00000000000000001", state: "expired" };
      return route.fulfill({ json: { entries: [isOlder ? entry : ended], next: isOlder ? null : entry!.waitlistNo } });
    });
    await page.reload();
    await page.getByRole("button", { name: waitlistEn.older }).click();
    await page.locator(".order-row", { hasText: waitlistEn.states.awaitingPrepayment }).waitFor();
    await page.unroute("**/api/waitlist?*");

    await page.goto("/waitlist/W00000000000000001");
    await page.getByText(waitlistEn.unknown).waitFor();
    await expectAccessible(page, "no such entry");
    await page.goto("/waitlist");
    await page.getByText(wordsOf("en").book.gone).waitFor();

    // The railway has ended its waitlist: nothing leads to it, and an address that was kept says so.
    await page.route("**/api/policy", async (route) => {
      const response = await route.fetch();
      const rules = (await response.json()) as Railway;
      return route.fulfill({ response, json: { ...rules, waitlist: { ...rules.waitlist, pendingMax: 0 } } });
    });
    await page.goto(list);
    await page.locator('.train[data-train="G5"] .offer.none').first().waitFor();
    await page.locator(".offer.wait").first().waitFor({ state: "detached" });
    await page.goto(keptAddress);
    await page.getByRole("heading", { name: waitlistEn.closed }).waitFor();
    await expectAccessible(page, "no waitlist");
    await page.goto(keptAddress.replace("/waitlist", "/book"));
    await page.locator(".alternatives").waitFor();
    await page.locator(".wait-offer").waitFor({ state: "detached" });
    await context.close();
  },
);

testByAnyRules(
  "an entry whose deadline passes says so by itself, and all the money is back",
  async () => {
    // Any minute is a time of decision here, so that one can be near whatever the hour is.
    const deadline = { latest: 20, choices: [], preset: 360 };
    await using site = await startSite(policySetting({ waitlist: { deadline } }));
    const { page, context, complaints } = await visit(site);
    const words = wordsOf("zh");
    await sellOut(site, await trainOf(site, "G5"), "business");
    await toWaitlist(page, "zh", "G5", "business");
    await logInHere(page, "zh");
    await joinWaitlist(page, "zh");
    await payAtBank(page);
    await becomes(page, "zh", "waiting");
    const { choices, prepayFen } = await entryOf(page);
    const leftMs = Date.parse(choices[0]!.departAt) - Date.now();
    await page.evaluate(
      async (deadlineMinutes) => {
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify({ deadlineMinutes });
        const answer = await fetch(`/api${location.pathname}/deadline`, { method: "PUT", headers, body });
        if (!answer.ok) throw new Error(await answer.text());
      },
      Math.floor((leftMs - aheadMsMin) / 60_000),
    );
    await becomes(page, "zh", "expired", 60_000 + aheadMsMin + becomesWithinMs);
    await page.getByText(words.order.returned(moneyText(prepayFen, "zh"))).waitFor({ timeout: becomesWithinMs });
    await picture(page, "waitlist-expired", true);
    await expectAccessible(page, "expired");
    await expectOneLanguage(page, "zh", "expired");
    expect(complaints).toEqual([]);
    await context.close();
  },
  360_000,
);
