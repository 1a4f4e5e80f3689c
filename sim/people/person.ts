/**
 * A passenger: logs in, looks, buys, and does with the order what people do: pays in time, at the last moment, too late or
 * twice, cancels, gives tickets back, or forgets about it. Who hears nothing asks again, under the same key.
 */
import type {
  Accepted,
  AnnouncedQueue,
  LoginAnswer,
  Order,
  OrderLines,
  OrderRequest,
  Passenger,
  Payment,
  SeatClass,
  Timetable,
} from "@chepiao/contracts";
import { challengeHeader, passHeader, refusals, type RunId, runId, trainAndDateOf } from "@chepiao/contracts";
import { secondMs, type ServiceDate, type UserId } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import { weighed } from "../core/chance.ts";
import type { Life } from "../core/life.ts";
import { hasStudents } from "../plan.ts";
import { callsOf, furtherClasses, wishes } from "../railway.ts";
import type { Asked, Heard, RoomName, World } from "../world.ts";
import type { Account } from "./accounts.ts";
import { untilCancelled } from "./canceller.ts";
import { createChallenged } from "./challenged.ts";
import { createChanger } from "./changer.ts";
import { standInQueue } from "./queuer.ts";
import { createWaiter } from "./waiter.ts";
import type { Bought, Purchase, Told } from "./told.ts";

export type PersonDeps = {
  readonly world: World;
  readonly told: Told;
  readonly life: Life;
  readonly account: Account;
  readonly timetable: Timetable;
  /** The days on which people of now want to travel. */
  readonly dates: readonly ServiceDate[];
  readonly trips: number;
  /** Of who comes to stand in the first of these. */
  readonly queues?: readonly AnnouncedQueue[] | undefined;
};

/** Nobody stands longer before a door. */
const rushMsMax = 40 * secondMs;

/** Refusals that say that the answer is not known, or only not now. */
const isLater = (code: keyof typeof refusals) => refusals[code].http >= 500 || code === "TooManyRequests";

export async function live({ world, told, life, account, timetable, dates, trips, queues }: PersonDeps): Promise<void> {
  const { chance, clock } = life;
  const timeoutMs = world.options.paymentTimeoutMs;
  let token: string | null = null;
  let passengers: readonly Passenger[] = [];
  let userId = 0 as UserId;
  let bought = 0;
  /** What the last purchase was refused for. */
  let isSoldOut = false;
  let isKeptBack = false;
  let queueMet: AnnouncedQueue | null = null;
  /** Shown with purchases. */
  let queuePass: string | null = null;

  const pause = (ms: number) => sleep(clock, chance.next() * ms);
  const think = () => pause(2 * secondMs);

  /** Asks until a process answers, logging in anew where it must; null where none does for long. */
  async function ask(room: RoomName, route: string, asked: Asked, tries = 6): Promise<Heard | null> {
    for (let attempt = 0; attempt < tries; attempt++) {
      if (token === null && !(await logIn())) continue;
      const heard = await world.ask(life, room, route, { ...asked, token: token! });
      if (heard.kind === "refusal" && heard.refusal.code === "NotLoggedIn") token = null;
      else if (heard.kind === "nothing" || (heard.kind === "refusal" && isLater(heard.refusal.code)))
        await pause(4 * secondMs);
      else return heard;
    }
    return null;
  }

  async function logIn(): Promise<boolean> {
    const { username, password } = account;
    const heard = await world.ask(life, "user", "login", { body: { username, password } });
    if (heard.kind !== "answer") {
      await pause(3 * secondMs);
      return false;
    }
    const answer = heard.body as LoginAnswer;
    token = answer.token;
    userId = answer.user.userId as UserId;
    return true;
  }

  async function searchTrains(date: ServiceDate, from: string, to: string) {
    const heard = await world.ask(life, "search", "tickets", { query: { from, to, date } });
    told.count(heard.kind === "answer" ? "looked" : "could not look");
  }

  /** Of what was just added many want to be the first. */
  function anyTrain(date: ServiceDate): [string, ServiceDate, SeatClass] {
    const added = world.sql.added.runIds().map(trainAndDateOf);
    const now = added.filter(([, day]) => dates.includes(day));
    if (now.length > 0 && chance.chance(0.4)) {
      const [trainNumber, day] = chance.pick(now);
      return [trainNumber, day, chance.pick(furtherClasses[trainNumber]!)];
    }
    const [trainNumber, seatClass] = chance.pick(wishes);
    return [trainNumber, date, seatClass];
  }

  function anyRequest(date: ServiceDate): OrderRequest {
    const [trainNumber, originDate, seatClass] = anyTrain(date);
    const calls = callsOf(trainNumber);
    const fromStop = chance.below(calls.length - 1);
    const toStop = fromStop + 1 + chance.below(calls.length - 1 - fromStop);
    const count = weighed(chance, [
      [5, 1],
      [3, 2],
      [1, 3],
      [1, 5],
    ]);
    const first = chance.below(passengers.length);
    const people = Array.from({ length: count }, (_, n) => passengers[(first + n) % passengers.length]!);
    return {
      trainNumber,
      originDate,
      from: calls[fromStop]!,
      to: calls[toStop]!,
      seatClass,
      passengers: people.map(({ passengerId, ticketType }) => ({
        passengerId,
        ...(ticketType === "student" && (seatClass === "business" || chance.chance(0.5)) ? asAdult : {}),
        ...(isSeat(seatClass) && chance.chance(0.2) ? { preference: "window" as const } : {}),
      })),
    };
  }

  /** The own ticket for a train, with that pass. */
  async function buyOn(id: RunId, pass: string | null): Promise<Bought | null> {
    const [trainNumber, originDate] = trainAndDateOf(id);
    const [from, to] = callsOf(trainNumber);
    const [{ passengerId }] = passengers as [Passenger];
    const seatClass = chance.pick(["second", "first"] as const);
    queuePass = pass;
    const order = await buy([
      { trainNumber, originDate, from: from!, to: to!, seatClass, passengers: [{ passengerId }] },
    ]);
    queuePass = null;
    return order;
  }

  /** Now and then two classes or two trains in one order; students buy the way back with the way there. */
  function anyLines(date: ServiceDate): OrderLines<OrderRequest> {
    const further = chance.chance(0.2) ? 1 + chance.below(2) : 0;
    const first = anyRequest(date);
    if (hasStudents(world.seed) && chance.chance(0.2)) return [first, wayBack(first)];
    return [first, ...Array.from({ length: further }, () => anyRequest(date))];
  }

  /** The same people on some day, at the same fare where that is sold. */
  function wayBack({ passengers: people }: OrderRequest): OrderRequest {
    const back = anyRequest(chance.pick(dates));
    const isReduced = ({ ticketType }: OrderRequest["passengers"][number]) =>
      ticketType === undefined && back.seatClass !== "business";
    return {
      ...back,
      passengers: people.map((each) => ({
        passengerId: each.passengerId,
        ...(isReduced(each) ? {} : asAdult),
      })),
    };
  }

  /** One request of a purchase, and what it says. */
  async function send(
    purchase: Purchase,
    proof: string | null,
  ): Promise<Bought | "refused" | "unknown" | "challenged" | "blocked"> {
    purchase.underWay++;
    const { lines, change } = purchase;
    const askedAt = world.now();
    told.judged.tried(purchase.userId, purchase.key, proof, askedAt);
    const heard = await world.ask(life, "order", change ? "change" : "submit", {
      token: token!,
      ...(change
        ? { params: { orderNo: change.orderNo }, body: change.body }
        : { body: lines.length === 1 ? lines[0] : { lines } }),
      key: purchase.key,
      ...headersOf({ [challengeHeader]: proof, [passHeader]: queuePass }),
    });
    purchase.underWay--;
    if (heard.kind === "answer") {
      const accepted = heard.body as Accepted;
      purchase.accepted.add(accepted.orderNo);
      told.judged.bought(purchase.key, world);
      told.count(change ? "accepted as a change" : lines.length === 1 ? "accepted" : "accepted with several lines");
      return accepted;
    }
    if (heard.kind === "refusal" && heard.refusal.code === "NotLoggedIn") token = null;
    if (heard.kind === "nothing" || isLater(heard.refusal.code) || heard.refusal.code === "NotLoggedIn") {
      purchase.unknown++;
      return "unknown";
    }
    if (heard.refusal.code === "ChallengeRequired") {
      told.judged.challenged(purchase.userId, world);
      return "challenged";
    }
    if (heard.refusal.code === "PurchasesBlocked") {
      told.judged.turnedAway(purchase.userId, askedAt, world);
      return "blocked";
    }
    purchase.refused++;
    isSoldOut = isWaitedFor.has(heard.refusal.code);
    isKeptBack = heard.refusal.code === "NotOnSaleBetween";
    queueMet = heard.refusal.code === "QueueOn" ? world.queueOf(heard.refusal.facts!["queue"] as string) : null;
    told.count(heard.refusal.code);
    return "refused";
  }

  async function buy(lines: OrderLines<OrderRequest>, change?: Purchase["change"]): Promise<Bought | null> {
    if (token === null && !(await logIn())) return null;
    const key = `${life.name} ${++bought}`;
    const asked = { key, userId, lines, ...(change ? { change } : {}) };
    const purchase: Purchase = { ...asked, accepted: new Set(), refused: 0, unknown: 0, underWay: 0 };
    told.purchases.set(key, purchase);
    let proof = world.options.judgedOver === null ? null : challenged.first();
    for (let attempt = 0; attempt < 5; attempt++) {
      const sent = proof;
      // Fingers are quick: the same twice at once.
      const answers = await Promise.all(
        chance.chance(0.1) ? [send(purchase, sent), send(purchase, sent)] : [send(purchase, sent)],
      );
      const accepted = answers.find((answer) => typeof answer === "object");
      if (accepted) {
        // A passenger whose page did not load says it again, long after.
        if (chance.chance(0.1)) void pause(30 * secondMs).then(() => (token === null ? null : send(purchase, sent)));
        return accepted;
      }
      if (answers.includes("refused") || answers.includes("blocked") || chance.chance(0.1)) return null;
      if (answers.includes("challenged")) {
        proof = await challenged.solve();
        continue;
      }
      await pause(5 * secondMs);
      if (token === null) await logIn();
    }
    return null;
  }

  async function read(orderNo: string): Promise<Order | null> {
    const heard = await ask("order", "get", { params: { orderNo } });
    if (heard?.kind === "refusal")
      told.wrong.push(`I2: ${orderNo} was accepted, and its owner is told ${heard.refusal.code}`);
    return heard?.kind === "answer" ? (heard.body as Order) : null;
  }

  /** Until it is more than accepted. */
  async function waitFor(orderNo: string): Promise<Order | null> {
    for (let polls = 0; polls < 8; polls++) {
      const order = await read(orderNo);
      if (order && order.state !== "accepted") return order;
      await pause(3 * secondMs);
    }
    return null;
  }

  async function openPage(orderNo: string): Promise<string | null> {
    for (let attempt = 0; attempt < 4; attempt++) {
      const heard = await ask("payment", "pay", { body: { orderNo } });
      if (heard?.kind === "answer") return (heard.body as Payment).paymentNo;
      // Not written yet: a moment later it can be paid.
      if (heard?.kind !== "refusal" || heard.refusal.code !== "OrderChanged") return null;
      await pause(2 * secondMs);
    }
    return null;
  }

  async function pay({ orderNo }: Bought, when: "soon" | "at the end" | "too late", times: number) {
    const paymentNo = await openPage(orderNo);
    if (paymentNo === null) return;
    if (when === "soon") await think();
    if (when === "at the end") await sleep(clock, Math.max(0, timeoutMs * (0.85 + 0.2 * chance.next())));
    if (when === "too late") await sleep(clock, timeoutMs * (1 + chance.next()));
    for (let n = 0; n < times; n++) {
      if (world.bank.pay(paymentNo, userId)) told.count("paid");
      await pause(secondMs);
    }
  }

  async function cancel(orderNo: string) {
    const heard = await ask("order", "cancel", { params: { orderNo } });
    if (heard?.kind === "answer") told.count("cancelled");
  }

  async function giveBack(orderNo: string) {
    const order = await read(orderNo);
    const issued = order?.tickets.filter(({ state }) => state === "issued") ?? [];
    if (issued.length === 0) return;
    const one = chance.chance(0.5) ? null : chance.pick(issued);
    const isLine = order!.lines.length > 1;
    const some = one ? issued.filter((ticket) => (isLine ? ticket.line === one.line : ticket === one)) : issued;
    const body = { ticketNos: some.map(({ ticketNo }) => ticketNo) };
    for (const ticketNo of body.ticketNos) told.givenBack.add(ticketNo);
    const heard = await ask("order", "refund", { params: { orderNo }, body });
    if (heard?.kind === "answer") told.count(one && isLine ? "given back of one line" : "given back");
  }

  /** Who is told when more goes on sale is there at that moment. */
  async function buyWhenLimitBegins(lines: OrderLines<OrderRequest>): Promise<Bought | null> {
    const [{ trainNumber, originDate, seatClass }] = lines;
    if (!isKeptBack || chance.chance(0.5)) return null;
    const begins = world.book.nextLimit(runId(trainNumber, originDate as ServiceDate), seatClass, clock.now());
    const leftMs = (begins ?? Infinity) - clock.now();
    if (leftMs > rushMsMax) return null;
    await sleep(clock, leftMs + chance.next() * secondMs * 0.3);
    told.count("rushed at a limit");
    return buy(lines);
  }

  /** The same people on another train of the same hours, while they think about the first. */
  async function tryAnother([request]: OrderLines<OrderRequest>) {
    const trainNumber = sameHours[request.trainNumber];
    if (trainNumber === undefined || !chance.chance(0.6)) return;
    for (let attempt = 0; attempt < 3; attempt++) {
      await pause(10 * secondMs);
      const order = await buy([{ ...request, trainNumber }]);
      if (order) return pay(order, "soon", 1);
    }
  }

  async function dealWith(order: Bought) {
    await weighed<() => Promise<void>>(chance, [
      [6, () => pay(order, "soon", 1)],
      [2, () => pay(order, "at the end", 1)],
      [1, () => pay(order, "too late", 1)],
      [1, () => pay(order, "soon", 2)],
      [1, async () => void (await Promise.all([pay(order, "soon", 1), think().then(() => cancel(order.orderNo))]))],
      [2, async () => (await waitFor(order.orderNo), await cancel(order.orderNo))],
      [
        3,
        async () => {
          await pay(order, "soon", 1);
          await waitFor(order.orderNo);
          await pause(6 * secondMs);
          await giveBack(order.orderNo);
          if (chance.chance(0.5)) await giveBack(order.orderNo);
        },
      ],
      [3, async () => (await pay(order, "soon", 1), await changeTickets(order.orderNo))],
      [2, () => dealWithCancelled(order)],
      [2, async () => {}],
    ])();
  }

  async function dealWithCancelled(accepted: Bought) {
    await pay(accepted, "soon", 1);
    const order = await waitFor(accepted.orderNo);
    if (!order || !(await untilCancelled(world, life, order.lines.map(runOf), rushMsMax))) return;
    if (chance.chance(0.5)) return takeAnother(accepted.orderNo);
    await pause(6 * secondMs);
    await giveBack(accepted.orderNo);
  }

  /** One that was announced has people of its own. */
  const metByLoad = () => (queueMet?.kind === "load" ? queueMet : null);
  async function queueByLoad(queue: AnnouncedQueue, { trainNumber, originDate }: OrderRequest) {
    const own = { ...queue, scope: runId(trainNumber, originDate as ServiceDate) };
    await standInQueue({ world, told, life, account, userId, ask, buyOn }, [own]);
  }

  const challenged = createChallenged({ told, life, vault: world.vault, userId: () => userId, ask });
  const { cancelled } = world;
  const changing = { life, told, timetable, cancelled, dates, waitFor, buy, pay, cancel, giveBack };
  const { changeTickets, takeAnother } = createChanger(changing);

  const waitInLine = createWaiter({ world, told, life, userId: () => userId, dates, ask, openPage, giveBack });
  if ((await ask("user", "me", {})) === null) return;
  const listed = await ask("user", "listPassengers", {});
  if (listed?.kind !== "answer") return;
  passengers = (listed.body as { passengers: Passenger[] }).passengers;
  if (queues) return standInQueue({ world, told, life, account, userId, ask, buyOn }, queues);
  for (let trip = 0; trip < trips; trip++) {
    const lines = anyLines(chance.pick(dates));
    const [{ originDate, from, to }] = lines;
    if (chance.chance(0.3)) await searchTrains(originDate as ServiceDate, from, to);
    await think();
    isSoldOut = false;
    isKeptBack = false;
    queueMet = null;
    const order = (await buy(lines)) ?? (await buyWhenLimitBegins(lines));
    if (order) await Promise.all([dealWith(order), tryAnother(lines)]);
    else if (isSoldOut) await waitInLine(lines[0]);
    else if (metByLoad() && chance.chance(0.8)) await queueByLoad(metByLoad()!, lines[0]);
    else if (chance.chance(0.3)) await think();
  }
}

/** Where there is no student fare, and by who keeps his trips for another time. */
const asAdult = { ticketType: "adult" } as const;

/** Those that are there to be shown. */
const headersOf = (shown: Readonly<Record<string, string | null>>) => ({
  headers: new Headers(Object.entries(shown).filter((each): each is [string, string] => each[1] !== null)),
});

const isWaitedFor: ReadonlySet<string> = new Set(["SoldOut", "StandingNotYet", "NotOnSaleBetween", "WaitlistFirst"]);
const runOf = ({ trainNumber, originDate }: Order["lines"][number]) => runId(trainNumber, originDate as ServiceDate);
const sameHours: Readonly<Record<string, string>> = { G1: "G2", G2: "G1" };
const isSeat = (seatClass: SeatClass) => seatClass === "second" || seatClass === "first" || seatClass === "business";
