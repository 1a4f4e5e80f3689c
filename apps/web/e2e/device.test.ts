/** Whose device it is decides what is left on it when a session has ended by itself. */
import { afterAll, expect } from "bun:test";
import type { Accepted } from "@chepiao/contracts";
import { closeBrowser, desktop, phone, picture, startSite, visit } from "./browser.ts";
import { register, trainsTomorrow } from "./people.ts";
import { testByAnyRules } from "./railways.ts";
import { accountOf, expectAccessible, logIn, payAtBank, wordsOf } from "./steps.ts";

afterAll(closeBrowser);

testByAnyRules.each([
  ["zh", phone, "own"],
  ["en", desktop, "shared"],
] as const)(
  "tickets stay where a user said that the device is their own, and nowhere else: %s, %d px, %s",
  async (language, width, whose) => {
    const words = wordsOf(language);
    await using site = await startSite();
    const person = await register(site.url);
    const { trains } = await trainsTomorrow(site.url, "beijing", "shanghai");
    const train = trains.find(({ classes }) =>
      classes.some(({ seatClass, free }) => seatClass === "second" && free > 0),
    )!;
    const { orderNo } = await person.ask<Accepted>("POST", "/api/order", {
      trainNumber: train.trainNumber,
      originDate: train.originDate,
      from: train.from.stationId,
      to: train.to.stationId,
      seatClass: "second",
      passengers: [{ passengerId: person.passengerIds[0] }],
    });
    const { page, context, complaints } = await visit(site, { language, width });
    await page.goto("/account");
    await page.getByRole("main").getByRole("button", { name: words.nav.login, exact: true }).click();
    const own = page.getByRole("dialog").getByRole("checkbox", { name: accountOf(words).auth.ownDevice });
    expect(await own.isChecked()).toBe(false);
    if (whose === "own") await own.check();
    await picture(page, `own-device-${language}`);
    await expectAccessible(page, `log-in (${language})`);
    await logIn(page, words, person);
    await page.goto(`/order/${orderNo}`);
    await payAtBank(page);
    await page.locator(".ticket .code").waitFor();

    const keptIn = () =>
      page.evaluate(
        (key) => [localStorage, sessionStorage].map((storage) => storage.getItem(key) !== null),
        `chepiao.order.${orderNo}`,
      );
    expect(await keptIn()).toEqual(whose === "own" ? [true, false] : [false, true]);

    // Logged out elsewhere; this page has not heard of it.
    await person.ask("DELETE", "/api/user/sessions");
    await page.reload();
    await page.getByRole("dialog").waitFor();
    if (whose === "own") {
      await page.keyboard.press("Escape");
      await page.locator(".ticket .code").waitFor();
      expect(await keptIn()).toEqual([true, false]);
    } else {
      expect(await page.locator(".ticket").count()).toBe(0);
      await page.keyboard.press("Escape");
      await page.waitForURL(/\/$/);
      expect(await keptIn()).toEqual([false, false]);
      await page.goBack().catch(() => {});
      expect(await page.locator(".ticket").count()).toBe(0);
    }
    expect(complaints).toEqual([]);
    await context.close();
  },
);
