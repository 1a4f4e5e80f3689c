/**
 * Holds what the platform left behind against what people were told, once all has come to rest: orders, seats, money and limits
 * (I1 to I7), seats for sale, and read models (I8).
 */
import { mysqlConnection } from "@chepiao/adapters/mysql";
import { holdGraceMs } from "@chepiao/kernel";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import {
  judge,
  nobodyWaitsForFreeSeats,
  type Records,
  recordsOfCluster,
  seatsAreFreeBut,
  seatTypes,
} from "../testing/audit.ts";
import type { Answers } from "../testing/passengers.ts";
import { readModelsAreOrders } from "../testing/readModels.ts";
import type { World } from "../testing/world.ts";
import { type Hold, holdsOn } from "./holds.ts";
import { paymentTimeoutMs, seatsOfClass, type Stage } from "./stage.ts";

export type Auditor = {
  /** All there is now. */
  records(): Promise<Records>;
  /** What is wrong and was not before, in words, after the platform had time to come to rest. */
  audit(world: World, record: Answers): Promise<string[]>;
  /** I2: seats that a purchase left behind which nobody answered, and that should be free again by now. */
  overdue(worlds: readonly World[]): Promise<readonly Hold[]>;
};

/** A bank says again after 15 seconds what nobody heard; then there is still a refund to be paid. */
const restMs = 90_000;
const readModelsMs = 30_000;
const checkEveryMs = 1_000;
/** A sweep that could not ask about a hold asks again after a minute. */
const sweptWithinMs = 90_000;

export function createAuditor(stage: Pick<Stage, "platform" | "redis">): Auditor {
  const { settings, dataDir, gatewayUrl } = stage.platform;
  const known = new Set<string>();

  async function records(): Promise<Records> {
    await using sql = await connectTo(settings["MYSQL_URL"]!);
    return await recordsOfCluster(async (statement) => (await sql.query<RowDataPacket[]>(statement))[0], dataDir);
  }

  /** Holds of purchases that never became orders: the process that decided them died before the buyer was answered. */
  async function leftBehind({ trains, date }: World, { orders }: Records): Promise<Hold[]> {
    const written = new Set(orders.map(({ id }) => id));
    const holds = await Promise.all(trains.map((train) => holdsOn(stage.redis, `${train}/${date}`)));
    return holds.flat().filter(({ id }) => !written.has(id));
  }

  /** Seats that were left behind are rightly not for sale, for as long as a hold lives (I2). */
  async function seats(world: World): Promise<string[]> {
    const all = await records();
    const left = await leftBehind(world, all);
    const latest = Date.now() + paymentTimeoutMs + holdGraceMs;
    const endless = left.filter(({ deadline }) => deadline === 0 || deadline > latest);
    const taken = { ...all, tickets: [...all.tickets, ...left.flatMap(seatsOf)] };
    return [
      ...endless.map(({ id, runId, deadline }) => `I2: ${runId} is held by ${id}, no order, until ${deadline}`),
      ...(await seatsAreFreeBut(taken, gatewayUrl, seatsOfClass, world)),
    ];
  }

  return {
    records,
    async audit(world, record) {
      const told = { accepted: record.accepted, sent: record.sent };
      const isNew = (wrong: readonly string[]) => wrong.filter((each) => !known.has(each));
      const wrong = [
        ...isNew(record.wrong),
        ...(await settled(restMs, async () => isNew(judge(await records(), told)))),
        ...(await settled(restMs, async () => isNew(nobodyWaitsForFreeSeats(await records(), seatsOfClass)))),
        ...(await settled(restMs, () => seats(world))),
        ...(await settled(readModelsMs, () => readModelsAreOrders(settings, world.date))),
      ];
      // One fault's damage is not blamed on the next.
      for (const each of wrong) known.add(each);
      return wrong;
    },
    async overdue(worlds) {
      const all = await records();
      const left = await Promise.all(worlds.map((world) => leftBehind(world, all)));
      const before = Date.now() - sweptWithinMs;
      return left.flat().filter(({ deadline }) => deadline < before);
    },
  };
}

/** Looks until nothing is wrong, or time is up; a look that fails is wrong itself. */
export async function settled(withinMs: number, check: () => Promise<string[]>): Promise<string[]> {
  const until = performance.now() + withinMs;
  for (;;) {
    const wrong = await check().catch((error: unknown) => [`the audit failed: ${String(error)}`]);
    if (wrong.length === 0 || performance.now() > until) return wrong;
    await Bun.sleep(checkEveryMs);
  }
}

async function connectTo(uri: string) {
  const connection = await createConnection({ ...mysqlConnection(uri).options, supportBigNumbers: true });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.end() });
}

type TicketRow = Records["tickets"][number];
const heldTicket = 0;

/** Trains of the stage have seats of one class. */
const [onlyClass] = Object.keys(seatsOfClass);

/** A seat of a hold, as a ticket that nobody has would take it. */
const seatsOf = ({ runId, fromStop, toStop, seats }: Hold): TicketRow[] =>
  seats.map((seat) => {
    const way = { run_id: runId, from_stop: fromStop, to_stop: toStop };
    const row = { ...way, seat_type: seatTypes[onlyClass!], seat_index: seat, ticket_status: heldTicket };
    return row as TicketRow;
  });
