/**
 * Who stands at the gates: lets people in and out with tickets of theirs, now and then twice, by another gate, or with one that is not valid; says it at
 * once, or keeps it while the gate can ask nobody and has it noted later, as `gate upload` does. Where nobody answers it is said again.
 */
import { type GateEventAnswer, lineOf, ServiceUnavailable, type Timetable } from "@chepiao/contracts";
import { epochMs, hourMs, secondMs } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { GateEvent } from "@chepiao/ports/gate-store";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { gateKeyHash } from "@chepiao/services/order";
import { settled } from "../core/settled.ts";
import type { Life } from "../core/life.ts";
import type { World } from "../world.ts";
import type { Told } from "./told.ts";

const gatesOfStation = ["A", "B"] as const;
const keyOf = (gateId: string) => `key-of-${gateId}`;
const triesMax = 30;

/** Two at each station, before anything begins. */
export function openGates(world: World, timetable: Timetable): void {
  for (const { stationId } of timetable.stations)
    for (const side of gatesOfStation) {
      const gateId = `${side}-${stationId}`;
      const gate = { gateId, stationId, keyHash: gateKeyHash(keyOf(gateId)), addedAt: world.now(), retiredAt: null };
      settled(world.sql.within.gates.addGate(gate));
    }
}

export type UsherDeps = { readonly world: World; readonly told: Told; readonly life: Life };

export async function standAtGates({ world, told, life }: UsherDeps): Promise<void> {
  const { chance, clock } = life;
  const kept: GateEvent[] = [];
  let said = 0;

  function passage(order: OrderRecord, ticket: TicketRecord): GateEvent {
    const line = lineOf(order, ticket);
    const act = chance.chance(0.8) ? "enter" : "leave";
    const stationId = act === "enter" ? line.fromStationId : line.toStationId;
    const at = epochMs(act === "enter" ? line.departAt - Math.floor(chance.next() * hourMs) : line.arriveAt + secondMs);
    const gateId = `${chance.pick(gatesOfStation)}-${stationId}`;
    return { gateId, eventId: `${life.name}-${said++}`, ticketNo: ticket.ticketNo, act, stationId, at };
  }

  /** At once, with the key of the gate. Asked again under the same id. */
  async function say(event: GateEvent): Promise<void> {
    const { gateId, eventId, ticketNo, act, at } = event;
    const headers = new Headers({ authorization: `Bearer ${gateId}:${keyOf(gateId)}` });
    const body = { events: [{ eventId, act, at: new Date(at).toISOString(), ticketNo }] };
    for (let tries = 0; tries < triesMax; tries++) {
      const heard = await world.ask(life, "order", "gateEvents", { body, headers });
      if (heard.kind === "answer") {
        const [answer] = (heard.body as { readonly events: readonly GateEventAnswer[] }).events;
        told.passages.push(event);
        told.count(`at the gate: ${answer!.outcome}`);
        return;
      }
      if (heard.kind === "refusal" && heard.refusal.code === "GateUnknown")
        told.wrong.push(`gate ${gateId} showed its key, and was refused`);
      await sleep(clock, chance.next() * 2 * secondMs);
    }
  }

  /** Beside the platform. What is answered as kept has to be decided on by it. */
  async function upload(): Promise<void> {
    const { gates } = world.sql.portsOf(life);
    for (let tries = 0; kept.length > 0 && tries < triesMax; tries++) {
      try {
        await gates.note(kept, clock.now());
        told.passages.push(...kept);
        told.count("uploaded passages");
        // A gate that is not sure says it once more.
        if (chance.chance(0.7)) kept.length = 0;
      } catch (error) {
        if (!(error instanceof ServiceUnavailable)) throw error;
        await sleep(clock, chance.next() * 2 * secondMs);
      }
    }
  }

  for (let rest = chance.between(6, 24); rest > 0; rest--) {
    await sleep(clock, chance.next() * 3 * secondMs);
    const orders = world.sql.within.orders.all().filter(({ paymentNo }) => paymentNo !== null);
    if (orders.length === 0) continue;
    const order = chance.pick(orders);
    const event = passage(order, chance.pick(order.tickets));
    const again = chance.chance(0.3)
      ? [{ ...event, gateId: `B-${event.stationId}`, eventId: `${event.eventId}-again` }]
      : [];
    if (chance.chance(0.4)) kept.push(event, ...again);
    else await Promise.all([event, ...again].map(say));
    if (chance.chance(0.3)) await upload();
  }
  await upload();
}
