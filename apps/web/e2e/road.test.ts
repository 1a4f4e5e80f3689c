/** The whole road, on a fresh platform, as a person walks it: in both languages, on a phone and at a desk. */
import { afterAll, expect, test } from "bun:test";
import { closeBrowser, desktop, looksHere, phone, picture, startSite, visit } from "./browser.ts";
import {
  accountOf,
  choose,
  expectAccessible,
  expectNoSideways,
  expectOneLanguage,
  logIn,
  payAtBank,
  search,
  submit,
  tick,
  wordsOf,
  ticketOf,
} from "./steps.ts";
import { railway } from "./railways.ts";

afterAll(closeBrowser);

const roads = [
  { language: "zh", width: phone, dark: false },
  { language: "en", width: phone, dark: true },
  { language: "zh", width: desktop, dark: true },
  { language: "en", width: desktop, dark: false },
] as const;

/** So long it may take somebody who has never seen the site; a machine needs less. */
const roadMsMax = 180_000;

test.each(looksHere(roads))("two adjacent seats for tomorrow: $language, $width wide, dark $dark", async (probes) => {
  const { language, width } = probes;
  const words = wordsOf(language);
  await using site = await startSite();
  const { page, complaints, context } = await visit(site, probes);
  const startedMs = performance.now();
  const inspectPage = async (name: string, whole = false) => {
    await expectAccessible(page, name);
    await expectOneLanguage(page, language, name);
    await expectNoSideways(page, name);
    await picture(page, `${name}-${language}-${width < 600 ? "phone" : "desk"}`, whole);
  };

  await page.goto("/");
  await page.locator("a.start").first().waitFor();
  await inspectPage("home");
  await page.getByRole("combobox", { name: words.search.from }).click();
  await page.getByRole("combobox", { name: words.search.from }).fill("bj");
  await page.getByRole("option").nth(3).waitFor();
  await inspectPage("suggestions");
  await search(page, words, language === "zh" ? "北京" : "beijing", "sh");
  await inspectPage("trains");
  await page.locator(".train-number").nth(2).click();
  await page.locator(".stops li").nth(2).waitFor();
  await inspectPage("stops");
  await page.keyboard.press("Escape");

  await choose(page, words, "G3", "second");
  // At a desk the trip stands beside the form, on a phone over it.
  const [form, trip] = await Promise.all(
    [".book form .card:not(.trip)", ".book form .trip"].map((part) => page.locator(part).first().boundingBox()),
  );
  expect(trip!.x > form!.x + form!.width).toBe(width === desktop);
  await inspectPage("book-guest");
  await page.getByRole("button", { name: words.book.loginFirst }).click();
  await page.getByRole("dialog").waitFor();
  await inspectPage("login");
  await logIn(page, words);
  await tick(page, railway.people[0], railway.people[1]);
  await page
    .getByRole("group", { name: words.book.wishOf(railway.people[0]) })
    .getByRole("radio", { name: /^D/ })
    .check();
  await page
    .getByRole("group", { name: words.book.wishOf(railway.people[1]) })
    .getByRole("radio", { name: /^F/ })
    .check();
  await page.getByRole("button", { name: words.book.mapShow }).click();
  await page.locator(".coach").waitFor();
  await inspectPage("book", true);
  await submit(page, words);

  await page.locator(".pay").waitFor();
  expect(await page.locator(".seat-of").allTextContents()).toHaveLength(2);
  expect(await page.locator(".seat-list").locator("..").textContent()).toContain(words.order.together.adjacent);
  await inspectPage("pay", true);
  await payAtBank(page);
  await page.locator(".ticket").nth(1).waitFor();
  expect(performance.now() - startedMs).toBeLessThan(roadMsMax);
  await inspectPage("tickets", true);

  await page.getByRole("button", { name: ticketOf(words).refund, exact: true }).click();
  await page.getByRole("dialog").getByRole("checkbox").first().check();
  await inspectPage("refund");
  await page.getByRole("dialog").locator(".primary").click();
  await page.locator(".ticket.void").waitFor();
  await page.getByText(ticketOf(words).states.refunded, { exact: true }).waitFor();
  await inspectPage("refunded", true);

  await page.getByRole("link", { name: words.nav.orders }).first().click();
  await page.locator(".order-row").first().waitFor();
  await inspectPage("orders");
  await page.getByRole("link", { name: words.nav.account }).click();
  await page
    .locator(".rows li")
    .nth(railway.people.length - 1)
    .waitFor();
  await inspectPage("account", true);
  await page.locator(".unread").waitFor();
  await page.getByRole("link", { name: accountOf(words).account.show, exact: true }).click();
  // Booked, returned, and paid back.
  await page.locator(".notification[data-unread]").nth(2).waitFor();
  await inspectPage("notifications", true);
  await page.locator(".section-head").getByRole("button").click();
  await page.locator(".notification[data-unread]").first().waitFor({ state: "detached" });
  await page.locator(".unread").waitFor({ state: "detached" });
  await page.goto("/no/such/page");
  await page.getByRole("heading", { name: words.states.notFound, level: 1 }).waitFor();
  // Help, whom to ask, terms, privacy and access are at the foot of every page.
  for (const to of ["/help", "/help/contact", "/help/terms", "/help/privacy", "/help/accessibility"])
    expect(await page.getByRole("contentinfo").locator(`a[href="${to}"]`).count()).toBe(1);
  await inspectPage("not-found");
  expect(complaints).toEqual([]);
  await context.close();
});
