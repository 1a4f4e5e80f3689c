/** From HTTP to the queue and back. What everybody asks is answered from memory; only who joins, is called, or leaves is a step of the store. */
import {
  type AnnouncedQueuesClient,
  type Handler,
  type Handlers,
  type KeptQueue,
  type QueueDraw,
  type queueRoutes,
  type QueueTurn,
  type Refusal,
  refusal,
  type Reply,
  type UserClient,
} from "@chepiao/contracts";
import {
  type EpochMs,
  epochMs,
  formatInZone,
  minuteMs,
  ok,
  queueInsideMs,
  queueLotsPerPage,
  queuePassMs,
  refuse,
  type Result,
  secondMs,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { QueueCounters } from "@chepiao/ports/queue-counters";
import type { QueueStore } from "@chepiao/ports/queue-store";
import type { RateLimiter } from "@chepiao/ports/rate-limiter";
import type { QueuePasses } from "@chepiao/room";
import { personOf, type Place, type Places } from "./places.ts";
import { announcedView, isOver, type States, stateFreshMs, statusView } from "./status.ts";
import type { TakenLots } from "./takenLots.ts";

export type ApiDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly zone: () => ZoneName;
  readonly queues: Pick<AnnouncedQueuesClient, "all">;
  readonly users: Pick<UserClient, "passengers">;
  readonly counters: Pick<QueueCounters, "join" | "enter" | "leave">;
  readonly store: Pick<QueueStore, "page">;
  readonly limiter: Pick<RateLimiter, "take">;
  readonly states: States;
  readonly places: Places;
  readonly passes: QueuePasses;
  /** Where the counters are in memory; null where they outlive this process. */
  readonly takenLots: TakenLots | null;
};

/** Steps of the store that one account may cause: a page asks for three a minute. */
const stepsPerMinute = { triesMax: 30, windowMs: minuteMs };
/** Answers that are ready, by address: a few for each queue, and what a client adds to it is refused before. */
const readyMax = 1_000;
const cacheable = { "cache-control": `public, max-age=${secondMs / 1_000}` };
const unknown = () => refuse(refusal("QueueUnknown"));

export function createHandlers(deps: ApiDeps): Handlers<typeof queueRoutes> {
  const { clock, zone, queues, users, counters, store, limiter, states, places, passes, takenLots } = deps;
  const find = (queueId: string): KeptQueue | null => queues.all().find((each) => each.queueId === queueId) ?? null;
  const live = (queueId: string): KeptQueue | null => {
    const queue = find(queueId);
    return queue && !isOver(queue, clock.now()) ? queue : null;
  };

  async function tooOften(userId: number): Promise<Refusal | null> {
    const waitMs = await limiter.take(`queue ${userId}`, stepsPerMinute);
    return waitMs === 0 ? null : refusal("TooManyRequests", { retryAfterSeconds: Math.ceil(waitMs / secondMs) });
  }

  /** A place that we signed for this account, in a queue that is on. */
  function placeIn(
    token: string,
    userId: number,
  ): Result<{ readonly place: Place; readonly queue: KeptQueue }, Refusal> {
    const place = places.read(token, userId);
    if (!place) return refuse(refusal("QueuePlaceInvalid"));
    const queue = live(place.queueId);
    return queue ? ok({ place, queue }) : unknown();
  }

  const placeView = (place: Place) => ({
    queueId: place.queueId,
    place: places.sign(place),
    lot: place.lot,
    position: place.position > 0 ? place.position : null,
  });

  function turnView(place: Place, turn: QueueTurn["turn"], now: EpochMs): QueueTurn {
    const until = epochMs(now + queuePassMs);
    const isInside = turn === "inside";
    return {
      ...placeView(place),
      turn,
      pass: isInside ? passes.sign(place, until) : null,
      passUntil: isInside ? formatInZone(until, zone()) : null,
    };
  }

  const ready = new Map<string, { readonly reply: Reply; readonly until: number }>();

  const status: Handler<typeof queueRoutes.status> = async ({ query, request }) => {
    const queue = find(query.queue);
    if (!queue) return unknown();
    const state = await states.read(queue.queueId);
    const now = clock.now();
    const body = JSON.stringify(statusView(queue, state, now, zone()));
    const reply: Reply = { status: 200, body, raw: "json", headers: cacheable };
    if (ready.size >= readyMax) ready.clear();
    ready.set(request.url, { reply, until: now + stateFreshMs });
    return ok(reply);
  };

  return {
    announced() {
      const now = clock.now();
      const all = queues.all().map((queue) => announcedView(queue, now, zone()));
      return ok({ status: 200, body: { queues: all }, headers: cacheable });
    },
    status: Object.assign(status, {
      ready(url: string): Reply | null {
        const kept = ready.get(url);
        return kept && clock.now() < kept.until ? kept.reply : null;
      },
    }),
    async draw({ query }) {
      const queue = find(query.queue);
      if (!queue) return unknown();
      const page = query.page ?? 0;
      const body = drawPageOf(queue, page, await store.page(queue.queueId, page), zone());
      if (body === null) return refuse(refusal("QueueNotDrawn"));
      return ok({ status: 200, body });
    },
    async join({ session, body }) {
      const queue = live(body.queue);
      if (!queue) return unknown();
      const now = clock.now();
      if (now < queue.collectsFrom)
        return refuse(refusal("QueueNotYet", { opensAt: formatInZone(queue.collectsFrom, zone()) }));
      const wait = await tooOften(session.userId);
      if (wait) return refuse(wait);
      const userId = session.userId as UserId;
      const { queueId, opensAt, stayMs } = queue;
      const signed = body.place === undefined ? null : places.read(body.place, userId);
      // The first lot of an account stays its lot: also where the counters have lost it, and it says that it is somebody else meanwhile.
      const given = signed?.queueId === queueId ? signed : null;
      const lot = given?.lot ?? places.lotOf(queue, personOf(userId, await users.passengers(userId)));
      const joined = await counters.join(queueId, {
        lot,
        userId,
        now,
        opensAt,
        known: given?.position ?? null,
        stayMs,
      });
      if (joined === "other") return refuse(refusal("QueueLotTaken"));
      // Once the root is published the list is what is drawn.
      if (joined.position === 0 && queue.marks.root === null)
        await takenLots?.put(queueId, { lot: joined.lot, userId });
      return ok({ status: 200, body: placeView({ queueId, userId, ...joined }) });
    },
    async heartbeat({ session, body }) {
      const found = placeIn(body.place, session.userId);
      if (!found.ok) return found;
      const { place, queue } = found.value;
      const state = await states.read(queue.queueId);
      const now = clock.now();
      // By far most who ask: nobody but them is asked anything.
      if (!state.drawn || place.position > state.served)
        return ok({ status: 200, body: turnView(place, "waits", now) });
      const wait = await tooOften(session.userId);
      if (wait) return refuse(wait);
      const { activeMax, stayMs } = queue;
      const userId = session.userId as UserId;
      const { turn, position } = await counters.enter(queue.queueId, {
        lot: place.lot,
        userId,
        position: place.position,
        now,
        insideMs: queueInsideMs,
        activeMax,
        stayMs,
      });
      if (turn === "other") return refuse(refusal("QueueLotTaken"));
      return ok({ status: 200, body: turnView({ ...place, position }, turn, now) });
    },
    async leave({ session, body }) {
      const found = placeIn(body.place, session.userId);
      if (!found.ok) return found;
      const { place, queue } = found.value;
      await counters.leave(queue.queueId, place.lot);
      return ok({ status: 204 });
    },
  };
}

/** A page of the draw as it is published; null before there is one. */
export function drawPageOf(queue: KeptQueue, page: number, lots: readonly string[], zone: ZoneName): QueueDraw | null {
  const { queueId, seedHash, chanceFrom } = queue;
  const { root, rootAt, drawn, seed, chance } = queue.marks;
  if (root === null || drawn === null || seed === null) return null;
  return {
    queueId,
    seedHash,
    root,
    rootAt: rootAt === null ? null : formatInZone(rootAt, zone),
    chanceFrom,
    chance,
    seed,
    entrants: drawn,
    page,
    pages: pagesOf(drawn),
    lots: [...lots],
  };
}

/** An empty draw has a page, too. */
export const pagesOf = (drawn: number): number => Math.max(1, Math.ceil(drawn / queueLotsPerPage));
