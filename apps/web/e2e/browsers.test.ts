/** Browsers of other years, and addresses that have been through other hands. */
import { afterAll, expect } from "bun:test";
import { en } from "../messages/en.ts";
import { zh } from "../messages/zh.ts";
import { closeBrowser, picture, startSite, visit } from "./browser.ts";
import { choose, logIn, search, submit, tick } from "./steps.ts";
import { railway, testByAnyRules } from "./railways.ts";

afterAll(closeBrowser);

testByAnyRules("a browser from the beginning of 2023 buys a ticket", async () => {
  await using site = await startSite();
  const { page, context, complaints } = await visit(site);
  await page.addInitScript(() => {
    const lacks = (holder: object, ...names: readonly string[]) => {
      for (const name of names) Reflect.deleteProperty(holder, name);
    };
    lacks(Map, "groupBy");
    lacks(Object, "groupBy");
    lacks(Promise, "withResolvers", "try");
    lacks(AbortSignal, "any");
    lacks(URL, "canParse", "parse");
    lacks(Array, "fromAsync");
    lacks(
      Object.getPrototypeOf(Object.getPrototypeOf([].values())) as object,
      "map",
      "filter",
      "some",
      "toArray",
      "take",
    );
    lacks(String.prototype, "isWellFormed", "toWellFormed");
  });
  await search(page, zh, "北京", "上海");
  await choose(page, zh, "G3", "second");
  await page.getByRole("button", { name: zh.book.loginFirst }).click();
  await logIn(page, zh);
  await tick(page, railway.people[0]);
  await submit(page, zh);
  await page.locator(".pay").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

testByAnyRules("a browser that is too old for the site is told so, in the language of its reader", async () => {
  await using site = await startSite();
  for (const [language, said] of [
    ["zh", /版本过低/],
    ["en", /too old for this site/],
  ] as const) {
    const { page, context } = await visit(site, { language });
    await page.addInitScript(() => Reflect.deleteProperty(Array.prototype, "toSorted"));
    await page.goto("/");
    await page.getByRole("alert").filter({ hasText: said }).waitFor();
    await picture(page, `old-browser-${language}`);
    await context.close();
  }
});

testByAnyRules("a link that was passed on works with all that was hung onto it", async () => {
  await using site = await startSite();
  const { page, context, complaints } = await visit(site, { language: "en" });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const marks = "utm_source=wechat&utm_medium=social&fbclid=x%20y&gclid=1&_t=%E2%9C%93&from=BEIJINGNAN";
  await page.goto(`/?from=${encodeURIComponent("北京")}&to=${encodeURIComponent("上海")}&${marks}#share`);
  await page.locator(".train").first().waitFor();
  await choose(page, en, "G3", "second");
  const booking = new URL(page.url());
  expect(booking.search).not.toContain("utm_");
  await page.goto(`${booking.pathname}/${booking.search}&${marks}`);
  await page.locator(".trip").waitFor();
  for (const path of ["/orders/?utm_source=mail", "/account?fbclid=1", "/help/?gclid=2#top"]) {
    const answer = await page.goto(path);
    expect(answer!.status()).toBe(200);
    expect(await page.getByRole("heading", { name: en.states.notFound }).count()).toBe(0);
  }
  // What is not ours is no business of the API, which refuses what it does not know.
  expect(asked.filter((url) => url.includes("/api/") && /utm_|clid/.test(url))).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});
