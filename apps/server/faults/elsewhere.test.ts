/** What is looked at while a fault lasts finds it wrong that there is no fault, and that something else notices it. */
import { expect, test } from "bun:test";
import { PayableNoText } from "@chepiao/contracts";
import Value from "typebox/value";
import { payersWait, wrongSearches } from "./elsewhere.ts";

const line = { users: [{ token: "one" }, { token: "two" }] };

async function asked(answer: (path: string) => Promise<Response>, forMs: number) {
  const paths: string[] = [];
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      paths.push(pathname);
      return answer(pathname);
    },
  });
  const site = { platform: { gatewayUrl: `http://127.0.0.1:${server.port}` } };
  return { wrong: await payersWait(site, { line }, forMs), paths };
}

test("300 people who ask about an order each, and hear nothing, are how it should be", async () => {
  const { wrong, paths } = await asked(() => new Promise(() => {}), 1_000);
  expect(wrong).toEqual([]);
  expect(paths.length).toBeGreaterThan(0);
  // What no contract knows would be refused by the gateway, and nobody would wait.
  for (const path of paths)
    expect([path, Value.Check(PayableNoText, path.slice("/api/payment/".length))]).toEqual([path, true]);
});

test("who is let go at the end did not leave before it", async () => {
  // Some sleeps end early: of so many at least one.
  for (let n = 0; n < 20; n++) {
    const { wrong } = await asked(() => new Promise(() => {}), 40 + n / 20);
    expect(wrong).toEqual([]);
  }
});

test("where the role answers there is no fault, and the check says so", async () => {
  const { wrong } = await asked(async () => new Response("no such order", { status: 404 }), 1_000);
  expect(wrong).toEqual([expect.stringMatching(/^\d+ of 300 payers did not wait .*: HTTP\/1\.1 404 Not Found$/)]);
});

test("searches that fail, wait for the silence, or are all slower than before are wrong", () => {
  const before = { tookMs: [20, 30, 40], failed: [] };
  const during = (tookMs: readonly number[], failed: readonly string[] = []) =>
    wrongSearches(before, { tookMs, failed }, 8_000);
  expect(during([20, 900, 30, 3_900])).toEqual([]);
  expect(during([20, 30, 4_100])).toEqual([expect.stringContaining("took 4100 ms")]);
  expect(during([20, 1_100, 1_200])).toEqual([expect.stringContaining("searches took 1100 ms")]);
  expect(during([20], ["503"])).toEqual([expect.stringContaining("answered 503")]);
  expect(during([])).toEqual([expect.stringContaining("no search was answered")]);
  // A machine that is slow is slow before, too.
  expect(wrongSearches({ tookMs: [400], failed: [] }, { tookMs: [1_900], failed: [] }, 8_000)).toEqual([]);
});
