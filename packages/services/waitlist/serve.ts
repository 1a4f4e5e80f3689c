/**
 * From the seats that the line gave to an entry to its order. The entry is changed first, so that of all that it is given at one time one
 * becomes its order; then the order room makes it, under the entry's own id. Whoever dies on the way is followed by whoever hears of the
 * grant again: the log, the job that looks for such entries, the seat store once the seats are held too long (I7).
 */
import {
  type FulfilCommand,
  type Grant,
  type HoldName,
  type InventoryClient,
  isUndecided,
  type LinesClient,
  type OrderClient,
  type RunId,
  type Timetable,
  trainAndDateOf,
} from "@chepiao/contracts";
import { waitlistNoOf } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { WaitlistRecord, WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { Changes } from "./changes.ts";
import { decideGranted, decideNotOrdered, decideOrdered, isAboutSeats } from "./decide.ts";
import type { JoinLines } from "./lines.ts";
import { nameOf } from "./needs.ts";

export type ServeDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly store: Pick<WaitlistStore, "load">;
  readonly inventory: Pick<LinesClient, "grants"> & Pick<InventoryClient, "release">;
  readonly orders: Pick<OrderClient, "fulfil" | "isLive">;
  readonly changes: Changes;
  readonly joinLines: JoinLines;
  readonly count: (what: "served" | "conflicts" | "grantsPassedOn") => void;
};

/** Whether the seats stay with the entry. */
export type Kept = boolean;

export type Serve = {
  /** An entry was given seats. */
  grant(runId: RunId, grant: Grant): Promise<Kept>;
  /** The same of one of which only the name is known. */
  named(name: HoldName): Promise<Kept>;
  /** An entry whose seats have not become its order yet. */
  goOn(entry: WaitlistRecord): Promise<Kept>;
};

export function createServe(deps: ServeDeps): Serve {
  const { clock, store, inventory, orders, changes } = deps;

  async function grant(runId: RunId, { holdId, line, seatClass }: Grant): Promise<Kept> {
    const made = await changes.make(holdId, (entry) =>
      decideGranted(entry, { runId, choice: line, seatClass }, clock.now()),
    );
    const kind = made?.decision.kind ?? "unwanted";
    if (kind === "unwanted") return passOn({ runId, holdId, line });
    if (kind === "ordered") return orders.isLive(holdId);
    // What is known is being ordered, or is taken up by the job; what comes second waits for what becomes of the first.
    return kind === "granted" ? goOn(made!.entry) : true;
  }

  async function passOn(name: HoldName): Promise<Kept> {
    deps.count("grantsPassedOn");
    await inventory.release(name);
    return false;
  }

  async function named(name: HoldName): Promise<Kept> {
    const run = deps.timetable().run(...trainAndDateOf(name.runId));
    const given = run ? await inventory.grants(run) : [];
    // Read after the grants: one that is confirmed is no grant any more, and its entry does not wait.
    const entry = await store.load(name.holdId);
    const choice = entry?.choices[name.line];
    if (!entry || !choice || choice.runId !== name.runId) return passOn(name);
    if (entry.state === "waiting") {
      const own = given.find(({ holdId, line }) => holdId === name.holdId && line === name.line);
      return own ? grant(name.runId, own) : passOn(name);
    }
    const seatClass = entry.granted?.seatClass ?? choice.seatClasses[0]!;
    return grant(name.runId, { ...name, seatClass, fromStop: choice.fromStop, toStop: choice.toStop, seatIndexes: [] });
  }

  async function goOn(entry: WaitlistRecord): Promise<Kept> {
    const command = commandOf(entry);
    const answer = await orders.fulfil(command);
    if (answer.ok) {
      await changes.make(entry.entryId, (now) => ({ change: decideOrdered(now, clock.now()) }));
      deps.count("served");
      return true;
    }
    // The order room did not decide: it is asked again.
    if (isUndecided(answer.error)) return true;
    return handBack(entry, answer.error.code);
  }

  /** Its order cannot be made. */
  async function handBack(entry: WaitlistRecord, code: Parameters<typeof decideNotOrdered>[1]): Promise<Kept> {
    const choice = entry.choices[entry.granted!.choice]!;
    const made = await changes.make(entry.entryId, (now) => ({
      // Who was quicker has decided about this grant; another one is not ours to hand back.
      change: now.grantCount === entry.grantCount ? decideNotOrdered(now, code, clock.now()) : null,
    }));
    if (!made?.decision.change) return true;
    deps.count("conflicts");
    if (!isAboutSeats(code)) {
      await inventory.release(nameOf(entry, choice));
      return false;
    }
    await deps.joinLines(made.entry);
    return false;
  }

  return { grant, named, goOn };
}

function commandOf(entry: WaitlistRecord): FulfilCommand {
  const { choice: n, seatClass } = entry.granted!;
  const choice = entry.choices[n]!;
  return {
    orderId: entry.entryId,
    userId: entry.userId,
    key: `${waitlistNoOf(entry.entryId)}-${entry.grantCount}`,
    line: {
      trainNumber: choice.trainNumber,
      originDate: choice.originDate,
      from: choice.fromStationId,
      to: choice.toStationId,
      fromStop: choice.fromStop,
      holdLine: n,
      seatClass,
      passengers: entry.passengers.map(({ passengerId, ticketType }) => ({ passengerId, ticketType })),
    },
    prepaid: entry.captured!,
  };
}
