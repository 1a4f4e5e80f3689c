/**
 * A train that is sold out, people who wait for one seat over its whole way, each behind the one before, and tickets that come back one by
 * one. Whatever happens meanwhile, in the end so many are served as tickets came back, and they are those who came first (I5, I7).
 */
import type { Order, WaitlistEntry } from "@chepiao/contracts";
import { createPrng } from "@chepiao/kernel";
import { buy, call, type Crowd, payAtBank } from "../testing/passengers.ts";
import type { TestUser } from "../testing/world.ts";
import { type Day, seatsOfClass, seatsOfSeller, sellers, type Stage } from "./stage.ts";

export type Line = {
  readonly train: string;
  /** So many more, who have their places in this order. */
  join(count: number): Promise<void>;
  /** So many tickets, one after another. */
  giveBack(count: number): Promise<void>;
  /** Once the platform had time to come to rest. */
  wrong(): Promise<string[]>;
};

/** A ticket, and whose it is. */
export type Sold = { readonly user: TestUser; readonly orderNo: string; readonly ticketNo: string };

const worksWithinMs = 180_000;
const pollMs = 100;
const orderWithinMs = 30_000;
const prng = createPrng(7);
export async function reached<T>(
  probe: () => Promise<T | null>,
  what: string,
  last: () => string = () => "",
): Promise<T> {
  for (const until = performance.now() + worksWithinMs; ; await Bun.sleep(pollMs)) {
    const found = await probe();
    if (found !== null) return found;
    if (performance.now() > until) throw new Error(`${what}: not within ${worksWithinMs} ms ${last()}`);
  }
}

export const crowdOf = ({ platform, record }: Stage, { line: world }: Day): Crowd => ({
  world,
  url: platform.gatewayUrl,
  record,
  seatClass: "second",
  bank: ["normal"],
  goOn: () => true,
});

/** Every seat of the train over its whole way. */
export const sellOut = async (crowd: Crowd): Promise<Sold[]> =>
  (await Promise.all(crowd.world.users.slice(0, sellers).map((user, n) => sellShare(crowd, user, n)))).flat();

export async function openLine(stage: Stage, day: Day): Promise<Line> {
  const { line: world } = day;
  const crowd = crowdOf(stage, day);
  const [train] = world.trains;
  const sold = await sellOut(crowd);
  const waiting: { readonly user: TestUser; readonly path: string }[] = [];
  let returned = 0;

  async function joinNext() {
    const user = world.users[sellers + waiting.length]!;
    const waitlistNo = await openEntry(crowd, user, `line-${world.date}-${waiting.length}`);
    const path = `/api/waitlist/${waitlistNo}`;
    await prepay(crowd, user, waitlistNo);
    await reached(async () => ((await stateOf(user, path)) === "awaitingPrepayment" ? null : true), "it has its place");
    waiting.push({ user, path });
  }

  async function stateOf(user: TestUser, path: string): Promise<string> {
    const entry = await call<WaitlistEntry>(crowd, user, "GET", path);
    if (entry?.status !== 200) return "awaitingPrepayment";
    const { state, endedBecause } = entry.body;
    return endedBecause === null ? state : `${state} (${endedBecause})`;
  }

  async function wrong(): Promise<string[]> {
    const states = await Promise.all(waiting.map(({ user, path }) => stateOf(user, path)));
    const isRight = states.every((state, n) => state === (n < returned ? "served" : "waiting"));
    return isRight ? [] : [`I5: of a line, ${returned} were to be served, the first: ${states.join(", ")}`];
  }

  return {
    train: train!,
    async join(count) {
      for (let n = 0; n < count; n++) await joinNext();
    },
    async giveBack(count) {
      for (let n = 0; n < count; n++) await returnTicket(crowd, sold[returned++]!);
    },
    async wrong() {
      const until = performance.now() + worksWithinMs;
      for (;;) {
        const said = await wrong();
        if (said.length === 0 || performance.now() > until) return said;
        await Bun.sleep(pollMs);
      }
    },
  };
}

type Wish = { readonly from?: string; readonly partySize?: number };

/** For seats of the train to its last stop, by default for one from its first. Answers its number. */
export function openEntry(
  crowd: Crowd,
  user: TestUser,
  key: string,
  { from, partySize = 1 }: Wish = {},
): Promise<string> {
  const { trains, date, stations } = crowd.world;
  const body = {
    ...wholeWay(stations),
    ...(from === undefined ? {} : { from }),
    choices: [{ trainNumber: trains[0], originDate: date, seatClasses: [crowd.seatClass] }],
    passengers: user.passengerIds.slice(0, partySize).map((passengerId) => ({ passengerId })),
    deadlineMinutes: 20,
  };
  return reached(async () => {
    const answer = await call<WaitlistEntry>(crowd, user, "POST", "/api/waitlist", body, { "idempotency-key": key });
    return answer?.body.waitlistNo ?? null;
  }, "an entry is opened");
}

export const prepay = (crowd: Crowd, user: TestUser, waitlistNo: string): Promise<true> =>
  reached(async () => ((await payAtBank(crowd, user, waitlistNo, prng)) ? true : null), "it is prepaid");

const wholeWay = (stations: readonly string[]) => ({ from: stations[0]!, to: stations.at(-1)! });

/** His share of the seats, again until they are tickets: on a busy machine the time to pay may pass. */
async function sellShare(crowd: Crowd, user: TestUser, n: number): Promise<Sold[]> {
  const seatCount = Math.min(seatsOfSeller, seatsOfClass.second - n * seatsOfSeller);
  const passengers = user.passengerIds.slice(0, seatCount).map((passengerId) => ({ passengerId }));
  const request = {
    trainNumber: crowd.world.trains[0]!,
    originDate: crowd.world.date,
    ...wholeWay(crowd.world.stations),
    seatClass: crowd.seatClass,
  };
  let attempt = 0;
  let said = "";
  return reached(
    async () => {
      const key = `sold-${crowd.world.date}-${user.userId}-${attempt++}`;
      const accepted = await buy(crowd, user, key, { ...request, passengers });
      if (!accepted) return null;
      const { orderNo } = accepted;
      let order: Order | undefined;
      const reaches = async (isThere: (order: Order) => boolean) => {
        for (const until = performance.now() + orderWithinMs; performance.now() < until; await Bun.sleep(25)) {
          const answer = await call<Order>(crowd, user, "GET", `/api/order/${orderNo}`);
          if (answer?.status === 200) order = answer.body;
          if (order && isThere(order)) return;
        }
      };
      await reaches(({ state }) => state !== "accepted");
      if (order?.state === "pendingPayment" && (await payAtBank(crowd, user, orderNo, prng)))
        await reaches(({ state }) => state !== "pendingPayment" && state !== "paid");
      said = JSON.stringify(order?.state);
      if (order?.state !== "ticketed") return null;
      return order.tickets.map(({ ticketNo }) => ({ user, orderNo, ticketNo }));
    },
    "the train is sold out",
    () => `${said}, ${JSON.stringify(Object.fromEntries(crowd.record.heard))}`,
  );
}

/** Asked again until it is so: who asks may be turned away, or not be answered. */
export async function returnTicket(crowd: Crowd, { user, orderNo, ticketNo }: Sold): Promise<void> {
  await reached(async () => {
    await call(crowd, user, "POST", `/api/order/${orderNo}/refund`, { ticketNos: [ticketNo] });
    const order = await call<Order>(crowd, user, "GET", `/api/order/${orderNo}`);
    const state = order?.body.tickets?.find((ticket) => ticket.ticketNo === ticketNo)?.state;
    return state !== undefined && state !== "issued" ? true : null;
  }, "a ticket is given back");
}
