/** The simulated log: groups share partitions out, lose nothing that was appended, and take a record twice rather than never. */
import { drainMicrotasks } from "bun:jsc";
import { expect, test } from "bun:test";
import type { LogRecord } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { LogUnavailable } from "@chepiao/ports/log";
import { chanceOf } from "../../core/chance.ts";
import { createLife } from "../../core/life.ts";
import { createReach } from "../../core/reach.ts";
import { createScheduler } from "../../core/scheduler.ts";
import { createLogEngine } from "./log.ts";

function createWorld() {
  const scheduler = createScheduler();
  const reach = createReach({ scheduler, chance: chanceOf(1, "world"), fired: () => {} });
  const log = createLogEngine({ reach, scheduler, fired: () => {} });
  const heard: string[] = [];
  let lives = 0;
  const live = () => {
    const name = `life ${++lives}`;
    const machineNow = () => epochMs(Math.floor(scheduler.now() / 1_000));
    const life = createLife({ name, chance: chanceOf(1, name), scheduler, machineNow });
    return { life, port: log.portOf(life) };
  };
  const consume = (handle: (refundNos: readonly string[]) => Promise<void> = async () => {}) => {
    const { life, port } = live();
    const consumption = port.consume({
      group: "g",
      topics: ["payment-settled-topic"],
      batchMax: 10,
      async handle(records) {
        const nos = records.map(({ value }) => (value as { refundNo: string }).refundNo);
        await handle(nos);
        heard.push(...nos);
      },
    });
    return { life, consumption };
  };
  const append = (...nos: readonly number[]) =>
    live().port.append(
      nos.map(
        (n) =>
          ({
            topic: "payment-settled-topic",
            key: `run ${n % 5}`,
            value: { refundNo: `R${n}` },
          }) as unknown as LogRecord,
      ),
    );
  function run(seconds: number) {
    // What the test itself has begun, outside of any event.
    drainMicrotasks();
    scheduler.run(seconds * 1e6);
  }
  return { log, heard, consume, append, run };
}

const refunds = (count: number) => Array.from({ length: count }, (_, n) => `R${n}`);
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

test("a group hears everything, whoever its members are and whenever they die", () => {
  const { heard, consume, append, run } = createWorld();
  const first = consume();
  run(1);
  void append(...numbers(20));
  run(1);
  const second = consume();
  void append(...numbers(40).slice(20));
  run(0.002);
  first.life.kill();
  run(30);
  void append(...numbers(60).slice(40));
  run(5);
  expect(second.life.isAlive()).toBe(true);
  expect([...new Set(heard)].toSorted()).toEqual(refunds(60).toSorted());
});

test("a member that leaves hands over at once, one that dies after a session", () => {
  const { heard, consume, append, run } = createWorld();
  const leaving = consume();
  consume();
  run(1);
  void leaving.consumption[Symbol.asyncDispose]();
  run(1);
  void append(...numbers(10));
  run(1);
  expect(heard.toSorted()).toEqual(refunds(10).toSorted());
});

test("records of one key are heard in the order in which they were appended", () => {
  const { heard, consume, append, run } = createWorld();
  consume();
  for (let n = 0; n < 50; n += 5) {
    void append(n);
    run(0.1);
  }
  run(5);
  expect(heard).toEqual(refunds(50).filter((_, n) => n % 5 === 0));
});

test("I7: a group that forgets where it was hears everything once more", () => {
  const { log, heard, consume, append, run } = createWorld();
  consume();
  run(1);
  void append(...numbers(10));
  run(2);
  log.broker.rewind(Infinity);
  run(10);
  expect(heard.length).toBe(20);
});

test("an append that is not acknowledged may arrive: it says so, and does", () => {
  const { log, heard, consume, append, run } = createWorld();
  consume();
  run(1);
  log.weather.lateAppends = 1;
  let refused: unknown = null;
  append(1).catch((error: unknown) => (refused = error));
  run(5.1);
  expect(refused).toBeInstanceOf(LogUnavailable);
  expect((refused as LogUnavailable).mayArrive).toBe(true);
  run(30);
  expect(heard).toEqual(["R1"]);
});
