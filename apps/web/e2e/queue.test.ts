/** Whoever wants to buy of a train with a queue before it waits on the booking page, keeps the place over a reload, and goes on at the own turn. */
import { afterAll, expect } from "bun:test";
import { closeBrowser, desktop, phone, startSite, visit } from "./browser.ts";
import {
  choose,
  expectAccessible,
  expectNoSideways,
  expectOneLanguage,
  logIn,
  search,
  submit,
  tick,
  wordsOf,
} from "./steps.ts";
import { railway, testByAnyRules } from "./railways.ts";
import { queueEn } from "../messages/queue.en.ts";
import { queueZh } from "../messages/queue.zh.ts";

afterAll(closeBrowser);

testByAnyRules.each([
  { language: "en", width: phone },
  { language: "zh", width: desktop },
] as const)("a queue is waited for on the page, and ends in the order: $language, $width wide", async (probes) => {
  const { language } = probes;
  const words = wordsOf(language);
  const texts = language === "zh" ? queueZh : queueEn;
  await using site = await startSite();
  const { page, complaints, context } = await visit(site, probes);
  await search(page, words, "bj", "sh");
  await choose(page, words, "G3", "second");
  const run = `G3/${new URL(page.url()).searchParams.get("date")}`;
  await site.chepiao("queue", "open", run, "--per-minute", "600", "--inside", "10");
  const announced = async () => (await (await fetch(`${site.url}/api/queue`)).json()) as { queues: object[] };
  for (let poll = 0; poll < 200 && (await announced()).queues.length === 0; poll++) await Bun.sleep(100);
  // Nobody is called before the page has been looked at.
  let isHeld = true;
  await page.route("**/api/queue/heartbeat", async (route) => {
    while (isHeld) await Bun.sleep(100);
    await route.continue();
  });
  await page.getByRole("button", { name: words.book.loginFirst }).click();
  await logIn(page, words);
  await tick(page, railway.people[0]);
  await submit(page, words);
  const notice = page.locator(".notice", { hasText: texts.title });
  await notice.waitFor();
  await page.locator(".queue-place", { hasText: texts.place("1", "0") }).waitFor();
  await expectAccessible(page, "queue");
  await expectNoSideways(page, "queue");
  await expectOneLanguage(page, language, "queue");
  await page.reload();
  await page.locator(".queue-place", { hasText: texts.place("1", "0") }).waitFor();
  isHeld = false;
  await page.waitForURL(/\/order\/E/);
  expect(complaints.filter((complaint) => !complaint.includes("409"))).toEqual([]);
  await context.close();
});
