/**
 * What a page does by itself, and is the same whatever platform answers it: a login that is declined, a session
 * that ends, a clock that is wrong, the way back, a finger that presses twice, a form with errors, no network.
 */
import { accountEn } from "../messages/account.en.ts";
import { afterAll, expect, test } from "bun:test";
import { type Order, problemOf, refusal } from "@chepiao/contracts";
import type { Page } from "playwright-core";
import { closeBrowser, openBrowser, openPage, phone, picture, startSite, visit } from "./browser.ts";
import {
  atBooking,
  choose,
  expectAccessible,
  expectOneLanguage,
  listOf,
  logIn,
  payAtBank,
  submit,
  tick,
  wordsOf,
} from "./steps.ts";
import { dayText } from "../lib/format.ts";
import { policySetting, timeToPay } from "../../server/testing/policy.ts";
import { railway, testByAnyRules } from "./railways.ts";

afterAll(closeBrowser);

const zh = wordsOf("zh");
const en = wordsOf("en");

const orderOf = (page: Page): Promise<Order> =>
  page.evaluate(async () => (await fetch(`/api${location.pathname}`)).json() as Promise<Order>);

test("who has an order to pay is led to it when he books another, and who buys out of hours hears when they begin", async () => {
  await using site = await startSite(policySetting({ order: { unpaidMax: 1 } }));
  const { page, context } = await visit(site, { language: "en" });
  await atBooking(site, page, "G3", "second", en);
  await submit(page, en);
  await page.locator(".pay").waitFor();
  const open = new URL(page.url()).pathname;
  await page.goto(`${site.url}${listOf()}`);
  await choose(page, en, "G1", "second");
  // Whom he took last is chosen already.
  if ((await page.getByRole("checkbox", { checked: true }).count()) === 0) await tick(page, railway.people[0]);
  // As a railway with hours answers at night.
  const closed = problemOf(refusal("ServiceClosed", { opensAt: "2026-12-02T05:00:00+08:00" }), "en");
  await page.route("**/api/order", (route) =>
    route.request().method() === "POST" ? route.fulfill({ status: closed.status, json: closed }) : route.continue(),
  );
  await submit(page, en);
  await page.getByText(en.book.serviceFrom(`${dayText("2026-12-02", en)} 05:00`)).waitFor();
  await page.unroute("**/api/order");
  await page.route("**/api/search/calendar", async (route) => {
    const response = await route.fetch();
    const [closesAt, opensAt] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
    await route.fulfill({ response, json: { ...(await response.json()), pause: { closesAt, opensAt } } });
  });
  await page.reload();
  await page.getByText(en.search.notSoldNow).waitFor();
  expect(await page.locator(".submit-bar button").isDisabled()).toBe(true);
  await page.unroute("**/api/search/calendar");
  await page.reload();
  await submit(page, en);
  await page.getByRole("link", { name: en.book.toOpenOrder }).click();
  await page.locator(".pay").waitFor();
  expect(new URL(page.url()).pathname).toBe(open);
  await expectOneLanguage(page, "en", "the open order");
  await context.close();
});

testByAnyRules("a login that is declined on one's own device leaves everything as it was", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site);
  await atBooking(site, page, "G3", "second", zh, true);
  await context.clearCookies({ name: "chepiao_session" });
  await submit(page, zh);
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await page.getByRole("checkbox", { name: railway.people[0] }).isChecked()).toBe(true);
  await submit(page, zh);
  await logIn(page, zh);
  await page.locator(".pay").waitFor();
  await context.close();
});

testByAnyRules("a login that is declined on a device that others use leaves nothing of the one before", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site);
  await atBooking(site, page);
  await context.clearCookies({ name: "chepiao_session" });
  await submit(page, zh);
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForURL(`${site.url}/`);
  await page.locator(".start").first().waitFor();
  expect(await page.getByRole("checkbox", { name: railway.people[0] }).count()).toBe(0);
  await context.close();
});

testByAnyRules(
  "a countdown on a machine whose clock is wrong by hours is the platform's, also after a reload",
  async () => {
    await using site = await startSite(policySetting(timeToPay(900)));
    const { page, context } = await visit(site);
    await page.addInitScript(() => {
      const wrongByMs = -5 * 3_600_000;
      const right = Date.now.bind(Date);
      Date.now = () => right() + wrongByMs;
    });
    await atBooking(site, page);
    await submit(page, zh);
    const minutesLeft = async () => {
      await page.getByTestId("countdown").waitFor();
      return Number((await page.getByTestId("countdown").textContent())!.split(":")[0]);
    };
    expect(await minutesLeft()).toBeWithin(13, 16);
    await page.reload();
    expect(await minutesLeft()).toBeWithin(13, 16);
    await context.close();
  },
);

testByAnyRules("Back leads where it should from every step, and loses nothing", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site);
  await page.goto("/");
  await page.goto(listOf());
  await page.locator(".train").first().waitFor();
  await page.getByRole("button", { name: zh.search.filters }).click();
  await page.getByRole("dialog").getByRole("button", { name: zh.types.highSpeed }).click();
  await expectAccessible(page, "filters");
  expect(page.url()).toContain("type=highSpeed");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.waitForURL(/type=highSpeed/);
  await choose(page, zh, "G3", "second");
  await page.getByRole("button", { name: zh.book.loginFirst }).click();
  await logIn(page, zh);
  await tick(page, railway.people[0], railway.people[1]);
  await submit(page, zh);
  await page.locator(".pay .primary").click();
  await page.waitForURL(/\/sandbox\/pay\//);

  await page.goBack();
  await page.locator(".pay .primary").waitFor();
  expect(await page.locator(".pay .primary").getAttribute("aria-disabled")).not.toBe("true");
  await page.goBack();
  await page.getByRole("checkbox", { name: railway.people[1] }).waitFor();
  expect(await page.getByRole("checkbox", { name: railway.people[1] }).isChecked()).toBe(true);
  await page.goBack();
  await page.locator(".train").first().waitFor();
  expect(page.url()).toContain("type=highSpeed");
  await page.goBack();
  await page.locator(".start").first().waitFor();
  await context.close();
});

testByAnyRules("wishes that cannot be met are said before payment, and choosing again keeps the party", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site, { language: "en" });
  await page.goto(listOf());
  await choose(page, en, "G3", "business");
  await page.getByRole("button", { name: en.book.loginFirst }).click();
  await logIn(page, en);
  await tick(page, ...railway.people);
  // Three people at the two windows and the one aisle of a row: two of them want the same letter.
  for (const name of railway.people) {
    await page
      .getByRole("group", { name: en.book.wishOf(name) })
      .getByRole("radio", { name: /^A / })
      .check();
  }
  await submit(page, en);
  await page.locator(".pay").waitFor();
  await picture(page, "unmet", true);
  await expectAccessible(page, "unmet");
  expect(await page.locator(".section-head .badge").count()).toBe(1);
  const order = page.url();
  await page.getByRole("button", { name: en.order.rechoose }).click();
  await page.getByRole("checkbox", { name: railway.people[2] }).waitFor();
  expect(await page.getByRole("checkbox", { name: railway.people[2] }).isChecked()).toBe(true);
  // Of an order that came to nothing nobody sits beside anybody; it is made again as it was.
  await page.goto(order);
  await page.getByRole("heading", { name: en.order.states.cancelled, level: 1 }).waitFor();
  expect(await page.locator(".section-head .badge").count()).toBe(0);
  await page.getByRole("link", { name: en.order.orderAgain }).click();
  await page.locator(".trip").getByText("G3").waitFor();
  const chosen = page.getByRole("checkbox", { checked: true });
  // The page asks for the passengers anew.
  await chosen.nth(railway.people.length - 1).waitFor();
  expect(await chosen.count()).toBe(railway.people.length);
  expect(await page.getByRole("radio", { name: en.classes.business }).isChecked()).toBe(true);
  await context.close();
});

testByAnyRules("a ticket that was opened once opens at the gate without a network", async () => {
  await using site = await startSite();
  const context = await (
    await openBrowser()
  ).newContext({ baseURL: site.url, viewport: { width: phone, height: 812 }, locale: "zh-CN" });
  const { page } = await openPage(context);
  await atBooking(site, page);
  await submit(page, zh);
  await payAtBank(page);
  await page.locator(".ticket .code").waitFor();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    // Its files are kept once it has taken over.
    while ((await caches.keys()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await context.setOffline(true);
  await page.reload();
  await page.locator(".ticket .code").waitFor();
  await page.getByText(zh.order.offline).waitFor();
  await picture(page, "ticket-offline", true);
  await context.setOffline(false);
  await page.getByText(zh.order.offline).waitFor({ state: "detached" });
  await context.close();
});

test("a search says what is wrong: no network, nothing found, a day not on sale yet", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site, { language: "en" });
  await page.goto("/");
  await page.locator("a.start").first().waitFor();
  await context.setOffline(true);
  await page.locator("a.start").first().click();
  await page.getByRole("heading", { name: en.search.offline }).waitFor();
  await picture(page, "offline");
  await expectAccessible(page, "offline");
  await context.setOffline(false);
  await page.locator(".train").first().waitFor();
  await page.locator(".date.closed input").first().check();
  await page
    .getByText(/Sale opens|On sale in/)
    .first()
    .waitFor();
  await picture(page, "not-yet");
  await expectAccessible(page, "not yet");
  const [reminder] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: en.search.remind }).click(),
  ]);
  expect(await Bun.file(await reminder.path()).text()).toContain("TRIGGER:-PT10M");
  await page.goto("/?from=nowhere&to=上海");
  await page.getByText("There is no such station.").waitFor();
  // Where no train goes all the way, two do. Their day is in the address, and in the name of the page.
  await page.goto("/?from=厦门&to=兰州");
  const toChange = page.getByRole("link", { name: en.search.toChange });
  await toChange.waitFor();
  expect(await page.getByText(en.search.live).isVisible()).toBe(false);
  await toChange.click();
  await page.locator(".journey").first().waitFor();
  const day = new URL(page.url()).searchParams.get("date")!;
  expect(await page.title()).toBe(`Xiamen → Lanzhou · ${dayText(day, en)} · ${en.brand}`);
  await page.goto("/?from=BEIJING&to=BEIJING");
  await page.getByText(en.search.sameplace).waitFor();
  // A messenger writes its own `from` into what is passed on.
  await page.goto("/?from=timeline&isappinstalled=0&to=上海");
  await page.getByRole("combobox", { name: en.search.from, exact: true }).waitFor();
  expect(await page.getByRole("combobox", { name: en.search.from, exact: true }).inputValue()).toBe("");
  expect(await page.getByText("There is no such station.").count()).toBe(0);
  await page.goto("/?from=北京&to=上海&from=groupmessage&isappinstalled=0");
  await page.locator(".train").first().waitFor();
  await context.close();
});

testByAnyRules(
  "a place that was typed is taken by Enter at once, by the keys, or by going on to the next field",
  async () => {
    await using site = await startSite();
    const { page, context } = await visit(site, { language: "en" });
    await page.goto("/");
    const from = page.getByRole("combobox", { name: en.search.from });
    const to = page.getByRole("combobox", { name: en.search.to });
    await from.click();
    await from.fill("gz");
    await from.press("Enter");
    await page.waitForURL(/from=/);
    expect(await from.inputValue()).toBe("Guangzhou");
    await to.click();
    await to.fill("shenzhen");
    await to.press("Tab");
    await page.locator(".train").first().waitFor();
    await page.getByRole("button", { name: en.search.change }).click();
    expect(await to.inputValue()).toBe("Shenzhen");
    await page.getByRole("button", { name: en.search.swap }).click();
    await page.waitForURL(/from=%E6%B7%B1%E5%9C%B3/);
    await from.click();
    const suggested = page.waitForResponse(/stations\?q=bei&/);
    await from.fill("bei");
    // The list of before stays until the answer is there, and Enter would then mean what was typed.
    await (await suggested).finished();
    await page.waitForFunction(() => document.querySelector("[role=option]")?.textContent.startsWith("Beijing"));
    for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "Enter"]) await from.press(key);
    await page.waitForURL(/from=BEIJING/);
    await from.click();
    await from.fill("nonsense");
    await page.locator(".station-none").waitFor();
    await from.press("Escape");
    expect(await from.inputValue()).toMatch(/^Beijing/);
    await context.close();
  },
);

test("errors of a form stand beside their fields", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site, { language: "en" });
  await page.goto("/");
  await page.getByRole("button", { name: en.nav.login }).click();
  await page.getByRole("button", { name: accountEn.auth.toRegister }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: accountEn.auth.submitRegister }).click();
  expect(await dialog.locator(".field-error").count()).toBe(5);
  await dialog.getByLabel(accountEn.account.username).fill("demo");
  await dialog.getByLabel(accountEn.account.password).fill("long-enough");
  await dialog.getByLabel(accountEn.account.realName, { exact: true }).fill("Li Lei");
  await dialog.getByLabel(accountEn.passenger.documentNumber).fill("123456");
  await dialog
    .getByLabel({ phone: accountEn.passenger.phone, email: accountEn.account.email }[railway.knownBy])
    .fill(railway.contact(1));
  await dialog.getByRole("button", { name: accountEn.auth.submitRegister }).click();
  await dialog.locator(".field.wrong").first().waitFor();
  await picture(page, "register-errors", true);
  await expectAccessible(page, "register");
  await context.close();
});

testByAnyRules(
  "a session that ends in the middle of booking is renewed in place, and the order goes through",
  async () => {
    await using site = await startSite();
    const { page, context } = await visit(site, { language: "en" });
    await atBooking(site, page, "G1", "second", en);
    await page
      .getByRole("group", { name: /seat preference/ })
      .getByRole("radio", { name: /^F/ })
      .check();
    await context.clearCookies({ name: "chepiao_session" });
    await submit(page, en);
    await page.getByRole("dialog", { name: accountEn.auth.expiredTitle }).waitFor();
    await picture(page, "session-ended");
    await expectAccessible(page, "session ended");
    await logIn(page, en);
    await page.locator(".pay").waitFor();
    expect((await orderOf(page)).tickets[0]!.seat).toMatch(/F$/);
    await context.close();
  },
);

testByAnyRules("a finger that presses twice buys once and pays once", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site);
  await atBooking(site, page);
  await page.getByRole("button", { name: zh.book.submit }).dblclick();
  await page.locator(".pay .primary").waitFor();
  await page.locator(".pay .primary").dblclick();
  await page.waitForURL(/\/sandbox\/pay\//);
  await page.locator("button.pay").click();
  await page.locator(".ticket").waitFor();
  await page.goto("/orders");
  await page.locator(".order-row").first().waitFor();
  expect(await page.locator(".order-row").count()).toBe(1);
  await context.close();
});
