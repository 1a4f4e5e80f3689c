/**
 * A buyer who buys a ticket five times a second whatever happens, never waits for an earlier answer, and notes when each was
 * answered and when its order was a row. What was bought is cancelled at once, so that limits and seats never stand in the way.
 */
import type { Accepted, Order } from "@chepiao/contracts";
import type { Answers } from "../testing/passengers.ts";
import type { TestUser, World } from "../testing/world.ts";
import type { Attempt } from "./recovery.ts";

export type Probe = {
  readonly attempts: readonly Attempt[];
  /** Buys no more; resolves when it knows what became of everything. */
  stop(): Promise<void>;
};

export type ProbeOptions = {
  readonly url: string;
  /** Trains and a day that nobody else needs. */
  readonly world: Pick<World, "trains" | "stations" | "date">;
  /** Enough that nobody buys again before the last order ended. */
  readonly users: readonly TestUser[];
  /** Where it says what it was told, for the audit. */
  readonly record: Answers;
};

const everyMs = 200;
/** Longer than the gateway waits for a role. */
const answerWithinMs = 12_000;
const rowWithinMs = 60_000;
const pollFirstMs = 50;
const pollLastMs = 500;

type Open = { -readonly [Name in keyof Attempt]: Attempt[Name] };

export function startProbe({ url, world, users, record }: ProbeOptions): Probe {
  const attempts: Open[] = [];
  const underWay = new Set<Promise<void>>();
  let isStopped = false;

  function buyNext() {
    const n = attempts.length;
    const attempt: Open = { sentAt: performance.now(), answeredAt: null, status: null, writtenAt: null };
    attempts.push(attempt);
    const work = buy(attempt, n).finally(() => underWay.delete(work));
    underWay.add(work);
  }
  const timer = setInterval(buyNext, everyMs);

  async function buy(attempt: Open, n: number) {
    const user = users[n % users.length]!;
    const key = `probe-${world.date}-${n}`;
    record.sent.add(`${user.userId} ${key}`);
    const answer = await ask<Accepted>(user, "POST", "/api/order", requestOf(n, user), { "idempotency-key": key });
    if (!answer) return;
    attempt.answeredAt = performance.now();
    attempt.status = answer.status;
    if (answer.status !== 202) return;
    const { orderNo } = answer.body;
    record.accepted.set(`${user.userId} ${key}`, orderNo);
    attempt.writtenAt = await whenWritten(user, orderNo, attempt.answeredAt);
    await ask(user, "POST", `/api/order/${orderNo}/cancel`);
  }

  /** One stop far, on every train and part of the way in turn. */
  function requestOf(n: number, user: TestUser) {
    const from = n % (world.stations.length - 1);
    return {
      trainNumber: world.trains[n % world.trains.length]!,
      originDate: world.date,
      from: world.stations[from]!,
      to: world.stations[from + 1]!,
      seatClass: "second",
      passengers: [{ passengerId: user.passengerIds[0]! }],
    };
  }

  async function whenWritten(user: TestUser, orderNo: string, since: number): Promise<number | null> {
    // Many wait while nothing is written: each looks ever more rarely, but never later than half as long again.
    for (let pauseMs = pollFirstMs; performance.now() - since < rowWithinMs; pauseMs *= 1.3) {
      await Bun.sleep(Math.min(pauseMs, pollLastMs));
      const order = await ask<Order>(user, "GET", `/api/order/${orderNo}`);
      if (order?.status === 200 && order.body.state !== "accepted") return performance.now();
    }
    return null;
  }

  async function ask<T>(user: TestUser, method: string, path: string, body?: unknown, headers = {}) {
    try {
      const answer = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${user.token}`, "content-type": "application/json", ...headers },
        signal: AbortSignal.timeout(answerWithinMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as T };
    } catch {
      return null;
    }
  }

  return {
    attempts,
    async stop() {
      if (isStopped) return;
      isStopped = true;
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}
