/**
 * `/api/queue`: who waits until the sale of a run, or of a day, lets them in. Where no queue is announced nobody is asked anything of this.
 */
import Type, { type Static } from "typebox";
import { type EpochMs, queueLotsPerPage, type ServiceDate, type UserId } from "@chepiao/kernel";
import { clientSpec } from "./calls.ts";
import { route } from "./route.ts";
import type { RunId } from "./runId.ts";
import { Instant } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "queue";
const nullable = <T extends Type.TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });

/**
 * `announced` by an operator; or by the platform itself under `load`; or `exempt`: no queue at all, but word of an operator that none is switched on by load
 * for as long, and that a queue of the day is none for that run.
 */
export type QueueKind = "announced" | "load" | "exempt";

/** A queue before a run, or before all runs of a day. */
export type AnnouncedQueue = {
  readonly kind: QueueKind;
  /** By which it is known everywhere: of this opening, and of none before or after it. */
  readonly queueId: string;
  /** One run, or all runs of an origin date. */
  readonly scope: RunId | ServiceDate;
  /** From then on lots are taken, and nobody buys without a pass. */
  readonly collectsFrom: EpochMs;
  /** Lots are drawn, and the first are let in. */
  readonly opensAt: EpochMs;
  /** At the latest: it ends before, once nobody waits any more. */
  readonly endsAt: EpochMs;
  readonly endedAt: EpochMs | null;
  /** So many are let in a minute, while no more than so many are inside. */
  readonly perMinute: number;
  readonly activeMax: number;
  /** Who was called and did not come keeps the place for so long; who came stays inside for so long at most. */
  readonly keepMs: number;
  readonly stayMs: number;
  /** SHA-256 of the seed by which lots are drawn: all that is known of it before. The seed follows from the id, by a secret. */
  readonly seedHash: string;
  /** Where the chance comes from that nobody here can choose, as it was announced; null where the draw has none. */
  readonly chanceFrom: string | null;
};

/** How far it has come, as it is kept in SQL: the counters themselves may be a second ahead. */
export type QueueMarks = {
  readonly taken: number;
  readonly served: number;
  /** So many lots were seen before the opening: counters that have fewer have lost some. */
  readonly lots: number;
  /** Merkle root of the lots, once none is taken any more, and when it was published. */
  readonly root: string | null;
  readonly rootAt: EpochMs | null;
  /** What came of the chance that was announced, heard after the root was public. */
  readonly chance: string | null;
  /** How many lots were drawn, and by which seed; null before. */
  readonly drawn: number | null;
  readonly seed: string | null;
};
/** A lot before the draw, and the account that took it. */
export type TakenLot = { readonly lot: string; readonly userId: UserId };
export type KeptQueue = AnnouncedQueue & { readonly marks: QueueMarks };

/** Which queues there are, as each process has them. */
export type AnnouncedQueuesClient = {
  /** Without exemptions. */
  all(): readonly KeptQueue[];
  /** The queue that keeps others than those it lets in from buying that run now; null mostly. */
  gateOf(runId: RunId, now: EpochMs): AnnouncedQueue | null;
};
export const announcedQueuesClient = clientSpec<AnnouncedQueuesClient>({ room: "announcedQueues", methods: {} });

/** With what a pass is signed: the queue room gives it, the order room reads it. */
export const queuePassSecret = "queue pass";

const QueueId = Type.String({ pattern: "^[A-Za-z0-9_-]{8,24}$", description: "By which a queue is known." });
const PlaceToken = Type.String({
  minLength: 1,
  maxLength: 400,
  description: "A place in the queue, signed; bound to the account.",
});
const Position = Type.Integer({ minimum: 1, description: "From 1. It never grows." });
const Hash = Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256." });

/** Before lots are taken; while they are; from the opening until all are drawn; while people are let in; over. */
export const queuePhases = ["announced", "collecting", "drawing", "open", "ended"] as const;
export type QueuePhase = (typeof queuePhases)[number];

export const QueueAnnounced = Type.Object({
  queueId: QueueId,
  scope: Type.String({ description: "A run as `G1/2026-12-01`, or an origin date: all of its runs." }),
  collectsFrom: Instant,
  opensAt: Instant,
  endsAt: Instant,
  ended: Type.Boolean(),
  seedHash: Hash,
  chanceFrom: nullable(
    Type.String(),
    "Where the chance comes from that the draw needs beside the seed; known only after the root is. Null where it needs none.",
  ),
});

/** What everybody may know, and caches may keep for a second: from it and a place follows how many are ahead. */
export const QueueStatus = Type.Object({
  ...QueueAnnounced.properties,
  phase: Type.Union(
    queuePhases.map((phase) => Type.Literal(phase)),
    { description: "Where it has come to." },
  ) as unknown as Type.TUnsafe<QueuePhase>,
  lots: Type.Integer({ description: "Who came before the opening, one lot a person." }),
  taken: Type.Integer({ description: "The last place that was given." }),
  served: Type.Integer({ description: "Places up to this one may come in." }),
  lost: Type.Integer({ description: "Places up to this one were called and kept as long as they are kept." }),
  waiting: Type.Integer({ description: "Places that were not called yet." }),
  perMinute: Type.Integer({ description: "So many are let in a minute at most." }),
  keepSeconds: Type.Integer({ description: "A place that is called is kept for so long." }),
  seatsLeft: nullable(
    Type.Integer(),
    "Seats of the run that are for sale on the part of its way where most are; null where that is not known.",
  ),
  root: nullable(Hash, "Merkle root of the lots; null before lots are taken no more."),
  chance: nullable(Type.String(), "What came of the announced chance; null before."),
  seed: nullable(Type.String(), "By which the lots were drawn; null before they were."),
  now: Instant,
});
export type QueueStatus = Static<typeof QueueStatus>;

/** What `chepiao verify-draw` checks: a page of it, or all pages in one. */
export const QueueDraw = Type.Object({
  queueId: Type.String(),
  seedHash: Hash,
  root: Hash,
  seed: Type.String({ description: "Its SHA-256 was published before the first lot was taken." }),
  chanceFrom: nullable(Type.String(), "Where the chance beside the seed comes from, as it was announced."),
  chance: nullable(Type.String(), "What came of it; null where the draw has none."),
  rootAt: nullable(Instant, "When the root was published: a chance that was known before is none."),
  entrants: Type.Integer(),
  page: Type.Integer(),
  pages: Type.Integer(),
  lots: Type.Array(Type.String(), {
    description: `In the order in which they were drawn; ${queueLotsPerPage} a page.`,
  }),
});
export type QueueDraw = Static<typeof QueueDraw>;

export const QueuePlace = Type.Object({
  queueId: QueueId,
  place: PlaceToken,
  lot: Type.String({ description: "By which a person finds the own place in the published draw." }),
  position: nullable(Position, "Null until lots are drawn."),
});
export type QueuePlace = Static<typeof QueuePlace>;

export const QueueTurn = Type.Object({
  ...QueuePlace.properties,
  turn: Type.Union([Type.Literal("waits"), Type.Literal("inside"), Type.Literal("full"), Type.Literal("lost")], {
    description:
      "`waits` it was not called yet, `inside` it may buy, `full` it was called, came late, and is first as soon as somebody leaves, " +
      "`lost` it did not come in time: join anew.",
  }) as unknown as Type.TUnsafe<"waits" | "inside" | "full" | "lost">,
  pass: nullable(Type.String(), "For the header `X-Queue-Pass` of a purchase; null where it may not buy now."),
  passUntil: nullable(Instant, "A heartbeat before then gives another one."),
});
export type QueueTurn = Static<typeof QueueTurn>;

const PlaceBody = Type.Object({ place: PlaceToken }, strict);

export const queueRoutes = {
  announced: route({
    method: "GET",
    path: "/api/queue",
    summary: "Queues that are announced, on, or were lately",
    room,
    who: "anyone",
    anonymous: true,
    answers: {
      200: { description: "All of them.", schema: Type.Object({ queues: Type.Array(QueueAnnounced) }) },
    },
    refusals: [],
  }),
  status: route({
    method: "GET",
    path: "/api/queue/status",
    summary: "How far a queue has come: one counter for all who wait",
    room,
    shed: "never",
    who: "anyone",
    anonymous: true,
    query: Type.Object({ queue: QueueId }, strict),
    answers: { 200: { description: "As of a second ago at most.", schema: QueueStatus } },
    refusals: ["QueueUnknown"],
  }),
  draw: route({
    method: "GET",
    path: "/api/queue/draw",
    summary: "The lots of a queue as they were drawn, for whoever wants to check that",
    room,
    shed: "first",
    who: "anyone",
    anonymous: true,
    query: Type.Object({ queue: QueueId, page: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })) }, strict),
    answers: { 200: { description: "One page.", schema: QueueDraw } },
    refusals: ["QueueUnknown", "QueueNotDrawn"],
  }),
  join: route({
    method: "POST",
    path: "/api/queue/join",
    summary: "Take a lot, or a place behind all others; who has one gets the same again",
    room,
    who: "passenger",
    body: Type.Object({ queue: QueueId, place: Type.Optional(PlaceToken) }, strict),
    answers: { 200: { description: "The place.", schema: QueuePlace } },
    refusals: ["QueueUnknown", "QueueNotYet", "QueueLotTaken"],
  }),
  heartbeat: route({
    method: "POST",
    path: "/api/queue/heartbeat",
    summary: "Come in once called, and stay in: gives the pass of a purchase",
    room,
    shed: "never",
    who: "passenger",
    body: PlaceBody,
    answers: { 200: { description: "Whether it is this place's turn.", schema: QueueTurn } },
    refusals: ["QueueUnknown", "QueuePlaceInvalid", "QueueLotTaken"],
  }),
  leave: route({
    method: "POST",
    path: "/api/queue/leave",
    summary: "Make room for the next",
    room,
    who: "passenger",
    body: PlaceBody,
    answers: { 204: { description: "Done." } },
    refusals: ["QueueUnknown", "QueuePlaceInvalid"],
  }),
};
