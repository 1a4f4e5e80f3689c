/**
 * What goes wrong in real life, in a real browser, and needs a platform that does its part: the last seat taken, money that
 * comes late, a platform that dies, an answer that is lost.
 */
import { afterAll, expect, test } from "bun:test";
import { secondMs } from "@chepiao/kernel";
import { blocksFreshMs } from "@chepiao/services/risk";
import type { Page } from "playwright-core";
import { closeBrowser, desktop, looksHere, phone, picture, type Site, startSite, visit } from "./browser.ts";
import { leaveOnly, register, trainsTomorrow } from "./people.ts";
import {
  atBooking,
  choose,
  expectAccessible,
  expectNoSideways,
  expectOneLanguage,
  listOf,
  logIn,
  payAtBank,
  submit,
  tick,
  wordsOf,
} from "./steps.ts";
import { appealEn } from "../messages/appeal.en.ts";
import { appealZh } from "../messages/appeal.zh.ts";
import { slideEn } from "../messages/slide.en.ts";
import { slideZh } from "../messages/slide.zh.ts";
import { policySetting, timeToPay } from "../../server/testing/policy.ts";
import { railway, testByAnyRules } from "./railways.ts";

afterAll(closeBrowser);

const zh = wordsOf("zh");
const en = wordsOf("en");

testByAnyRules(
  "two tabs race for the last seat: one gets it, the other is told and goes on with another, losing nothing",
  async () => {
    await using site = await startSite();
    const { trains } = await trainsTomorrow(site.url, "北京", "上海");
    const train = trains.find(({ trainNumber }) => trainNumber === "G3")!;
    await leaveOnly(site.url, train, "business", 1);
    const { page: first, context } = await visit(site);
    await atBooking(site, first, "G3", "business");
    const other = await register(site.url);
    const { page: second, context: otherContext } = await visit(site, { language: "en" });
    await second.goto(listOf());
    await choose(second, en, "G3", "business");
    await second.getByRole("button", { name: en.book.loginFirst }).click();
    await logIn(second, en, other);
    await second.getByRole("checkbox").first().check();
    await second
      .getByRole("group", { name: /seat preference/ })
      .getByRole("radio", { name: /^F/ })
      .check();

    await Promise.all([submit(first, zh), submit(second, en)]);
    const outcome = async (page: Page) => {
      await page.locator(".pay, .alternatives").first().waitFor();
      return (await page.locator(".pay").count()) > 0 ? "bought" : "told";
    };
    expect([await outcome(first), await outcome(second)].sort()).toEqual(["bought", "told"]);
    const loser = (await outcome(first)) === "told" ? { page: first, words: zh } : { page: second, words: en };
    await expectAccessible(loser.page, "sold out");
    await expectOneLanguage(loser.page, loser.words === zh ? "zh" : "en", "sold out");
    await picture(loser.page, "sold-out", true);
    expect(await loser.page.getByRole("checkbox").first().isChecked()).toBe(true);
    await loser.page.locator(".alternative").first().click();
    await loser.page.locator(".alternatives").waitFor({ state: "detached" });
    expect(await loser.page.getByRole("checkbox").first().isChecked()).toBe(true);
    await submit(loser.page, loser.words);
    await loser.page.locator(".pay").waitFor();
    await context.close();
    await otherContext.close();
  },
);

test("money that comes after the order was cancelled is explained, and goes back", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site);
  await atBooking(site, page);
  await submit(page, zh);
  await payAtBank(page, "captureLate", 3);
  await page.getByText(zh.order.waitingBank).waitFor();
  await picture(page, "waiting-for-bank", true);
  await page.getByRole("button", { name: zh.order.cancel }).click();
  await page.getByRole("button", { name: zh.order.cancel }).click();
  await page.getByRole("heading", { name: zh.order.states.cancelled }).waitFor();
  await page.getByText(zh.order.lateTitle).waitFor({ timeout: 60_000 });
  await page.getByText(/已原路退回/).waitFor({ timeout: 60_000 });
  await picture(page, "late-payment", true);
  await expectAccessible(page, "late payment");
  await context.close();
});

testByAnyRules("an order that nobody pays ends before the eyes of its owner", async () => {
  await using site = await startSite(policySetting(timeToPay(20)));
  const { page, context } = await visit(site, { language: "en" });
  await atBooking(site, page, "G3", "second", en);
  await submit(page, en);
  await page.getByTestId("countdown").waitFor();
  await page.getByRole("heading", { name: en.order.states.expired }).waitFor({ timeout: 80_000 });
  await picture(page, "expired", true);
  await context.close();
});

testByAnyRules(
  "the platform is killed and started again while the page is open: the page says so and catches up by itself",
  async () => {
    await using site = await startSite();
    const { page, context, complaints } = await visit(site);
    await atBooking(site, page);
    await submit(page, zh);
    await page.getByText(zh.order.live).waitFor();
    const before = await page.getByTestId("countdown").textContent();
    await site.kill();
    await page.getByText(zh.order.polling).waitFor();
    await picture(page, "platform-down", true);
    await site.start();
    await page.getByText(zh.order.live).waitFor({ timeout: 60_000 });
    expect(Number((await page.getByTestId("countdown").textContent())!.slice(0, 2))).toBeLessThanOrEqual(
      Number(before!.slice(0, 2)),
    );
    await payAtBank(page);
    await page.locator(".ticket").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  },
);

testByAnyRules("an order sent into silence is not bought twice", async () => {
  await using site = await startSite();
  const { page, context } = await visit(site, { language: "en" });
  await atBooking(site, page, "G3", "second", en);
  // The platform hears the order, and its answer is lost.
  await page.route("**/api/order", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await submit(page, en);
  await page.getByText(en.book.unsure).waitFor();
  await picture(page, "no-answer", true);
  await page.unroute("**/api/order");
  await page.reload();
  await page.getByRole("checkbox", { name: railway.people[0] }).waitFor();
  await submit(page, en);
  await page.locator(".pay").waitFor();
  await page.goto("/orders");
  await page.locator(".order-row").first().waitFor();
  expect(await page.locator(".order-row").count()).toBe(1);
  await context.close();
});

const doubted = [
  { language: "en", width: phone },
  { language: "zh", width: desktop },
] as const;
testByAnyRules.each(looksHere(doubted))(
  "who is doubted waits a moment and has the order, by keyboard too; who is blocked reads a reference, appeals and reads the answer: $language, $width wide",
  async (probes) => {
    const { language } = probes;
    const words = wordsOf(language);
    const rules = [{ signal: "accountPerMinute", over: 0, points: 100 } as const];
    await using site = await startSite(policySetting({ risk: { mode: "on", workBits: 8, rules } }));
    const { page, complaints, context } = await visit(site, probes);
    await atBooking(site, page, "G3", "second", words);
    // The answer waits until the page has been looked at.
    let isHeld = true;
    await page.route("**/api/challenges/answer", async (route) => {
      while (isHeld) await Bun.sleep(100);
      await route.continue();
    });
    await page.getByRole("button", { name: words.book.submit }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: words.book.checking }).waitFor();
    await expectAccessible(page, "challenge");
    await expectNoSideways(page, "challenge");
    await expectOneLanguage(page, language, "challenge");
    await picture(page, `challenge-${language}`, true);
    isHeld = false;
    await page.waitForURL(/\/order\/E/);
    await site.chepiao("risk", "block", "address:127.0.0.1", "--reason", "resells tickets");
    // The platform reads blocks every two seconds, and nothing on the page says that it has.
    await Bun.sleep(2 * blocksFreshMs + secondMs);
    await page.goto(`${site.url}${listOf()}`);
    await choose(page, words, "G1", "second");
    await tick(page, railway.people[0]);
    await submit(page, words);
    await page.getByText(words.book.blockedAs(""), { exact: false }).waitFor();
    await expectAccessible(page, "blocked");
    await expectOneLanguage(page, language, "blocked");
    await picture(page, `blocked-${language}`, true);
    await page.getByRole("link", { name: words.book.toAppeal }).click();
    await appeals(site, page, language);
    expect(complaints).toEqual([]);
    await context.close();
  },
);

async function appeals(site: Site, page: Page, language: "zh" | "en"): Promise<void> {
  const texts = language === "zh" ? appealZh : appealEn;
  const said = language === "zh" ? "我只为家人购票。" : "we buy for our family <b>only</b>.";
  const looked = async (what: string) => {
    await expectAccessible(page, what);
    await expectNoSideways(page, what);
    await expectOneLanguage(page, language, what);
    await picture(page, `${what}-${language}`, true);
  };
  await page.getByRole("button", { name: texts.send }).click();
  await page.getByText(texts.empty, { exact: true }).waitFor();
  await looked("appeal-form");
  await page.getByRole("textbox", { name: texts.text }).fill(said);
  await page.getByRole("button", { name: texts.send }).click();
  await page.getByText(texts.state.open).waitFor();
  await page.getByText(said, { exact: true }).waitFor();
  await looked("appeal-waits");
  const reference = page.url().split("/").at(-1)!;
  const answer = language === "zh" ? "抱歉，封禁有误。" : "sorry, that was our mistake.";
  await site.chepiao("risk", "appeal", reference, "grant", "--reason", answer);
  await page.goto(`${site.url}/account`);
  await page.getByText(texts.short.granted).waitFor();
  await page.getByRole("link", { name: reference }).click();
  await page.getByText(texts.state.granted).waitFor();
  await page.getByText(answer).waitFor();
  await looked("appeal-granted");
}

const doubtedMuch = [
  { language: "en", width: phone, by: "pointer" },
  { language: "zh", width: desktop, by: "keys" },
] as const;
testByAnyRules.each(looksHere(doubtedMuch))(
  "who is doubted much puts a picture right, by $by: wrong once, then with another picture, and the order is placed: $language, $width wide",
  async (probes) => {
    const { language, by } = probes;
    const words = wordsOf(language);
    const texts = language === "zh" ? slideZh : slideEn;
    const rules = [{ signal: "accountPerMinute", over: 0, points: 200 } as const];
    await using site = await startSite(policySetting({ risk: { mode: "on", workBits: 8, rules } }));
    const { page, complaints, context } = await visit(site, probes);
    await atBooking(site, page, "G3", "second", words);
    await submit(page, words);
    const handle = page.getByRole("slider", { name: texts.handle });
    await handle.waitFor();
    await expectAccessible(page, "slide");
    await expectNoSideways(page, "slide");
    await expectOneLanguage(page, language, "slide");
    await picture(page, `slide-${language}`, true);
    await handle.focus();
    for (let n = 0; n < 6; n++) await page.keyboard.press("ArrowRight");
    await Bun.sleep(200);
    await page.keyboard.press("Enter");
    await page.getByText(texts.wrong).waitFor();
    const board = page.locator(".slide-board img").first();
    const before = await board.getAttribute("src");
    await page.getByRole("button", { name: texts.another }).click();
    await page.waitForFunction(
      (known) => document.querySelector(".slide-board img")?.getAttribute("src") !== known,
      before,
    );
    const left = await gapIn(page);
    await (by === "keys" ? byKeys(page, left) : byPointer(page, left));
    await page.getByRole("button", { name: texts.confirm }).click();
    await page.waitForURL(/\/order\/E/);
    expect(complaints).toEqual([]);
    await context.close();
  },
);

/** As eyes see it: where the board is what the piece is, only darker. */
const gapIn = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const images = [...document.querySelectorAll<HTMLImageElement>(".slide-board img")];
    await Promise.all(images.map((image) => image.decode()));
    const [board, piece] = images.map((image) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext("2d")!;
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, canvas.width, canvas.height);
    });
    const top = Number.parseFloat(images[1]!.style.top);
    let best = { left: 0, off: Infinity };
    for (let left = 0; left <= board!.width - piece!.width; left++) {
      let off = 0;
      for (let y = 0; y < piece!.height; y++)
        for (let x = 0; x < piece!.width; x++) {
          const at = 4 * (y * piece!.width + x);
          if (piece!.data[at + 3] === 0) continue;
          const on = 4 * ((top + y) * board!.width + left + x);
          for (let part = 0; part < 3; part++)
            off += Math.abs(board!.data[on + part]! - 0.45 * piece!.data[at + part]!);
        }
      if (off < best.off) best = { left, off };
    }
    return best.left;
  });

async function byKeys(page: Page, left: number): Promise<void> {
  await page.getByRole("slider").focus();
  // As fast as a hand may: a place that is near is reached by few presses, and not within a fifth of a second.
  const press = async (key: string) => {
    await page.keyboard.press(key);
    await Bun.sleep(120);
  };
  for (let at = 0; at + 20 <= left; at += 20) await press("PageUp");
  for (let at = left - (left % 20); at < left; at += 2) await press("ArrowRight");
}

/** As a hand does it: slowly, quickly, slowly. */
async function byPointer(page: Page, left: number): Promise<void> {
  const { x, y, width, height } = (await page.getByRole("slider").boundingBox())!;
  const [fromX, fromY] = [x + width / 2, y + height / 2];
  await page.mouse.move(fromX, fromY);
  await page.mouse.down();
  for (let n = 1; n <= 20; n++) {
    const done = n / 20;
    await page.mouse.move(fromX + left * done * done * (3 - 2 * done), fromY + (n % 3));
    await Bun.sleep(15);
  }
  await page.mouse.up();
}
