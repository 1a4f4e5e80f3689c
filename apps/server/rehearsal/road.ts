/**
 * The way of each of a crowd through an opening, over the public API: search, take a place, hear how far the queue is, come in, buy, pay, or give up.
 * Bots take places by many accounts, come in at once, and try to buy without any pass. What one does next follows from the answer alone.
 *
 * All who wait read one answer about the queue, as they do behind a cache that keeps it for a second (`cache-control` of the platform).
 */
import type { QueueStatus } from "@chepiao/contracts";
import { queueRootShownMs, secondMs } from "@chepiao/kernel";
import { createAgenda } from "./agenda.ts";
import type { Connections, Heard } from "./connections.ts";
import type { Crowd } from "./crowd.ts";
import { codeIn, type StepName, type Tally } from "./tally.ts";

/** What is bought: the whole way of one run in one class. */
export type HotRun = {
  readonly trainNumber: string;
  readonly originDate: string;
  readonly boardingDate: string;
  readonly from: string;
  readonly to: string;
  readonly seatClass: string;
};
export type Credentials = {
  token(row: number): string;
  passengerId(row: number): number;
};
export type RoadDeps = {
  readonly crowd: Crowd;
  readonly credentials: Credentials;
  readonly connections: Pick<Connections, "open" | "send">;
  readonly tally: Tally;
  readonly host: string;
  readonly queueId: string;
  readonly run: HotRun;
  /** Of the clock by which everything here is measured. */
  readonly nowMs: () => number;
  readonly startMs: number;
  readonly opensMs: number;
  /** People take so many times less time than in life. */
  readonly haste: number;
  /** Something is so wrong that nobody may go on. */
  readonly stop: (why: string) => void;
};

/** How it ended for one of the crowd. */
export const outcomes = [
  "underWay",
  "ticket",
  "leftUnpaid",
  "cancelled",
  "soldOut",
  "gaveUp",
  "noPlace",
  "turnedAway",
  "notCalled",
] as const;
export type Outcome = (typeof outcomes)[number];

export type Road = {
  /** Puts everybody on the agenda, once. */
  begin(): void;
  /** Who is due acts. */
  step(): void;
  /** With how many seats a search says are left, null where it did not answer; and when both were asked. */
  hear(status: QueueStatus, free: number | null, askedMs: number): void;
  /** As it was heard last. */
  readonly status: () => QueueStatus | null;
  /** Passes that were given to a place that was not called by then, as everybody could read two seconds later. */
  readonly overtakes: () => number;
  /** When all could read that no seat is left; null before. From the start. */
  readonly soldOutMs: () => number | null;
  /** Who still waits, waits no more. */
  end(): void;
  readonly isOver: () => boolean;
  readonly acting: () => number;
  /** How late the generator itself was at most. */
  readonly lateMs: () => number;
  readonly rows: Rows;
};
/** What is known of each row afterwards. Times are from the start, in milliseconds; NaN for what did not happen. */
export type Rows = {
  readonly outcome: Uint8Array;
  /** As the platform told it; 0 for who never heard of one. */
  readonly place: Int32Array;
  /** By which it is found in the published draw; empty for who took none. */
  lotOf(row: number): string;
  readonly joinedMs: Float64Array;
  readonly insideMs: Float64Array;
  readonly boughtMs: Float64Array;
  /** What the platform has answered with 202, by idempotency key. */
  readonly accepted: ReadonlyMap<string, { readonly row: number; readonly orderNo: string }>;
  readonly sent: ReadonlySet<string>;
};

const [
  atSearch,
  atJoin,
  atLearn,
  atWait,
  atEnter,
  atBuy,
  atRush,
  atFollow,
  atPay,
  atBank,
  atTicket,
  atCancel,
  atLeave,
  atEnd,
] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13] as const;

/** Of people: who takes a place before the opening, the others come within `lateSpreadMs` of it. */
const earlyShare = 0.8;
const lateSpreadMs = 5 * secondMs;
/** From a search to a place, for who reads slowly on a slow network. */
const slowestJoinMs = 6 * secondMs;
/** Of people: who closes the page before the turn comes; who holds seats and cancels; who leaves them unpaid. */
const closesPage = 0.03;
const cancels = 0.02;
const leavesUnpaid = 0.02;
/** Of those who wait when the last seat is gone: who waits all the same, for seats that come back. */
const waitsOn = 0.02;
/** So often a bot tries to buy without a pass, so far apart. */
const rushes = 3;
const rushEveryMs = 150;
const triesMax = 6;
const followEveryMs = 400;
const followsMax = 60;
/** Pages ask for their number within so long of the draw: `queueHeartbeatMs`, or slower where the crowd is too large for one machine. */
const learnSpreadMs = 10 * secondMs;
const learnsPerSecond = 3_000;

/** What the queue answers is a second old at most, and so is what a process knows of it. */
const statusLateMs = 2_500;

const lotLength = 32;

/** Occasions of chance; 0 is the crowd's own. */
const by = { early: 1, arrival: 2, think: 3, closes: 4, pays: 5, stays: 6, learns: 7, slow: 8 } as const;

export function createRoad(deps: RoadDeps): Road {
  const { crowd, credentials, connections, tally, host, queueId, run, nowMs, startMs, opensMs, haste, stop } = deps;
  const { size, chance, isBot, isSlow } = crowd;
  const agenda = createAgenda(size, startMs);
  const state = new Uint8Array(size);
  const tries = new Uint8Array(size);
  const acts = new Uint16Array(size);
  const outcome = new Uint8Array(size);
  const place = new Int32Array(size);
  const lots = Buffer.alloc(size * lotLength);
  const joinedMs = new Float64Array(size).fill(NaN);
  const insideMs = new Float64Array(size).fill(NaN);
  const boughtMs = new Float64Array(size).fill(NaN);
  const placeTokens: (string | undefined)[] = Array.from({ length: size });
  const passes = new Map<number, string>();
  const orders = new Map<number, string>();
  const payPaths = new Map<number, string>();
  const accepted = new Map<string, { readonly row: number; readonly orderNo: string }>();
  const sent = new Set<string>();
  /** Who has a place, by its number. */
  const rowAt = new Map<number, number>();
  let status: QueueStatus | null = null;
  let served = 0;
  let inFlight = 0;
  let latest = 0;
  let isSoldOut = false;
  let soldOutMs: number | null = null;
  /** Who has come in lately, and is held against the next answers of the queue. */
  let fresh: number[] = [];
  let overtakes = 0;
  let isEnding = false;

  const since = () => nowMs() - startMs;

  /** A page takes a while to be read, and a slow network to carry it. */
  function later(row: number, next: number, leastMs: number, mostMs: number) {
    const occasion = 100 + 8 * Math.min(acts[row]!++, 5_000);
    const slowMs = isSlow(row) ? 400 * 6 ** chance(row, occasion + by.slow) : 0;
    const thinkMs = isBot(row) ? 5 + 20 * chance(row, occasion) : leastMs + (mostMs - leastMs) * chance(row, occasion);
    putAt(row, next, nowMs() + (thinkMs + slowMs) / haste);
  }

  function putAt(row: number, next: number, atMs: number) {
    if (isEnding && next <= atEnter) return finish(row, "notCalled");
    state[row] = next;
    agenda.put(row, atMs);
  }

  function finish(row: number, how: Outcome) {
    state[row] = atEnd;
    outcome[row] = outcomes.indexOf(how);
    placeTokens[row] = undefined;
    passes.delete(row);
    orders.delete(row);
    payPaths.delete(row);
  }

  function ask(row: number, step: StepName, dueMs: number, request: string, heard: (heard: Heard) => void) {
    inFlight++;
    connections.send(request, (answer) => {
      inFlight--;
      tally.took(step, nowMs() - dueMs);
      if (answer.status >= 400 || answer.status === 0)
        tally.refused(step, codeIn(answer.status, answer.body), isBot(row));
      heard(answer);
    });
  }

  /** Where the platform is busy or does not answer, one tries the same again after a while, and gives up at some time. */
  function isPutOff(row: number, { status: code }: Heard): boolean {
    if (code !== 0 && code !== 429 && code < 500) {
      tries[row] = 0;
      return false;
    }
    if (++tries[row]! > triesMax) finish(row, "turnedAway");
    else
      putAt(
        row,
        state[row]!,
        nowMs() + (isBot(row) ? 200 : secondMs * 2 ** Math.min(tries[row]!, 4)) * (0.5 + chance(row, 50 + tries[row]!)),
      );
    return true;
  }

  const head = (row: number, method: string, path: string) =>
    `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\naccept-language: zh\r\nauthorization: Bearer ${credentials.token(row)}\r\nx-forwarded-for: ${crowd.addressOf(row)}\r\n`;
  const get = (row: number, path: string) => `${head(row, "GET", path)}\r\n`;
  /** Bodies are of ASCII. */
  const post = (row: number, path: string, body: string, headers = "", type = "application/json") =>
    `${head(row, "POST", path)}${headers}content-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const searchPath = `/api/search/tickets?${new URLSearchParams({ from: run.from, to: run.to, date: run.boardingDate }).toString()}`;
  const joinBody = JSON.stringify({ queue: queueId });
  const { boardingDate: _boardingDate, ...bought } = run;
  const orderBody = JSON.stringify({ ...bought, passengers: [{ passengerId: 0 }] });
  const orderOf = (row: number) =>
    orderBody.replace('"passengerId":0', `"passengerId":${credentials.passengerId(row)}`);
  const placeBody = (row: number) => JSON.stringify({ place: placeTokens[row] });
  /** What a page has heard of a place: it comes in once called, and hears of it by the answer that all read. */
  function hasPlace(row: number, position: number) {
    place[row] = position;
    rowAt.set(position, row);
    if (position <= served) later(row, atEnter, 200, 1_500);
    else state[row] = atWait;
  }

  const act: Record<number, (row: number, dueMs: number) => void> = {
    [atSearch](row, dueMs) {
      ask(row, "search", dueMs, get(row, searchPath), (heard) => {
        if (!isPutOff(row, heard)) later(row, atJoin, 500, 3_000);
      });
    },
    [atJoin](row, dueMs) {
      ask(row, "join", dueMs, post(row, "/api/queue/join", joinBody), (heard) => {
        if (isPutOff(row, heard)) return;
        // A lot that another account of the same person has: this one can only try without.
        if (heard.status !== 200) return isBot(row) ? rush(row) : finish(row, "noPlace");
        joinedMs[row] = since();
        placeTokens[row] = textIn(heard.body, "place");
        lots.write(textIn(heard.body, "lot") ?? "", row * lotLength, "latin1");
        waitForDraw(row);
      });
    },
    [atLearn](row, dueMs) {
      if (status === null || status.phase === "collecting" || status.phase === "drawing")
        return putAt(row, atLearn, nowMs() + secondMs);
      if (isSoldOut && chance(row, by.stays) >= waitsOn) return finish(row, "soldOut");
      turn(row, dueMs, "learnPlace");
    },
    [atEnter](row, dueMs) {
      turn(row, dueMs, "comeIn");
    },
    [atBuy](row, dueMs) {
      buy(row, dueMs, `x-queue-pass: ${passes.get(row)!}\r\n`, "buy", (heard) => {
        if (heard.status === 202) return later(row, atFollow, 100, 300);
        later(row, atLeave, 500, 3_000);
        outcome[row] = outcomes.indexOf(codeIn(heard.status, heard.body) === "SoldOut" ? "soldOut" : "turnedAway");
      });
    },
    [atRush](row, dueMs) {
      buy(row, dueMs, "", "buyWithoutPass", (heard) => {
        // Should that ever work, it has bought.
        if (heard.status === 202) return later(row, atFollow, 100, 300);
        acts[row] = acts[row]! + 1;
        if (acts[row] < rushes) return putAt(row, atRush, nowMs() + rushEveryMs);
        if (placeTokens[row] === undefined) finish(row, "noPlace");
        else putAt(row, atLearn, nowMs() + secondMs * (1 + chance(row, by.learns)));
      });
    },
    [atFollow](row, dueMs) {
      follow(row, dueMs, "pendingPayment", () => {
        const way = isBot(row) ? 1 : chance(row, by.pays);
        if (way < cancels) return later(row, atCancel, 3_000, 8_000);
        if (way < cancels + leavesUnpaid) return finish(row, "leftUnpaid");
        later(row, atPay, 1_000, 6_000);
      });
    },
    [atPay](row, dueMs) {
      const body = JSON.stringify({ orderNo: orders.get(row), returnUrl: "/" });
      ask(row, "startPaying", dueMs, post(row, "/api/payment", body), (heard) => {
        if (isPutOff(row, heard)) return;
        const payUrl = textIn(heard.body, "payUrl");
        if (heard.status !== 201 || payUrl === undefined) return finish(row, "leftUnpaid");
        const { pathname, search } = new URL(payUrl, "http://here");
        // Anything but the bank to practise with would take real money.
        if (!pathname.startsWith("/sandbox/"))
          return stop(`The platform's bank is not the one to practise with: ${pathname}`);
        payPaths.set(row, pathname + search);
        later(row, atBank, 1_000, 5_000);
      });
    },
    [atBank](row, dueMs) {
      const form = post(
        row,
        payPaths.get(row)!,
        "action=pay&behaviour=normal",
        "",
        "application/x-www-form-urlencoded",
      );
      ask(row, "payAtBank", dueMs, form, (heard) => {
        if (isPutOff(row, heard)) return;
        if (heard.status >= 400) return finish(row, "leftUnpaid");
        putAt(row, atTicket, nowMs() + followEveryMs);
      });
    },
    [atTicket](row, dueMs) {
      follow(row, dueMs, "ticketed", () => {
        outcome[row] = outcomes.indexOf("ticket");
        later(row, atLeave, 100, 500);
      });
    },
    [atCancel](row, dueMs) {
      ask(row, "cancel", dueMs, post(row, `/api/order/${orders.get(row)}/cancel`, "{}"), (heard) => {
        if (isPutOff(row, heard)) return;
        outcome[row] = outcomes.indexOf(heard.status === 200 ? "cancelled" : "leftUnpaid");
        later(row, atLeave, 100, 500);
      });
    },
    [atLeave](row, dueMs) {
      ask(row, "leave", dueMs, post(row, "/api/queue/leave", placeBody(row)), () =>
        finish(row, outcomes[outcome[row]!]!),
      );
    },
  };

  /** Says that it is there, and hears its number and whether it is its turn. */
  function turn(row: number, dueMs: number, step: StepName) {
    ask(row, step, dueMs, post(row, "/api/queue/heartbeat", placeBody(row)), (heard) => {
      if (isPutOff(row, heard)) return;
      if (heard.status !== 200) return finish(row, "noPlace");
      placeTokens[row] = textIn(heard.body, "place");
      const pass = textIn(heard.body, "pass");
      if (pass !== undefined) {
        place[row] ||= Number(/"position":(\d+)/.exec(heard.body)?.[1] ?? 0);
        insideMs[row] = since();
        fresh.push(row);
        passes.set(row, pass);
        return later(row, atBuy, 1_500, 8_000);
      }
      const position = /"position":(\d+)/.exec(heard.body)?.[1];
      if (textIn(heard.body, "turn") === "lost") return finish(row, "notCalled");
      if (position === undefined) return putAt(row, atLearn, nowMs() + 2 * secondMs);
      if (chance(row, by.closes) < closesPage && !isBot(row)) return finish(row, "gaveUp");
      if (Number(position) <= served) return putAt(row, atEnter, nowMs() + 2 * secondMs);
      hasPlace(row, Number(position));
    });
  }

  function buy(row: number, dueMs: number, pass: string, step: StepName, answered: (heard: Heard) => void) {
    const key = `rehearsal-${crowd.seed}-${row}-${step === "buy" ? "pass" : "rush"}`;
    sent.add(`${row} ${key}`);
    ask(row, step, dueMs, post(row, "/api/order", orderOf(row), `idempotency-key: ${key}\r\n${pass}`), (heard) => {
      if (step === "buy" && isPutOff(row, heard)) return;
      if (heard.status === 202) {
        const orderNo = textIn(heard.body, "orderNo")!;
        boughtMs[row] = since();
        orders.set(row, orderNo);
        accepted.set(`${row} ${key}`, { row, orderNo });
      }
      answered(heard);
    });
  }

  /** Until it is so; an order that was rejected is refused late. */
  function follow(row: number, dueMs: number, wanted: string, reached: () => void) {
    ask(row, "followOrder", dueMs, get(row, `/api/order/${orders.get(row)}`), (heard) => {
      if (isPutOff(row, heard)) return;
      const reads = textIn(heard.body, "state");
      if (reads === wanted || reads === "ticketed") return reached();
      if (reads === "rejected") return finish(row, "soldOut");
      if (++acts[row]! > followsMax) return finish(row, "leftUnpaid");
      putAt(row, state[row]!, nowMs() + followEveryMs);
    });
  }

  function waitForDraw(row: number) {
    if (isBot(row)) return putAt(row, atRush, opensMs + rushEveryMs * chance(row, by.think));
    const spreadMs = Math.max(learnSpreadMs / haste, (size / learnsPerSecond) * secondMs);
    putAt(row, atLearn, Math.max(nowMs(), opensMs) + queueRootShownMs + spreadMs * chance(row, by.learns));
  }

  function rush(row: number) {
    putAt(row, atRush, Math.max(nowMs(), opensMs) + rushEveryMs * chance(row, by.think));
  }

  return {
    begin() {
      const collectMs = opensMs - startMs;
      for (let row = 0; row < size; row++) {
        const when = chance(row, by.arrival);
        // Those of a place take theirs while there are lots; a bot at once.
        if (isBot(row)) putAt(row, atJoin, startMs + 0.5 * collectMs * when);
        else if (chance(row, by.early) < earlyShare)
          putAt(row, atSearch, startMs + Math.max(0.2 * collectMs, collectMs - slowestJoinMs / haste) * when);
        else putAt(row, atSearch, opensMs + lateSpreadMs * when);
      }
    },
    step() {
      const now = nowMs();
      agenda.due(now, (row, dueMs) => {
        latest = Math.max(latest, now - dueMs);
        act[state[row]!]!(row, dueMs);
      });
    },
    hear(heard, free, askedMs) {
      status = heard;
      if (free === 0 && !isSoldOut) {
        isSoldOut = true;
        soldOutMs = since();
        for (let row = 0; row < size; row++)
          if (state[row] === atWait && chance(row, by.stays) >= waitsOn) finish(row, "soldOut");
      }
      for (let position = served + 1; position <= heard.served; position++) {
        const row = rowAt.get(position);
        if (row === undefined || state[row] !== atWait) continue;
        if (!isBot(row) && chance(row, by.closes) < closesPage) finish(row, "gaveUp");
        else later(row, atEnter, 200, 1_500);
      }
      served = Math.max(served, heard.served);
      const before = askedMs - startMs - statusLateMs;
      for (const row of fresh) if (insideMs[row]! < before && place[row]! > served) overtakes++;
      fresh = fresh.filter((row) => insideMs[row]! >= before);
    },
    status: () => status,
    overtakes: () => overtakes,
    soldOutMs: () => soldOutMs,
    end() {
      isEnding = true;
      for (let row = 0; row < size; row++) if (state[row] === atWait) finish(row, isSoldOut ? "soldOut" : "notCalled");
    },
    isOver: () => inFlight === 0 && agenda.waiting() === 0,
    acting: () => inFlight + agenda.waiting(),
    lateMs: () => latest,
    rows: {
      outcome,
      place,
      lotOf: (row) => lots.toString("latin1", row * lotLength, (row + 1) * lotLength).replaceAll("\0", ""),
      joinedMs,
      insideMs,
      boughtMs,
      accepted,
      sent,
    },
  };
}

/** A text in an answer that is JSON of ours; answers are read a hundred thousand times, so they are not parsed whole. */
function textIn(body: string, name: string): string | undefined {
  const start = body.indexOf(`"${name}":"`);
  if (start < 0) return undefined;
  const from = start + name.length + 4;
  return body.slice(from, body.indexOf('"', from));
}
