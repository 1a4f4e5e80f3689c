/** One rehearsal: a crowd comes to the opening of a run, and what came of it is held against what the platform promises. */
import { cpus, release, totalmem } from "node:os";
import {
  type QueueDraw,
  type QueueStatus,
  type Run,
  type SeatClass,
  seatsOf,
  type TicketsAnswer,
} from "@chepiao/contracts";
import { epochMs, formatInZone, minuteMs, secondMs, type ServiceDate } from "@chepiao/kernel";
import { verifyDraw } from "@chepiao/services/queue";
import { brokenIn } from "../audit/anyMoment.ts";
import { acceptedIsKnown, moneyAddsUp } from "../audit/atRest.ts";
import { liveOf, seatTypes } from "../audit/records.ts";
import { CommandFailed } from "../commands/command.ts";
import { announcedQueue } from "../commands/queue/announce.ts";
import { type Accounts, makeAccounts } from "./accounts.ts";
import { createConnections } from "./connections.ts";
import { createCrowd, type Crowd, type CrowdWish } from "./crowd.ts";
import { type Fault, type FaultFigures, faultText } from "./faults.ts";
import type { Ground } from "./ground.ts";
import { promisesOf } from "./promises.ts";
import {
  fairnessOf,
  groupOf,
  type Rehearsed,
  rounded,
  soldOutAfter,
  stoppedIn,
  timelineOf,
  type Told,
} from "./report.ts";
import { createRoad, type HotRun, type Road } from "./road.ts";
import { seatsAtRest } from "./seatsAtRest.ts";
import { createTally, type Tally } from "./tally.ts";

export type RehearsalWish = CrowdWish & {
  /** Null: the run with the most seats of the next day. */
  readonly run: { readonly trainNumber: string; readonly originDate: ServiceDate } | null;
  readonly seatClass: SeatClass | null;
  readonly collectSeconds: number;
  readonly perMinute: number;
  readonly inside: number;
  readonly connections: number;
  readonly minutesMax: number;
  readonly engines: "cluster" | "embedded";
  /** In the order of their seconds. */
  readonly faults: readonly Fault[];
  /** People take so many times less time than in life. */
  readonly haste: number;
};

export type Started = {
  readonly url: string;
  /** Of the processor, used so far. */
  readonly cpuSeconds: () => Promise<number>;
  /** Does it to a process of it, and resolves once all of them answer again. */
  readonly fail: (fault: Fault) => Promise<void>;
};
type Say = (line: string) => void;
type Stage = {
  readonly ground: Ground;
  readonly wish: RehearsalWish;
  /** Starts the platform. */
  readonly start: () => Promise<Started>;
  readonly say: Say;
};

const nowMs = () => performance.timeOrigin + performance.now();
const progressEveryMs = 5 * secondMs;
const statusEveryMs = secondMs;
/** Nobody had anything to do for so long: what still waits is not called any more. */
const idleMs = 5 * secondMs;
const idleMsMin = secondMs;
/** Money and messages come to rest after the last purchase. */
const restWithinMs = 30 * secondMs;

export async function rehearse({ ground, wish, start, say }: Stage): Promise<Rehearsed> {
  const crowd = createCrowd(wish);
  const madeMs = nowMs();
  const accounts = await makeAccounts(
    ground,
    crowd,
    everyNowAndThen((made) => say(`accounts: ${made} of ${crowd.size}`)),
  );
  const accountSeconds = (nowMs() - madeMs) / secondMs;
  const { url, cpuSeconds, fail } = await start();
  const { hot, runId, stock } = await findHot(ground, url, wish);
  say(`${runId}: ${stock} seats of class ${hot.seatClass}; ${wish.people} people and ${wish.bots} bots come`);

  const startMs = nowMs();
  const opensMs = Math.ceil(startMs + wish.collectSeconds * secondMs);
  const queue = announcedQueue(ground.vault, {
    scope: runId,
    collectsFrom: epochMs(Math.floor(startMs)),
    opensAt: epochMs(opensMs),
    endsAt: epochMs(opensMs + wish.minutesMax * minuteMs),
    perMinute: wish.perMinute,
    activeMax: wish.inside,
    keepMs: 5 * minuteMs,
    stayMs: 10 * minuteMs,
    chanceFrom: null,
  });
  if (!(await ground.queues.announce(queue, epochMs(Math.floor(startMs)))))
    throw new CommandFailed(`${runId} has a queue already: end it first, with queue close.`);
  const tally = createTally();
  const { queueId } = queue;
  const opening = {
    url,
    crowd,
    accounts,
    tally,
    queueId,
    hot,
    startMs: startMs + announcedAfterMs,
    opensMs,
    wish,
    fail,
    say,
  };
  const cpuBefore = { generator: ownCpuSeconds(), platform: await cpuSeconds() };
  const { road, faults } = await walk(opening);
  const cpu = {
    generator: rounded(ownCpuSeconds() - cpuBefore.generator),
    platform: rounded((await cpuSeconds()) - cpuBefore.platform),
  };
  const openingSeconds = (nowMs() - opensMs) / secondMs;

  say("held against the books …");
  const drawn = await publishedDraw(url, queueId);
  const wrong = await auditOf(ground, road, accounts);
  const seatType = seatTypes[hot.seatClass];
  const lateMs = nowMs() + restWithinMs;
  const { taken, free } = await seatsAtRest({
    stock,
    taken: async () =>
      liveOf(await ground.records()).filter((row) => row.run_id === runId && row.seat_type === seatType).length,
    free: () => freeSeats(url, hot),
    // Answers to searches are half a second old.
    wait: () => Bun.sleep(secondMs),
    isLate: () => nowMs() > lateMs,
  });
  const told: Told = { road, crowd, opensMs: opensMs - opening.startMs, placeOfLot: drawn.placeOfLot };
  const groups = {
    people: groupOf(told, 0, wish.people, wish.people),
    bots: groupOf(told, wish.people, crowd.size, Math.ceil(wish.bots / wish.accountsPerBotDocument)),
  };
  const { people, bots } = groups;
  const counted = (name: "cancelled" | "leftUnpaid" | "ticket") =>
    (people.outcomes[name] ?? 0) + (bots.outcomes[name] ?? 0);
  const refusals = tally.refusals();
  const without = {
    run: runId,
    seatClass: hot.seatClass,
    seed: wish.seed,
    startedAt: formatInZone(epochMs(Math.floor(startMs)), ground.timetable.zone),
    machine: machine(),
    settings: {
      engines: wish.engines,
      collectSeconds: wish.collectSeconds,
      perMinute: wish.perMinute,
      inside: wish.inside,
      connections: wish.connections,
      haste: wish.haste,
    },
    simplified: simplified(wish),
    seconds: { accounts: rounded(accountSeconds), opening: rounded(openingSeconds) },
    stock,
    soldOutAfter: soldOutAfter(road.rows, stock, told.opensMs),
    sold: {
      bought: road.rows.accepted.size,
      ticketed: counted("ticket"),
      heldUnpaid: counted("leftUnpaid"),
      cancelled: counted("cancelled"),
      taken,
      free,
    },
    ...groups,
    fairness: fairnessOf(told, groups),
    steps: tally.steps(),
    requests: {
      answers: tally.answers(),
      perSecond: rounded(tally.answers() / ((nowMs() - opening.startMs) / secondMs)),
      generatorLateMs: rounded(road.lateMs()),
      cpuSeconds: cpu,
    },
    refusals,
    faults,
    stoppedBy: stoppedIn(refusals),
    timeline: timelineOf(road.rows),
  };
  return { ...without, promises: promisesOf(without, { wrong, drawFault: drawn.fault }) };
}

/** By then every process knows of the queue. */
const announcedAfterMs = 3 * secondMs;

type Opening = {
  readonly url: string;
  readonly crowd: Crowd;
  readonly accounts: Accounts;
  readonly tally: Tally;
  readonly queueId: string;
  readonly hot: HotRun;
  readonly startMs: number;
  readonly opensMs: number;
  readonly wish: RehearsalWish;
  readonly fail: Started["fail"];
  readonly say: Say;
};

async function walk({
  url,
  crowd,
  accounts,
  tally,
  queueId,
  hot,
  startMs,
  opensMs,
  wish,
  fail,
  say,
}: Opening): Promise<{ readonly road: Road; readonly faults: readonly FaultFigures[] }> {
  const origin = new URL(url);
  using connections = createConnections(origin, wish.connections);
  let stopped: string | null = null;
  const road = createRoad({
    crowd,
    credentials: accounts,
    connections,
    tally,
    host: origin.host,
    queueId,
    run: hot,
    nowMs,
    startMs,
    opensMs,
    haste: wish.haste,
    stop: (why) => (stopped ??= why),
  });
  const faulty = createFaulty({ faults: wish.faults, opensMs, fail, say, stop: (why) => (stopped ??= why) });
  const progress = everyNowAndThen(() => say(progressOf(road, tally, opensMs)));
  const until = opensMs + wish.minutesMax * minuteMs;
  let askedAt = 0;
  let idleSince: number | null = null;
  const hear = async (askedMs: number) => {
    const [status, free] = await Promise.all([statusOf(url, queueId), freeSeats(url, hot)]);
    if (status) road.hear(status, free, askedMs);
  };
  await Bun.sleep(Math.max(0, startMs - nowMs()));
  road.begin();
  for (;;) {
    road.step();
    const now = nowMs();
    if (now - askedAt >= statusEveryMs) {
      askedAt = now;
      void hear(now);
    }
    faulty.step();
    if (stopped !== null) throw new CommandFailed(stopped);
    idleSince = road.isOver() ? (idleSince ?? now) : null;
    const isDone =
      idleSince !== null &&
      faulty.isOver() &&
      now - idleSince > Math.max(idleMsMin, idleMs / wish.haste) &&
      now > opensMs &&
      (road.soldOutMs() !== null || road.status()?.waiting === 0);
    if (isDone || now > until) break;
    progress(0);
    await Bun.sleep(1);
  }
  await faulty.rest();
  road.end();
  // Those under way come to an end of their own.
  for (const late = nowMs() + restWithinMs; !road.isOver() && nowMs() < late;) {
    road.step();
    await Bun.sleep(5);
  }
  return { road, faults: faulty.figures() };
}

type FaultyDeps = Pick<Opening, "fail" | "opensMs" | "say"> & {
  readonly faults: readonly Fault[];
  readonly stop: (why: string) => void;
};

/** One fault at a time: of two that are due together the second waits until the platform is whole again. */
function createFaulty({ faults, opensMs, fail, say, stop }: FaultyDeps) {
  const done: FaultFigures[] = [];
  let underWay: Promise<void> | null = null;
  async function happen(fault: Fault) {
    say(`fault ${faultText(fault)}`);
    try {
      await fail(fault);
      done.push({ ...fault, overAtSeconds: rounded((nowMs() - opensMs) / secondMs) });
    } catch (error) {
      done.push({ ...fault, overAtSeconds: null });
      stop(`After the fault ${faultText(fault)} the platform did not come back: ${(error as Error).message}`);
    } finally {
      underWay = null;
    }
  }
  let next = 0;
  return {
    step() {
      const fault = faults[next];
      if (fault === undefined || underWay !== null || nowMs() < opensMs + fault.atSeconds * secondMs) return;
      next++;
      underWay = happen(fault);
    },
    isOver: () => next === faults.length && underWay === null,
    rest: async () => await underWay,
    figures: () => done,
  };
}

async function statusOf(url: string, queueId: string): Promise<QueueStatus | null> {
  const answer = await fetch(`${url}/api/queue/status?queue=${queueId}`).catch(() => null);
  return answer?.ok ? ((await answer.json()) as QueueStatus) : null;
}

function progressOf(road: Road, tally: Tally, opensMs: number): string {
  const status = road.status();
  const seconds = Math.round((nowMs() - opensMs) / secondMs);
  const when = seconds < 0 ? `${-seconds} s before the opening` : `${seconds} s after the opening`;
  const queue = status ? `${status.taken || status.lots} places, ${status.served} called` : "no answer of the queue";
  return `${when}: ${queue}; ${road.rows.accepted.size} bought, ${tally.answers()} answers, ${road.acting()} of the crowd are on their way`;
}

function everyNowAndThen(say: (value: number) => void): (value: number) => void {
  let saidMs = nowMs();
  return (value) => {
    if (nowMs() - saidMs < progressEveryMs) return;
    saidMs = nowMs();
    say(value);
  };
}

// What is sold

async function findHot({ timetable, clock }: Ground, url: string, wish: RehearsalWish) {
  const run = wish.run
    ? timetable.run(wish.run.trainNumber, wish.run.originDate)
    : biggestTomorrow({ timetable, clock });
  if (!run)
    throw new CommandFailed(
      wish.run
        ? `The timetable does not know ${wish.run.trainNumber}/${wish.run.originDate}.`
        : "No train runs tomorrow: name a run.",
    );
  const [first, last] = [run.train.stops[0]!, run.train.stops.at(-1)!];
  const boardingDate = formatInZone(epochMs(run.dayStart + first.departS * secondMs), timetable.zone).slice(0, 10);
  const search = { from: first.stationId, to: last.stationId, date: boardingDate };
  const offer = await offerOf(url, search, run);
  if (!offer || offer.sale !== "open")
    throw new CommandFailed(`${run.runId} is not on sale now: name a run of the same train on a day that is.`);
  const classes = offer.classes
    .filter(({ sellable, seatClass }) => sellable && seatClass !== "standing")
    .toSorted((a, b) => b.free - a.free);
  const chosen = wish.seatClass === null ? classes[0] : classes.find(({ seatClass }) => seatClass === wish.seatClass);
  if (!chosen || chosen.free === 0)
    throw new CommandFailed(
      `${run.runId} has no seats ${wish.seatClass === null ? "" : `of class ${wish.seatClass} `}to sell.`,
    );
  const hot: HotRun = {
    trainNumber: run.train.trainNumber,
    originDate: run.originDate,
    boardingDate,
    from: first.stationId,
    to: last.stationId,
    seatClass: chosen.seatClass,
  };
  return { hot, runId: run.runId, stock: chosen.free };
}

async function offerOf(
  url: string,
  search: Record<string, string>,
  { train, originDate }: Pick<Run, "originDate" | "train">,
) {
  const answer = await fetch(`${url}/api/search/tickets?${new URLSearchParams(search).toString()}`);
  if (!answer.ok)
    throw new CommandFailed(`A search is answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  const { trains } = (await answer.json()) as TicketsAnswer;
  return trains.find((each) => each.trainNumber === train.trainNumber && each.originDate === originDate);
}

/** What is left over the whole way, as a search says; null where it does not name the train any more. */
async function freeSeats(url: string, hot: HotRun): Promise<number | null> {
  const { trainNumber, originDate, boardingDate: date, from, to, seatClass } = hot;
  const answer = await fetch(`${url}/api/search/tickets?${new URLSearchParams({ from, to, date }).toString()}`).catch(
    () => null,
  );
  if (!answer?.ok) return null;
  const { trains } = (await answer.json()) as TicketsAnswer;
  const train = trains.find((each) => each.trainNumber === trainNumber && each.originDate === originDate);
  return train?.classes.find((each) => each.seatClass === seatClass)?.free ?? null;
}

function biggestTomorrow({ timetable, clock }: Pick<Ground, "clock" | "timetable">): Run | null {
  const tomorrow = formatInZone(epochMs(clock.now() + 24 * 60 * minuteMs), timetable.zone).slice(0, 10) as ServiceDate;
  const seats = ({ train }: Run) => Math.max(...[...seatsOf(train.composition).values()].map((each) => each.length));
  return [...timetable.runsOn(tomorrow)].reduce<Run | null>(
    (best, each) => (best === null || seats(each) > seats(best) ? each : best),
    null,
  );
}

// The end

/** As anybody checks it. */
async function publishedDraw(url: string, queueId: string) {
  const pages: QueueDraw[] = [];
  do {
    const answer = await fetch(`${url}/api/queue/draw?queue=${queueId}&page=${pages.length}`);
    if (!answer.ok)
      return { fault: `its page ${pages.length} is answered ${answer.status}`, placeOfLot: new Map<string, number>() };
    pages.push((await answer.json()) as QueueDraw);
  } while (pages.length < pages[0]!.pages);
  const checked = await verifyDraw(pages, async () => {});
  const placeOfLot = new Map((checked.ok ? checked.value : []).map((lot, n) => [lot, n + 1]));
  return { fault: checked.ok ? null : checked.error, placeOfLot };
}

/** What a client was told against the platform's books and the bank's, once both are at rest. */
async function auditOf(ground: Ground, { rows }: Road, accounts: Accounts) {
  const named = (key: string): string => {
    const [row, ...rest] = key.split(" ");
    return `${accounts.userId(Number(row))} ${rest.join(" ")}`;
  };
  const told = {
    accepted: new Map([...rows.accepted].map(([key, { orderNo }]) => [named(key), orderNo])),
    sent: new Set([...rows.sent].map(named)),
  };
  for (const until = nowMs() + restWithinMs; ;) {
    const records = await ground.records();
    const wrong = [...brokenIn(records), ...acceptedIsKnown(records, told), ...moneyAddsUp(records)];
    if (wrong.length === 0 || nowMs() > until) return wrong;
    await Bun.sleep(secondMs);
  }
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const machine = () => ({
  processor: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryMb: Math.round(totalmem() / 2 ** 20),
  kernel: release(),
});

const simplified = ({ connections, haste, engines }: RehearsalWish): readonly string[] => [
  ...(engines === "cluster"
    ? [
        "each role is one process, all on this machine beside the crowd, whose processor time the engines are not part of",
      ]
    : []),
  `${connections} connections carry the requests of all; each of the crowd has an address by X-Forwarded-For alone`,
  "a slow network is a request that is sent 0.4 to 2.4 s later, not a slow transfer",
  "accounts are logged in before they come: hundreds of thousands of password hashes would be hours",
  "all who wait read one answer of the queue a second, as they do behind a cache that keeps it for that long",
  "bots do not solve challenges, and neither do people",
  ...(haste === 1 ? [] : [`people read and type ${haste} times as fast as in life`]),
];
