/** What is asked about entries, and answered as they stand. */
import {
  type LinesClient,
  type PayableOrder,
  type Refusal,
  refusal,
  type Timetable,
  type ToldEntry,
  type WaitlistChance,
  type WaitlistEntry,
  type WaitlistStory,
} from "@chepiao/contracts";
import {
  formatInZone,
  ok,
  type OrderId,
  orderNoOf,
  refuse,
  type Result,
  type UserId,
  waitlistIdOf,
  waitlistNoOf,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { WaitlistRecord, WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { Chances } from "./chances.ts";
import { needOf } from "./needs.ts";
import { passedOverMax, placedChoices, releasesAsked, storyOf } from "./story.ts";
import { entryView, storyView } from "./views.ts";

export type QueriesDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly store: Pick<WaitlistStore, "load" | "ofUser" | "releases">;
  readonly inventory: Pick<LinesClient, "ahead">;
  readonly chances: Pick<Chances, "ofEntry">;
};

const pageSizeDefault = 20;

export function createQueries({ clock, timetable, store, inventory, chances }: QueriesDeps) {
  /** The entry, if it is that account's own; to any other account it does not exist. */
  async function own(userId: number, waitlistNo: string): Promise<Result<WaitlistRecord, Refusal>> {
    const entryId = waitlistIdOf(waitlistNo);
    const entry = entryId === null ? null : await store.load(entryId);
    return entry?.userId === userId ? ok(entry) : refuse(refusal("WaitlistUnknown"));
  }

  const view = (entry: WaitlistRecord): WaitlistEntry => entryView(entry, timetable(), clock.now());

  /** How many are before it, by choice, as far as that can be known; of one that is not prepaid, how many would be. */
  async function aheadOf(entry: WaitlistRecord): Promise<ReadonlyMap<number, number>> {
    const placed = { ...entry, place: entry.place ?? clock.now() };
    const needs = placedChoices(entry)
      .map((choice) => needOf(placed, choice, timetable()))
      .filter((need) => need !== null);
    const ahead = needs.length === 0 ? [] : await inventory.ahead(needs);
    return new Map(needs.flatMap(({ line }, n) => (ahead[n] === null ? [] : [[line, ahead[n]!] as const])));
  }

  async function told(entry: WaitlistRecord): Promise<{ story: WaitlistStory; chance: WaitlistChance | null }> {
    const [ahead, releases] = await Promise.all([
      aheadOf(entry),
      entry.place === null ? [] : store.releases(releasesAsked(entry), entry.createdAt, passedOverMax),
    ]);
    return {
      story: storyView(storyOf(entry, entry.place === null ? new Map() : ahead, releases), timetable()),
      chance: await chances.ofEntry(entry, ahead),
    };
  }

  return {
    own,
    view,
    told,

    async list(userId: UserId, query: { readonly before?: string; readonly limit?: number }) {
      const { limit = pageSizeDefault } = query;
      const before = query.before === undefined ? null : waitlistIdOf(query.before);
      const found = await store.ofUser(userId, { limit: limit + 1, ...(before === null ? {} : { before }) });
      const entries = found.slice(0, limit).map(view);
      return { entries, next: found.length > limit ? entries.at(-1)!.waitlistNo : null };
    },

    /** What its owner may be told of it; null where nobody knows it. */
    async toldOf(entryId: OrderId): Promise<ToldEntry | null> {
      const entry = await store.load(entryId);
      if (!entry) return null;
      const { zoneOf } = timetable();
      const trips = entry.choices.map((choice) => ({
        trainNumber: choice.trainNumber,
        boardingDate: choice.boardingDate,
        fromStationId: choice.fromStationId,
        fromName: choice.fromName,
        toStationId: choice.toStationId,
        toName: choice.toName,
        departAt: formatInZone(choice.departAt, zoneOf(choice.fromStationId)),
      }));
      return { userId: entry.userId, waitlistNo: waitlistNoOf(entryId), trips };
    },

    /** The entry as its owner may prepay it now. */
    async payable(userId: UserId, waitlistNo: string): Promise<Result<PayableOrder, Refusal>> {
      const found = await own(userId, waitlistNo);
      if (!found.ok) return found;
      const entry = found.value;
      if (entry.state !== "awaitingPrepayment" || entry.prepayBy <= clock.now())
        return refuse(refusal("OrderNotPayable", { state: entry.state }));
      const [first] = entry.choices;
      return ok({
        orderNo: orderNoOf(entry.entryId),
        userId: entry.userId,
        runId: first!.runId,
        totalFen: entry.prepayFen,
        payBy: entry.prepayBy,
        subject: subjectOf(first!, timetable()),
      });
    },
  };
}

function subjectOf(choice: WaitlistRecord["choices"][number], timetable: Timetable): PayableOrder["subject"] {
  const { trainNumber, fromName, toName, fromStationId, toStationId, boardingDate } = choice;
  const english = (stationId: string, name: string) => timetable.station(stationId)?.nameEn ?? name;
  return {
    zh: `候补 ${trainNumber} ${fromName}–${toName} ${boardingDate}`,
    en: `Waitlist ${trainNumber} ${english(fromStationId, fromName)} – ${english(toStationId, toName)} ${boardingDate}`,
  };
}

export type Queries = ReturnType<typeof createQueries>;
