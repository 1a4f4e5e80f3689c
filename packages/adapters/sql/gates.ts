/** `t_gate`, and `t_gate_event`: each event lies where the order of its ticket does. */
import type { ExpressionBuilder, Kysely, Selectable } from "kysely";
import { codeOf, gateActs, type GateOutcome, gateOutcomes, isConflict, wordOf } from "@chepiao/contracts";
import { type EpochMs, orderIdOf, slotOfOrder } from "@chepiao/kernel";
import type { GateEvent, GateStore, KnownGateEvent } from "@chepiao/ports/gate-store";
import { inserted } from "./errors.ts";
import type { Everywhere } from "./sharding.ts";
import type { Tables } from "./tables.ts";

const pendingCode = codeOf(gateOutcomes, "pending");
const conflictCodes = gateOutcomes.filter(isConflict).map((outcome) => codeOf(gateOutcomes, outcome));

export function createSqlGateStore(db: Kysely<Tables>, everywhere: Everywhere = (query) => query(db)): GateStore {
  const withKey = ({ ticketNo, gateId, eventId }: GateEvent) => ({
    slot: slotOfTicket(ticketNo),
    ticket_no: ticketNo,
    gate_id: gateId,
    event_id: eventId,
  });

  async function kept(trx: Kysely<Tables>, event: GateEvent): Promise<KnownGateEvent | undefined> {
    const row = await trx
      .selectFrom("t_gate_event")
      .selectAll()
      .where(allOf(withKey(event)))
      .executeTakeFirst();
    return row && eventOf(row);
  }

  /** Most are new: they are put in, and who is in their way is read. */
  async function noteOne(event: GateEvent, now: EpochMs): Promise<KnownGateEvent> {
    const isNew = await inserted(
      db
        .insertInto("t_gate_event")
        .values({
          ...withKey(event),
          act: codeOf(gateActs, event.act),
          station_id: event.stationId,
          event_time: event.at,
          receive_time: now,
          outcome: pendingCode,
        })
        .execute(),
    );
    const fresh: KnownGateEvent = { ...event, receivedAt: now, outcome: "pending" };
    return isNew ? fresh : ((await db.transaction().execute((trx) => kept(trx, event))) ?? fresh);
  }

  return {
    async gates() {
      const rows = await db
        .selectFrom("t_gate")
        .select(["gate_id", "station_id", "key_hash", "create_time", "retire_time"])
        .orderBy("gate_id")
        .execute();
      return rows.map((row) => ({
        gateId: row.gate_id,
        stationId: row.station_id,
        keyHash: row.key_hash,
        addedAt: row.create_time as EpochMs,
        retiredAt: row.retire_time as EpochMs | null,
      }));
    },
    addGate: ({ gateId, stationId, keyHash, addedAt, retiredAt }) =>
      inserted(
        db
          .insertInto("t_gate")
          .values({
            gate_id: gateId,
            station_id: stationId,
            key_hash: keyHash,
            create_time: addedAt,
            retire_time: retiredAt,
          })
          .execute(),
      ),
    async retireGate(gateId, now) {
      await db
        .updateTable("t_gate")
        .set({ retire_time: now })
        .where("gate_id", "=", gateId)
        .where("retire_time", "is", null)
        .execute();
      const gate = await db.selectFrom("t_gate").select("gate_id").where("gate_id", "=", gateId).executeTakeFirst();
      return gate !== undefined;
    },
    async note(events, now) {
      const noted: KnownGateEvent[] = [];
      for (const event of events) noted.push(await noteOne(event, now));
      return noted;
    },
    settle: (event, outcome) =>
      db.transaction().execute(async (trx) => {
        await trx
          .updateTable("t_gate_event")
          .set({ outcome: codeOf(gateOutcomes, outcome) })
          .where(allOf(withKey(event)))
          .where("outcome", "=", pendingCode)
          .execute();
        return (await kept(trx, event))?.outcome ?? outcome;
      }),
    pending: (limit) =>
      everywhere(async (all) => {
        const rows = await all
          .selectFrom("t_gate_event")
          .selectAll()
          .where("outcome", "=", pendingCode)
          .orderBy("receive_time")
          .limit(limit)
          .execute();
        return rows.map(eventOf);
      }),
    conflicts: ({ since, until, outcome }, limit) =>
      everywhere(async (all) => {
        const heard = all.selectFrom("t_gate_event").selectAll().where("receive_time", ">=", since);
        const rows = await (until === null ? heard : heard.where("receive_time", "<", until))
          .where("outcome", "in", outcome === null ? conflictCodes : conflictCodes.filter(isCodeOf(outcome)))
          .orderBy("receive_time", "desc")
          .limit(limit)
          .execute();
        return rows.map(eventOf);
      }),
    async ofTicket(ticketNo, limit) {
      const rows = await db
        .selectFrom("t_gate_event")
        .selectAll()
        .where("slot", "=", slotOfTicket(ticketNo))
        .where("ticket_no", "=", ticketNo)
        .orderBy("event_time")
        .limit(limit)
        .execute();
      return rows.map(eventOf);
    },
    forget: (before) =>
      everywhere(async (all) => {
        const { numDeletedRows } = await all
          .deleteFrom("t_gate_event")
          .where("receive_time", "<", before)
          .where("outcome", "!=", pendingCode)
          .executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

const isCodeOf = (outcome: GateOutcome) => (code: number) => code === codeOf(gateOutcomes, outcome);

type EventKey = Pick<Selectable<Tables["t_gate_event"]>, "event_id" | "gate_id" | "slot" | "ticket_no">;

const allOf = (key: EventKey) => (the: ExpressionBuilder<Tables, "t_gate_event">) => the.and(key);

/** What is no number of a ticket lies at the first place. */
function slotOfTicket(ticketNo: string): number {
  const order = /^(E\d{17})-\d+$/.exec(ticketNo)?.[1];
  const orderId = order === undefined ? null : orderIdOf(order);
  return orderId === null ? 0 : slotOfOrder(orderId);
}

const eventOf = (row: Selectable<Tables["t_gate_event"]>): KnownGateEvent => ({
  gateId: row.gate_id,
  eventId: row.event_id,
  ticketNo: row.ticket_no,
  act: wordOf(gateActs, row.act),
  stationId: row.station_id,
  at: row.event_time as EpochMs,
  receivedAt: row.receive_time as EpochMs,
  outcome: wordOf(gateOutcomes, row.outcome),
});
