/** Purchases at the doors of several processes, which share their keys, limits, seats and log. */
import { expect, test } from "bun:test";
import { type Coach, type Composition, type OrderAccepted, type Timetable, trainAndDateOf } from "@chepiao/contracts";
import { createIdSource, epochMs, minuteMs, type OrderId, type UserId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { LogUnavailable } from "@chepiao/ports/log";
import { createMemoryOrderStore } from "@chepiao/ports/order-store";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryPurchaseLoad } from "@chepiao/ports/purchase-load";
import { createSeededRandom } from "@chepiao/ports/random";
import { createMemoryReservations } from "@chepiao/ports/reservations";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createQueuePasses } from "@chepiao/room";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import { createTimetable, nobodyJudged, noon, passengersOf, quiet, requestOf, travelDate } from "../order.twin.ts";
import { createFindLogged } from "../store.ts";
import { createSubmit } from "./submit.ts";

const asker = { address: "127.0.0.1", device: null, pass: null, proof: null, session: null };

/** As a newer timetable has it: another composition was put to every train. */
function grownTimetable(timetable: Timetable): Timetable {
  const coaches = [{ no: 1, sections: [{ seatClass: "second", rows: 3 }] }] as const;
  return {
    ...timetable,
    version: 2,
    run(...named) {
      const run = timetable.run(...named);
      return run && { ...run, train: { ...run.train, composition: grownFrom(run.train.composition, coaches) } };
    },
  };
}
const grownFrom = (replaces: Composition, coaches: readonly Coach[]): Composition => ({
  code: "grown",
  coaches,
  replaces,
});

function createProcesses() {
  const clock = createManualClock(noon);
  const store = createMemoryOrderStore(createMemoryOutbox());
  const seats = createMemorySeatStore();
  const reservations = createMemoryReservations();
  const submissions = createMemorySubmissions();
  const timetable = createTimetable();
  /** Of the process that sells, where it has a newer one. */
  let sellsBy = timetable;
  /** Of those that are asked. */
  let asksBy = timetable;
  const appends: PromiseWithResolvers<void>[] = [];
  const logged: OrderAccepted[][] = [];
  const process = (node: number) =>
    createSubmit({
      clock,
      ids: createIdSource(node),
      timetable: () => asksBy,
      queues: { all: () => [], gateOf: () => null },
      risk: nobodyJudged,
      passes: createQueuePasses(createMemoryVault()),
      users: { passengers: passengersOf },
      inventory: {
        hold: (commands) =>
          seats.hold(
            commands.map((each) => ({ ...each, run: sellsBy.run(...trainAndDateOf(each.run.runId))! })),
            clock.now(),
          ),
        release: async (hold) => void (await seats.release(hold, clock.now())),
      },
      store,
      reservations,
      submissions,
      load: createMemoryPurchaseLoad(),
      random: createSeededRandom(node),
      log: {
        append(records) {
          const append = Promise.withResolvers<void>();
          appends.push(append);
          return append.promise.then(() => void logged.push(records.map(({ value }) => value as OrderAccepted)));
        },
      },
      find: async () => null,
      findLogged: createFindLogged(store, submissions),
      replyOf: ({ orderNo }) => ({ status: 202, body: { orderNo } }),
      report: () => {},
    });
  const submit = async (at: ReturnType<typeof process>) => {
    const lines = [requestOf(1)] as const;
    const command = { userId: 1 as UserId, key: "k", requestHash: "body", lines, asker };
    const outcome = await at.submit(command);
    return outcome.ok ? (outcome.value.body as Pick<OrderAccepted, "orderNo">).orderNo : outcome.error.code;
  };
  const run = timetable.run("G1", travelDate)!;
  const free = async () => (await seats.freeSeats({ run, fromStop: 0, toStop: 3 }, "second")).filter(Boolean).length;
  /** Another composition: who sells knows it first, and puts its seats on sale. */
  const grow = async () => {
    sellsBy = grownTimetable(timetable);
    await seats.setOffers([{ run: sellsBy.run("G1", travelDate)!, seatClass: "second", withdrawn: [] }], clock.now());
  };
  const learn = () => void (asksBy = sellsBy);
  const sellAll = () =>
    seats.hold(
      Array.from({ length: 10 }, (_, n) => ({
        holdId: (n + 1) as OrderId,
        line: 0,
        run,
        seatClass: "second" as const,
        fromStop: 0,
        toStop: 3,
        preferences: [null],
        deadline: epochMs(clock.now() + 60 * minuteMs),
      })),
      clock.now(),
    );
  return { processes: [process(1), process(2)] as const, clock, submit, appends, logged, free, grow, learn, sellAll };
}

test("I2: who repeats a purchase at another process is not told that it is accepted before the log has it", async () => {
  const { processes, submit, appends, logged } = createProcesses();
  const first = submit(processes[0]);
  await quiet();
  expect(appends.length).toBe(1);
  expect(await submit(processes[1])).toBe("Overloaded");
  appends[0]!.reject(new LogUnavailable("it is away", { mayArrive: false }));
  expect(await first).toBe("ServiceUnavailable");
  expect(logged).toEqual([]);
});

test("I7: who repeats a purchase at another process hears of the order once the log has it", async () => {
  const { processes, submit, appends, logged } = createProcesses();
  const first = submit(processes[0]);
  await quiet();
  appends[0]!.resolve();
  const orderNo = await first;
  expect(await submit(processes[1])).toBe(orderNo);
  expect(logged.flat().map((order) => order.orderNo as string)).toEqual([orderNo]);
});

test("I2, I7: a purchase that may still reach the log keeps its key and its seat, and is appended until that is known", async () => {
  const { processes, clock, submit, appends, logged, free } = createProcesses();
  const first = submit(processes[0]);
  await quiet();
  appends[0]!.reject(new LogUnavailable("it did not acknowledge in time"));
  expect(await first).toBe("ServiceUnavailable");
  expect(await free()).toBe(9);
  expect([await submit(processes[0]), await submit(processes[1])]).toEqual(["Overloaded", "Overloaded"]);
  await clock.advance(1_000);
  appends[1]!.reject(new LogUnavailable("it is away", { mayArrive: false }));
  await clock.advance(1_000);
  appends[2]!.resolve();
  await quiet();
  const [order] = logged.flat();
  expect([await submit(processes[0]), await submit(processes[1])]).toEqual([order!.orderNo, order!.orderNo]);
  await clock.advance(60 * minuteMs);
  expect([appends.length, logged.flat().length]).toEqual([3, 1]);
});

test("I2: a purchase that is not known to be in the log when its time to pay ends is not appended any more", async () => {
  const { processes, clock, submit, appends } = createProcesses();
  void submit(processes[0]);
  await quiet();
  for (let n = 0; n < 20 * 60; n++) {
    appends.at(-1)!.reject(new LogUnavailable("it did not acknowledge in time"));
    await clock.advance(1_000);
  }
  const attempts = appends.length;
  await clock.advance(60 * minuteMs);
  expect(appends.length).toBe(attempts);
  expect(attempts).toBeLessThanOrEqual(15 * 60 + 1);
});

test("a seat that another composition has added is not sold by a process that does not know it yet, and is in a moment", async () => {
  const { processes, submit, appends, logged, free, grow, learn, sellAll } = createProcesses();
  await sellAll();
  await grow();
  expect(await submit(processes[0])).toBe("ServiceUnavailable");
  expect([appends.length, await free()]).toEqual([0, 0]);
  learn();
  const bought = submit(processes[0]);
  await quiet();
  appends[0]!.resolve();
  expect(await bought).toBe(logged.flat()[0]!.orderNo);
  expect(logged.flat()[0]!.tickets.map(({ seatIndex, seat }) => [seatIndex, seat.replaceAll("\u2060", "")])).toEqual([
    [10, "01车03A"],
  ]);
});

test("a door that was closed appends nothing more by itself", async () => {
  const { processes, clock, submit, appends } = createProcesses();
  void submit(processes[0]);
  await quiet();
  appends[0]!.reject(new LogUnavailable("it did not acknowledge in time"));
  await quiet();
  processes[0].stop();
  await clock.advance(60 * minuteMs);
  expect(appends.length).toBe(1);
});
