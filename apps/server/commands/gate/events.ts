/** Who went in and out, said for a gate: noted beside the platform, which decides on it within seconds. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  GateEventSaid,
  type GateAct,
  type GateOutcome,
  gateOutcomes,
  isConflict,
  readTicketCode,
  type RunId,
  runId,
  type VerifyTicket,
} from "@chepiao/contracts";
import {
  epochMs,
  type EpochMs,
  formatInZone,
  gateEventsKeptDays,
  dayMs,
  parseServiceDate,
  secondMs,
} from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { ConflictsAsked, Gate, GateEvent, KnownGateEvent } from "@chepiao/ports/gate-store";
import { ticketsToBoard, unreadableCode } from "@chepiao/services/order";
import { Compile } from "typebox/compile";
import { CommandFailed, UsageError } from "../command.ts";
import { operatorActs, operatorLooks } from "../operator.ts";
import { table } from "../table.ts";
import { gateEver, gateNamed } from "./gates.ts";
import type { GateStores } from "./stores.ts";

type Say = (line: string) => void;
/** Null where no keys were given: then codes cannot be read. */
type Keys = VerifyTicket | null;

const decidedWithinMs = 15 * secondMs;
const lookEveryMs = secondMs / 2;
const notedAtOnce = 500;
const conflictsShown = 200;
/** Of one ticket: honest gates say a few. */
const storyMax = 20;

export type Passing = {
  readonly act: GateAct;
  readonly gateId: string;
  /** A number, or a code. */
  readonly ticket: string;
  readonly at: string | undefined;
};

/** Whether the gate opens. */
export async function pass(
  stores: GateStores,
  { act, gateId, ticket, at }: Passing,
  keys: Keys,
  say: Say,
): Promise<boolean> {
  const gate = await gateNamed(stores, gateId);
  const named = /^CP\d\./.test(ticket) ? { code: ticket } : { ticketNo: ticket };
  const said = { eventId: randomUUID(), act, ...named, ...(at === undefined ? {} : { at }) };
  const event = eventOf(said, gate, keys, stores.clock.now(), "The ticket");
  const note = { action: "useGates", subject: `gate ${gateId}`, what: `${act}: ${event.ticketNo}` } as const;
  await operatorActs(stores.auditTrail, note, () => stores.gates.note([event], stores.clock.now()));
  const [outcome] = await decided(stores, [event]);
  say(outcomeText(event, outcome!));
  if (outcome === "usedBefore") for (const line of await storyOf(stores, event.ticketNo)) say(`  ${line}`);
  return outcome === "pending" || !isConflict(outcome!);
}

/** Lines of JSON, as the API takes them. One that cannot be read keeps none of the others out, and is told of. */
export async function upload(
  stores: GateStores,
  { file, gateId }: { readonly file: string; readonly gateId: string },
  keys: Keys,
  say: Say,
): Promise<boolean> {
  const gate = await gateEver(stores, gateId);
  const now = stores.clock.now();
  const events: GateEvent[] = [];
  const unread: string[] = [];
  for (const { text, line } of linesIn(file)) {
    try {
      events.push(beforeRetired(eventOf(saidIn(text, line), gate, keys, now, `Line ${line}`), gate, line));
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      unread.push(error.message);
    }
  }
  const note = { action: "useGates", subject: `gate ${gateId}`, what: `upload ${events.length} events` } as const;
  await operatorActs(stores.auditTrail, note, async () => {
    for (let next = 0; next < events.length; next += notedAtOnce)
      await stores.gates.note(events.slice(next, next + notedAtOnce), now);
  });
  const outcomes = await decided(stores, events);
  const counts = Map.groupBy(outcomes, (outcome) => outcome);
  say(
    `${events.length} events of gate ${gateId} are kept. ${[...counts].map(([what, { length }]) => `${what}: ${length}`).join(", ")}`,
  );
  for (const why of unread) say(`✗ ${why}`);
  const wrong = outcomes.filter(isConflict).length;
  if (wrong > 0) say(`Staff should look at ${wrong} of them: gate conflicts`);
  return wrong === 0 && unread.length === 0;
}

export type ConflictsNamed = { readonly [Name in "outcome" | "since" | "until"]?: string | undefined };

export async function conflicts(stores: GateStores, { since, until, outcome }: ConflictsNamed, say: Say) {
  const asked: ConflictsAsked = {
    since: since === undefined ? epochMs(stores.clock.now() - gateEventsKeptDays * dayMs) : instantOf(since, "--since"),
    until: until === undefined ? null : instantOf(until, "--until"),
    outcome: outcome === undefined ? null : conflictNamed(outcome),
  };
  const found = await stores.gates.conflicts(asked, conflictsShown);
  await operatorLooks(stores.auditTrail, { action: "readGates", what: `${found.length} conflicts` });
  if (found.length === 0) return say("No conflicts.");
  for (const event of found) {
    say(outcomeText(event, event.outcome));
    for (const line of await storyOf(stores, event.ticketNo)) say(`  ${line}`);
  }
  // The last of them is shown again: others may have been heard at its moment.
  const oldest = found.length < conflictsShown ? undefined : found.at(-1);
  if (oldest)
    say(`There may be more: --until ${new Date(oldest.receivedAt + 1).toISOString()}, or one --outcome at a time`);
}

function conflictNamed(text: string): GateOutcome {
  const conflict = gateOutcomes.find((each) => each === text && isConflict(each));
  if (!conflict) throw new UsageError(`--outcome is one of ${gateOutcomes.filter(isConflict).join(", ")}.`);
  return conflict;
}

/** The tickets that board the train there, a line of JSON each. */
export async function list(
  stores: GateStores,
  run: { readonly train: string; readonly date: string },
  stationId: string,
  say: Say,
) {
  const id = runOf(stores, run.train, run.date);
  if (!stores.timetable.station(stationId))
    throw new CommandFailed(`The timetable does not know the station ${stationId}.`);
  await operatorLooks(stores.auditTrail, {
    action: "readGates",
    subject: `run ${id}`,
    what: `tickets from ${stationId}`,
  });
  const place = { stationId, zone: stores.timetable.zoneOf(stationId) };
  for await (const ticket of ticketsToBoard(stores.orders, id, place)) say(JSON.stringify(ticket));
}

function runOf({ timetable }: GateStores, train: string, date: string): RunId {
  const day = parseServiceDate(date);
  if (day === null || !timetable.run(train, day))
    throw new CommandFailed(`The timetable does not know ${train} on ${date}.`);
  return runId(train, day);
}

// Events as they are written ----------------------------------------------------------------------------------------------

const saidForm = Compile(GateEventSaid);

function linesIn(file: string): { readonly text: string; readonly line: number }[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read: ${(error as Error).message}`);
  }
  return text
    .split("\n")
    .map((each, n) => ({ text: each.trim(), line: n + 1 }))
    .filter((each) => each.text !== "");
}

function saidIn(text: string, line: number): GateEventSaid {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new CommandFailed(`Line ${line} is no JSON.`);
  }
  if (!saidForm.Check(said))
    throw new CommandFailed(`Line ${line} is no event: eventId, act, code or ticketNo, and at.`);
  return said;
}

function eventOf(said: GateEventSaid, gate: Gate, keys: Keys, now: EpochMs, where: string): GateEvent {
  const { eventId, act, at, code, ticketNo, document } = said;
  // Whose it is takes a key that no command is given.
  if (document) throw new CommandFailed(`${where} names a document: only the platform itself can be told by one.`);
  if ((code === undefined) === (ticketNo === undefined))
    throw new CommandFailed(`${where} says neither a code nor a number, or both.`);
  if (code !== undefined && !keys) throw new UsageError(`${where} says a code: --key FILE has the keys that check it.`);
  const named = ticketNo ?? readTicketCode(code!, keys!)?.ticketNo ?? unreadableCode(code!);
  if (!/^[\w-]{1,32}$/.test(named)) throw new CommandFailed(`${where}: "${named}" is no number of a ticket.`);
  const { gateId, stationId } = gate;
  const moment = at === undefined ? now : epochMs(Date.parse(at));
  // A leap second is well written, and no clock of ours has it.
  if (!Number.isFinite(moment)) throw new CommandFailed(`${where}: "${at}" is no moment that a clock has.`);
  return { gateId, eventId, ticketNo: named, act, stationId, at: moment };
}

/** What a gate remembers from before it was retired is as true as ever. */
function beforeRetired(event: GateEvent, { gateId, retiredAt }: Gate, line: number): GateEvent {
  if (retiredAt !== null && event.at >= retiredAt)
    throw new CommandFailed(`Line ${line} is from when gate ${gateId} was retired already.`);
  return event;
}

function instantOf(text: string, where: string): EpochMs {
  const at = Date.parse(text);
  if (!Number.isFinite(at))
    throw new UsageError(`${where}: "${text}" is no moment, such as 2026-12-01T07:30:00+08:00.`);
  return epochMs(at);
}

// What became of them -----------------------------------------------------------------------------------------------------

/** As they stand once a platform has decided on them, or `pending` where none does in that time. */
async function decided({ gates, clock }: GateStores, events: readonly GateEvent[]): Promise<GateOutcome[]> {
  const until = clock.now() + decidedWithinMs;
  const outcomes: GateOutcome[] = [];
  for (const event of events)
    for (;;) {
      const [known] = await gates.note([event], clock.now());
      if (known!.outcome === "pending" && clock.now() < until) await sleep(clock, lookEveryMs);
      else {
        outcomes.push(known!.outcome);
        break;
      }
    }
  return outcomes;
}

const outcomeTexts: Readonly<Record<GateOutcome, string>> = {
  pending: "kept, and decided on as soon as a platform runs",
  entered: "entered",
  left: "left",
  usedBefore: "somebody has entered with it before",
  leftBefore: "somebody has left with it before",
  givenBack: "it was given back",
  changed: "it was changed into another ticket",
  notValid: "it is not paid",
  ticketUnknown: "there is no such ticket",
  otherStation: "its trip begins at another station",
  tooEarly: "its train leaves more than a day later",
  tooLate: "its train has arrived",
};

const outcomeText = ({ ticketNo, gateId, act }: GateEvent, outcome: GateOutcome): string =>
  `${isConflict(outcome) ? "✗" : "✓"} ${ticketNo} ${act} at gate ${gateId}: ${outcomeTexts[outcome]}`;

/** All that gates said of a ticket, by their clocks, so that who came first stands first. */
async function storyOf({ gates, timetable }: GateStores, ticketNo: string): Promise<readonly string[]> {
  const row = ({ at, stationId, gateId, act, outcome }: KnownGateEvent) => [
    formatInZone(at, timetable.zoneOf(stationId)),
    stationId,
    gateId,
    act,
    outcome,
  ];
  return table((await gates.ofTicket(ticketNo, storyMax)).map(row));
}
