/** Waiting for what is sold out, in a browser: joining, prepaying, being served before one's eyes, or having the money back. */
import { afterAll, expect, test } from "bun:test";
import type { Order } from "@chepiao/contracts";
import { closeBrowser, desktop, looksHere, phone, picture, startSite, visit } from "./browser.ts";
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
import { moneyText, railway } from "./railways.ts";

afterAll(closeBrowser);

const looks = [
  { language: "en", width: desktop, dark: true },
  { language: "zh", width: phone, dark: false },
] as const;

test.each(looksHere(looks))(
  "who waits has the ticket that another gives up, before his eyes, and the difference back: $language, $width wide",
  async (here) => {
    const { language, width } = here;
    const words = wordsOf(language);
    const texts = textsOf(language);
    await using site = await startSite();
    await sellOut(site, await trainOf(site, "G5"), "business");
    const [one, other] = await sellOut(site, await trainOf(site, "G5"), "first", 2);
    await sellOut(site, await trainOf(site, "G7"), "business");
    const { page, context, complaints } = await visit(site, here);
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
    await tick(page, railway.people[1]);
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
      .getByText(words.order.returned(moneyText(prepayFen - order.totalFen, language)))
      .waitFor({ timeout: becomesWithinMs });
    await inspectPage("served");
    await page.getByRole("link", { name: texts.openTicket }).click();
    await page.locator(".ticket").nth(1).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  },
  360_000,
);
