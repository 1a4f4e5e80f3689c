/** From HTTP to gates' events and back. A gate is who shows its key; the key is looked for in memory, so that guessing costs the database nothing. */
import { createHash, timingSafeEqual } from "node:crypto";
import {
  type GateEventAnswer,
  type GateEventSaid,
  type gateRoutes,
  type Handlers,
  readTicketCode,
  type Refusal,
  refusal,
  runId,
  type ShownDocument,
  type Timetable,
  type UserClient,
  type VerifyTicket,
} from "@chepiao/contracts";
import {
  epochMs,
  formatInZone,
  ok,
  parseServiceDate,
  refuse,
  type Result,
  secondMs,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Gate, GateEvent, GateStore } from "@chepiao/ports/gate-store";
import type { OrderStore } from "@chepiao/ports/order-store";
import { ticketsToBoard } from "./list.ts";
import { nearestTicket } from "./nearest.ts";
import type { GatePassages, Settled } from "./passages.ts";

export type GateApiDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly gates: Pick<GateStore, "gates">;
  readonly store: Pick<OrderStore, "holdersOn" | "load" | "ofTraveller">;
  readonly users: Pick<UserClient, "documentHash">;
  readonly timetable: () => Timetable;
  readonly verify: VerifyTicket;
  readonly passages: Pick<GatePassages, "hear">;
};

/** Under which a code is kept that nobody here has signed: staff look at it as at any ticket that is unknown. Each has a name of its own. */
export const unreadableCode = (code: string): string =>
  `unreadable-${createHash("sha256").update(code).digest("hex").slice(0, hashDigits)}`;
/** Under which the document of somebody without a ticket is kept. */
const withoutTicket = (documentHash: string): string => `document-${documentHash.slice(0, hashDigits)}`;
const hashDigits = 20;
/** A gate that was added or retired is known everywhere after so long. */
const gatesFreshMs = 2 * secondMs;

/** What is shown of a gate's key. */
export const gateKeyHash = (key: string): string => createHash("sha256").update(key).digest("hex");

export function createGateApi({
  clock,
  gates,
  store,
  users,
  timetable,
  verify,
  passages,
}: GateApiDeps): Handlers<typeof gateRoutes> {
  let known: { readonly at: number; readonly gates: ReturnType<GateStore["gates"]> } | null = null;

  function currentGates(): ReturnType<GateStore["gates"]> {
    const now = clock.now();
    if (!known || now >= known.at + gatesFreshMs || now < known.at) {
      const asked = gates.gates();
      known = { at: now, gates: asked };
      // What could not be read is not remembered.
      asked.catch(() => (known = null));
    }
    return known.gates;
  }

  /** `Authorization: Bearer GATE:KEY`. */
  async function gateOf(request: Request): Promise<Result<Gate, Refusal>> {
    const [, gateId, key] =
      /^Bearer ([\w-]{1,32}):([\w-]{1,128})$/.exec(request.headers.get("authorization") ?? "") ?? [];
    if (gateId === undefined || key === undefined) return refuse(refusal("GateUnknown"));
    const gate = (await currentGates()).find((each) => each.gateId === gateId && each.retiredAt === null);
    const isIts = gate && timingSafeEqual(Buffer.from(gate.keyHash), Buffer.from(gateKeyHash(key)));
    return isIts ? ok(gate) : refuse(refusal("GateUnknown"));
  }

  async function eventOf(said: GateEventSaid, { gateId, stationId }: Gate): Promise<GateEvent | null> {
    const { eventId, act, at, code, ticketNo, document } = said;
    if ([code, ticketNo, document].filter((each) => each !== undefined).length !== 1) return null;
    // A leap second is well written, and no clock of ours has it.
    const moment = at === undefined ? clock.now() : epochMs(Date.parse(at));
    if (!Number.isFinite(moment)) return null;
    const passage = { gateId, eventId, act, stationId, at: moment };
    if (document !== undefined) {
      const named = await ticketOfHolder(document, passage);
      return named === null ? null : { ...passage, ticketNo: named };
    }
    return { ...passage, ticketNo: ticketNo ?? readTicketCode(code!, verify)?.ticketNo ?? unreadableCode(code!) };
  }

  async function ticketOfHolder(document: ShownDocument, passage: Omit<GateEvent, "ticketNo">): Promise<string | null> {
    const hash = await users.documentHash(document);
    if (hash === null) return null;
    return nearestTicket(await store.ofTraveller(hash), hash, passage)?.ticketNo ?? withoutTicket(hash);
  }

  /**
   * One after another: a gate that says many at once was cut off for a while, and is in no hurry. Those with a document of which nobody can be asked
   * just now are in neither list, and hold up none of the others.
   */
  async function eventsOf(said: readonly GateEventSaid[], gate: Gate) {
    const events: GateEvent[] = [];
    const refused: string[] = [];
    let away: unknown = null;
    for (const each of said) {
      try {
        const event = await eventOf(each, gate);
        if (event) events.push(event);
        else refused.push(each.eventId);
      } catch (error) {
        away = error;
      }
    }
    if (away !== null && events.length === 0) throw away;
    return { events, refused };
  }

  return {
    async gateEvents({ request, body }) {
      const gate = await gateOf(request);
      if (!gate.ok) return gate;
      // What else a gate remembers is not lost with those that are refused.
      const { events, refused } = await eventsOf(body.events, gate.value);
      if (events.length === 0) return refuse(refusal("GateEventUnreadable", { eventId: refused[0]! }));
      const settled = await passages.hear(events);
      const answers = settled.map((event) => answerOf(event, timetable().zone));
      return ok({ status: 200, body: { events: answers, refused } });
    },
    async gateList({ request, query }) {
      const gate = await gateOf(request);
      if (!gate.ok) return gate;
      const { trainNumber, originDate } = query;
      const { stationId } = gate.value;
      const day = parseServiceDate(originDate);
      if (day === null || !timetable().run(trainNumber, day)) return refuse(refusal("RunUnknown"));
      const place = { stationId, zone: timetable().zoneOf(stationId) };
      const lines: string[] = [];
      for await (const ticket of ticketsToBoard(store, runId(trainNumber, day), place))
        lines.push(`${JSON.stringify(ticket)}\n`);
      return ok({ status: 200, body: lines.join(""), raw: true, headers: { "content-type": "application/x-ndjson" } });
    },
  };
}

const answerOf = ({ eventId, ticketNo, outcome, before }: Settled, zone: ZoneName): GateEventAnswer => ({
  eventId,
  ticketNo,
  outcome,
  admit: outcome === "entered" || outcome === "left",
  ...(before
    ? { before: { at: formatInZone(before.at, zone), gateId: before.gateId, stationId: before.stationId } }
    : {}),
});
