/** The line on which purchases go from the thread that reads them to the one that decides. */
import { afterAll, expect, test } from "bun:test";
import { createSystemClock } from "@chepiao/adapters/system";
import { type OrderRequest, type Refusal, refusal } from "@chepiao/contracts";
import { createPrng, ok, refuse, type UserId } from "@chepiao/kernel";
import type { Purchase, SubmitCommand } from "@chepiao/services/order";
import { sendPurchases, takePurchases } from "./purchases.ts";

const clock = createSystemClock();
const open: MessagePort[] = [];
afterAll(() => open.forEach((port) => port.close()));

/** Both ends, and what went over the line from each. */
function lineTo(purchase: Purchase) {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const sent: { asked: string[]; answered: string[] } = { asked: [], answered: [] };
  const noted = (port: MessagePort, texts: string[]) => ({
    addEventListener: port.addEventListener.bind(port),
    start: () => port.start(),
    postMessage(text: string) {
      texts.push(text);
      port.postMessage(text);
    },
  });
  const reported: string[] = [];
  takePurchases(noted(port2, sent.answered), purchase, { clock, report: (message) => reported.push(message) });
  return { purchase: sendPurchases(noted(port1, sent.asked), clock), sent, reported };
}

const request: OrderRequest = {
  trainNumber: "G1",
  originDate: "2026-12-01",
  from: "北京南",
  to: 'S"\\2\n',
  seatClass: "second",
  passengers: [{ passengerId: 7 }, { passengerId: 8, preference: "window" }],
};
const asker = { address: "203.0.113.9", device: "phone", pass: null, proof: null, session: null };
const command = (n: number): SubmitCommand => ({
  userId: n as UserId,
  key: `k ${n}`,
  requestHash: `h${n}`,
  lines: [request],
  asker,
});
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

test("what is decided is what was asked, and what is answered is what was decided", async () => {
  const heard: SubmitCommand[] = [];
  const { purchase } = lineTo(async (asked) => {
    heard.push(asked);
    return ok({ status: 202, body: { orderNo: "E1", seats: ["车 1\n", 'a"b'] } });
  });
  expect(await purchase(command(1))).toEqual(
    ok({ status: 202, raw: "json", body: JSON.stringify({ orderNo: "E1", seats: ["车 1\n", 'a"b'] }) }),
  );
  expect(heard).toEqual([command(1)]);
});

test("a refusal crosses unchanged", async () => {
  const why: Refusal = refusal("MalformedRequest", { in: "body", n: 1, yes: true }, [{ path: "/a", message: "b\nc" }]);
  const { purchase } = lineTo(async () => refuse(why));
  expect(await purchase(command(1))).toEqual(refuse(why));
});

test("what comes in one turn goes in one message, and so do its answers", async () => {
  const { purchase, sent } = lineTo(async ({ userId }) => ok({ status: 202, body: userId }));
  const answers = await Promise.all(numbers(300).map((n) => purchase(command(n))));
  expect(answers.map((answer) => answer.ok && answer.value.body)).toEqual(numbers(300).map(String));
  expect([sent.asked.length, sent.answered.length]).toEqual([1, 1]);
  await purchase(command(1));
  expect([sent.asked.length, sent.answered.length]).toEqual([2, 2]);
});

test("everybody hears his own answer, in whatever order they are decided", async () => {
  const prng = createPrng(1);
  const { purchase } = lineTo(async ({ userId }) => {
    await Bun.sleep(prng.below(15));
    return userId % 3 === 0 ? refuse(refusal("SoldOut")) : ok({ status: 202, body: userId });
  });
  const ask = async (n: number) => {
    await Bun.sleep(prng.below(15));
    const answer = await purchase(command(n));
    return answer.ok ? answer.value.body : answer.error.code;
  };
  expect(await Promise.all(numbers(200).map(ask))).toEqual(
    numbers(200).map((n) => (n % 3 === 0 ? "SoldOut" : String(n))),
  );
});

test("a decision that fails is told, and answered as a fault of ours", async () => {
  const { purchase, reported } = lineTo(({ userId }) =>
    userId === 1 ? Promise.reject(new Error("broken")) : Promise.resolve(ok({ status: 202, body: 2 })),
  );
  const [failed, other] = await Promise.all([purchase(command(1)), purchase(command(2))]);
  expect(failed).toEqual(refuse(refusal("Internal")));
  expect(other.ok).toBe(true);
  expect(reported).toHaveLength(1);
});
