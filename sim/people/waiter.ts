/**
 * Who waits in line for what is sold out: opens an entry, for several trains and classes or for one, prepays it in time, too late, twice or
 * not at all, changes the latest time of decision, leaves, or sees what becomes of it, and gives back what it brings.
 */
import {
  type OrderRequest,
  policyDefault,
  type Refusal,
  type SeatClass,
  type WaitlistEntry,
  type WaitlistEntryTold,
  type WaitlistRequest,
} from "@chepiao/contracts";
import { minuteMs, secondMs, type ServiceDate, type UserId } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import { weighed } from "../core/chance.ts";
import type { Life } from "../core/life.ts";
import { addsTrains } from "../plan.ts";
import { callsOf, departureOf, trainNumbers, wishes } from "../railway.ts";
import type { Asked, Heard, RoomName, World } from "../world.ts";
import type { Told } from "./told.ts";

export type WaiterDeps = {
  readonly world: World;
  readonly told: Told;
  readonly life: Life;
  readonly userId: () => UserId;
  readonly dates: readonly ServiceDate[];
  /** Asks until somebody answers. */
  ask(room: RoomName, route: string, asked: Asked): Promise<Heard | null>;
  openPage(payable: string): Promise<string | null>;
  giveBack(orderNo: string): Promise<void>;
};

/** What is left when what cannot be waited for is left out; nothing where the refusal does not name it. */
function without(choices: readonly Choice[], { facts }: Refusal): Choice[] {
  const { choice, seatClass } = (facts ?? {}) as { readonly choice?: number; readonly seatClass?: SeatClass };
  if (choice === undefined) return [];
  return choices
    .map((each, n) => (n === choice ? { ...each, seatClasses: left(each, seatClass) } : each))
    .filter(({ seatClasses }) => seatClasses.length > 0);
}

const left = ({ seatClasses }: Choice, refused: SeatClass | undefined) =>
  refused === undefined ? [] : seatClasses.filter((each) => each !== refused);

type Choice = WaitlistRequest["choices"][number];

/** Prepayments are waited for so long, and a little longer. */
const prepayMs = 10 * minuteMs;

export function createWaiter({ world, told, life, userId, dates, ask, openPage, giveBack }: WaiterDeps) {
  const { chance, clock } = life;
  let opened = 0;
  const pause = (ms: number) => sleep(clock, chance.next() * ms);

  function anyRequest({ trainNumber, originDate, from, to, seatClass, passengers }: OrderRequest): WaitlistRequest {
    const first: Choice = { trainNumber, originDate, seatClasses: classesWith(seatClass, trainNumber) };
    const others = trainNumbers
      .filter((other) => other !== trainNumber && goes(other, from, to) && chance.chance(0.4))
      .map((other): Choice => ({ trainNumber: other, originDate: chance.pick(dates), seatClasses: anyClasses(other) }));
    return {
      from,
      to,
      choices: [first, ...others],
      passengers: passengers.map(({ passengerId, ticketType }) => ({
        passengerId,
        ...(ticketType ? { ticketType } : {}),
      })),
      ...(chance.chance(0.3) && { acceptsStanding: true }),
      ...(addsTrains(world.seed) && chance.chance(0.6) && { addedTrains: anyWish(originDate) }),
      deadlineMinutes: anyDeadline(first, from),
    };
  }

  /** A train more would do: on that day or on others too, at any time or not before noon. */
  function anyWish(date: string): NonNullable<WaitlistRequest["addedTrains"]> {
    const others = dates.filter((other) => other !== date && chance.chance(0.4));
    const hours = weighed(chance, [
      [4, {}],
      [1, { departFrom: "12:00" }],
      [1, { departFrom: "10:00", departUntil: "13:00" }],
    ]);
    return { dates: [date, ...others], ...hours };
  }

  const goes = (trainNumber: string, from: string, to: string) => {
    const calls = callsOf(trainNumber);
    return calls.includes(from) && calls.lastIndexOf(to) > calls.indexOf(from);
  };
  const classesOf = (trainNumber: string) => [
    ...new Set(
      wishes.flatMap(([train, seatClass]) => (train === trainNumber && seatClass !== "standing" ? [seatClass] : [])),
    ),
  ];
  const classesWith = (seatClass: SeatClass, trainNumber: string) => [
    seatClass,
    ...classesOf(trainNumber).filter((other) => other !== seatClass && chance.chance(0.3)),
  ];
  const anyClasses = (trainNumber: string) => classesWith(chance.pick(classesOf(trainNumber)), trainNumber);

  /** Now and then so that the time of decision is near. */
  function anyDeadline({ trainNumber, originDate }: Choice, from: string) {
    const leftMs = departureOf(trainNumber, originDate as ServiceDate, from) - clock.now();
    const possible = policyDefault.waitlist.deadline.choices.filter((minutes) => minutes * minuteMs < leftMs);
    return chance.chance(0.4) ? (possible.at(-1) ?? 20) : chance.pick(possible.length > 0 ? possible : [20]);
  }

  /** Leaves out what could be bought. */
  async function open(request: WaitlistRequest, tries = 8): Promise<WaitlistEntry | null> {
    const key = `${life.name} waits ${++opened}`;
    const entry = { userId: userId(), answered: new Set<string>() };
    told.entries.set(key, entry);
    const body = request;
    world.sql.added.asks(key, request);
    // Fingers are quick: the same twice at once.
    const answers = await Promise.all(
      Array.from({ length: chance.chance(0.1) ? 2 : 1 }, () => ask("waitlist", "join", { body, key })),
    );
    for (const heard of answers)
      if (heard?.kind === "answer") entry.answered.add((heard.body as WaitlistEntry).waitlistNo);
    const [heard] = answers;
    if (heard?.kind === "answer") {
      told.count("waits");
      return heard.body as WaitlistEntry;
    }
    if (heard?.kind !== "refusal") return null;
    told.count(heard.refusal.code);
    const choices = without(request.choices, heard.refusal);
    return choices.length > 0 && tries > 1 ? open({ ...request, choices }, tries - 1) : null;
  }

  async function prepay(waitlistNo: string, afterMs: number, times: number) {
    const paymentNo = await openPage(waitlistNo);
    if (paymentNo === null) return;
    await sleep(clock, afterMs);
    for (let n = 0; n < times; n++) {
      if (world.bank.pay(paymentNo, userId())) told.count("prepaid");
      await pause(secondMs);
    }
  }

  async function read(waitlistNo: string): Promise<WaitlistEntryTold | null> {
    const heard = await ask("waitlist", "get", { params: { waitlistNo } });
    if (heard?.kind === "refusal")
      told.wrong.push(`I2: ${waitlistNo} was opened, and its owner is told ${heard.refusal.code}`);
    return heard?.kind === "answer" ? (heard.body as WaitlistEntryTold) : null;
  }

  async function cancel(waitlistNo: string) {
    const heard = await ask("waitlist", "cancel", { params: { waitlistNo } });
    told.count(heard?.kind === "answer" ? "left the waitlist" : "could not leave the waitlist");
  }

  async function changeDeadline({ waitlistNo, choices: [first] }: WaitlistEntry) {
    const { trainNumber, originDate, from } = first!;
    const deadlineMinutes = anyDeadline({ trainNumber, originDate, seatClasses: [] }, from.stationId);
    const asked = { params: { waitlistNo }, body: { deadlineMinutes } };
    const heard = await ask("waitlist", "changeDeadline", asked);
    if (heard?.kind === "answer") told.count("changed the latest time");
  }

  /** Looks a few times. */
  async function watch(waitlistNo: string) {
    for (let polls = 0; polls < 6; polls++) {
      const entry = await read(waitlistNo);
      if (entry?.state === "served") {
        told.count("served");
        if (chance.chance(0.5)) return giveBack(entry.orderNo!);
      }
      if (entry && !["awaitingPrepayment", "waiting", "granted"].includes(entry.state)) return undefined;
      await pause(8 * secondMs);
    }
    return chance.chance(0.3) ? cancel(waitlistNo) : undefined;
  }

  return async function waitInLine(wanted: OrderRequest): Promise<void> {
    const request = anyRequest(wanted);
    const entry = await open(request);
    if (!entry) return;
    const { waitlistNo } = entry;
    // Whoever opens first does not prepay first, so that each order of those who wait for an added train is another.
    const soonMs = request.addedTrains ? 12 * secondMs : 2 * secondMs;
    await weighed<() => Promise<unknown>>(chance, [
      [8, () => prepay(waitlistNo, chance.next() * soonMs, 1).then(() => watch(waitlistNo))],
      [1, () => prepay(waitlistNo, chance.next() * secondMs, 2).then(() => watch(waitlistNo))],
      [1, () => prepay(waitlistNo, prepayMs * (0.9 + 0.3 * chance.next()), 1)],
      [1, () => Promise.all([prepay(waitlistNo, secondMs, 1), pause(4 * secondMs).then(() => cancel(waitlistNo))])],
      [
        2,
        () =>
          prepay(waitlistNo, secondMs, 1)
            .then(() => changeDeadline(entry))
            .then(() => watch(waitlistNo)),
      ],
      [1, async () => {}],
    ])();
  };
}
