/** Purchases at the doors of several processes, which share their keys, limits, seats and log. */
import { expect, test } from "bun:test";
import type { OrderAccepted } from "@chepiao/contracts";
import { createIdSource, minuteMs, type UserId } from "@chepiao/kernel";
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

function createProcesses() {
  const clock = createManualClock(noon);
  const store = createMemoryOrderStore(createMemoryOutbox());
  const seats = createMemorySeatStore();
  const reservations = createMemoryReservations();
  const submissions = createMemorySubmissions();
  const timetable = createTimetable();
  const appends: PromiseWithResolvers<void>[] = [];
  const logged: OrderAccepted[][] = [];
  const process = (node: number) =>
    createSubmit({
      clock,
      ids: createIdSource(node),
      timetable: () => timetable,
      queues: { all: () => [], gateOf: () => null },
      risk: nobodyJudged,
      passes: createQueuePasses(createMemoryVault()),
      users: { passengers: passengersOf },
      inventory: {
        hold: (commands) => seats.hold(commands, clock.now()),
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
  return { processes: [process(1), process(2)] as const, clock, submit, appends, logged, free };
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
