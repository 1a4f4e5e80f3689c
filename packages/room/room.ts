/**
 * A room says what it is, once: its routes, the calls it answers, the ports and rooms it needs, its settings, and how to open it.
 * From that list of declarations one house is opened (`packages/runtime/house`): in one process, as roles, on threads of their own,
 * or in a simulation.
 */
import type { ClientOf, ClientSpec, RouteSpec } from "@chepiao/contracts";
import type { IdSource, ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Consumer } from "@chepiao/ports/log";
import type { Port } from "@chepiao/ports/port";
import type { Random } from "@chepiao/ports/random";
import type { Vault } from "@chepiao/ports/vault";
import type { Work } from "./job.ts";
import type { Setting } from "./setting.ts";

export type Routes = Readonly<Record<string, RouteSpec>>;
/** Asks, needs or says nothing. */
type Nothing = Readonly<Record<string, never>>;
type Asked = Readonly<Record<string, ClientSpec<object>>>;
type Needed = Readonly<Record<string, Port<unknown>>>;
type SettingsAsked = Readonly<Record<string, Setting<unknown>>>;

/** The site as callers reach it. */
export type Site = {
  /** As this caller's browser reaches it: where it is sent back to. */
  readonly publicUrl: (request: Request) => string;
  /** Where providers send their notices; asked each time, since a port may be known only after the start. */
  readonly noticeUrl: () => string;
};

/** What every room has around it. */
export type Surroundings = {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly ids: IdSource;
  readonly site: Site;
  /** No other process sells on these engines: then what was read may be kept. */
  readonly isSingleProcess: boolean;
  /** The railway's. */
  readonly zone: () => Promise<ZoneName>;
  /** Messages were written: the relay need not wait for its next turn. */
  readonly kickOutbox: () => void;
  /** Something went wrong that people should know of. */
  readonly report: (message: string, error?: unknown) => void;
  readonly log: (message: string) => void;
};

export type RoomDeps<A extends Asked, N extends Needed, S extends SettingsAsked> = Surroundings & {
  readonly rooms: { readonly [Name in keyof A]: NonNullable<ClientOf<A[Name]>> };
  readonly ports: { readonly [Name in keyof N]: N[Name] extends Port<infer T> ? T : never };
  readonly settings: { readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never };
};

export type MetricSample = { readonly value: number; readonly labels?: Readonly<Record<string, string | number>> };

/** Read when the metrics are asked for, not before. */
export type MetricSpec = {
  /** A counter only grows, but for a restart, and its name ends in `_total`; a gauge never does. */
  readonly kind: "counter" | "gauge";
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: () => readonly MetricSample[] | Promise<readonly MetricSample[]>;
};

type Reading = () => number | Promise<number>;

export const gaugeOf = (name: string, help: string, read: Reading): MetricSpec => single("gauge", name, help, read);

export const counterOf = (name: `${string}_total`, help: string, read: Reading): MetricSpec =>
  single("counter", name, help, read);

const single = (kind: MetricSpec["kind"], name: string, help: string, read: Reading): MetricSpec => ({
  kind,
  name,
  help,
  labels: [],
  read: async () => [{ value: await read() }],
});

/** One sample a counter, by its name. */
export const countersOf = (
  name: `${string}_total`,
  help: string,
  counters: Readonly<Record<string, number>>,
): MetricSpec => ({
  kind: "counter",
  name,
  help,
  labels: ["what"],
  read: () => Object.entries(counters).map(([what, value]) => ({ value, labels: { what } })),
});

/** An open room, as the house uses it. A room adds what its own neighbours in the program need. */
export type OpenRoom = {
  /** One for each route. */
  readonly handlers?: Readonly<Record<string, (call: never) => unknown>>;
  /** What other rooms are handed; in this process without a call between. */
  readonly client?: object;
  readonly consumers?: readonly Consumer[];
  readonly work?: readonly Work[];
  readonly metrics?: readonly MetricSpec[];
  /** Pages beside the routes; null for a request that is none of them. */
  readonly pages?: (request: Request) => Promise<Response | null>;
  /** Tells the relay that messages wait. */
  readonly kickOutbox?: () => void;
  /** Rebuilds from the stores what was kept in memory, before a request is served. */
  readonly reload?: () => Promise<void>;
  /** Ends what keeps answers open, before the doors are closed. */
  readonly endStreams?: () => void;
  /** Ends what goes on by itself besides its work. */
  readonly close?: () => unknown;
};

/**
 * What of a room a role does: its public routes, the calls of other rooms, its consumers of the log, what it does by itself, its
 * pages.
 */
export type Part = "routes" | "calls" | "consumers" | "work" | "pages";

/** What of the vault is asked for: to seal and open, to take fingerprints, to sign, to hand out public keys, a secret by its label. */
export type KeyUse = "sealing" | "fingerprint" | "signing" | "publicKeys" | `secret ${string}`;

export type RoomSpec<Opened extends OpenRoom = OpenRoom> = {
  readonly name: string;
  readonly about: string;
  /** Public routes. */
  readonly routes?: Routes;
  /** Public pages beside them, with all below: `/sandbox/pay/*`. */
  readonly pages?: readonly `/${string}/*`[];
  /** How others ask it. */
  readonly client?: ClientSpec<object>;
  /** Every process that asks it opens a copy of its own: it holds reference data that nobody waits for. */
  readonly isCopied?: true;
  /** It gives out ids, and so needs a node number that no other process has. */
  readonly makesIds?: true;
  /** Which of the platform's keys each part of it works with: a process has those of what it does, and of no more. */
  readonly keys?: Readonly<Partial<Record<Part, readonly KeyUse[]>>>;
  readonly asks: Asked;
  readonly needs: Needed;
  readonly settings: SettingsAsked;
  readonly open: (deps: never) => Promise<Opened> | Opened;
};

type Declaration<A extends Asked, N extends Needed, S extends SettingsAsked, Opened extends OpenRoom> = Omit<
  RoomSpec<Opened>,
  "asks" | "needs" | "settings" | "open"
> & {
  readonly asks?: A;
  readonly needs?: N;
  readonly settings?: S;
  readonly open: (deps: RoomDeps<A, N, S>) => Promise<Opened> | Opened;
};

export const defineRoom = <
  Opened extends OpenRoom,
  A extends Asked = Nothing,
  N extends Needed = Nothing,
  S extends SettingsAsked = Nothing,
>(
  declaration: Declaration<A, N, S, Opened>,
): RoomSpec<Opened> => ({ asks: {}, needs: {}, settings: {}, ...declaration });
