/**
 * What a house stands in. The platform in one process, a process with some of the roles, a thread and the simulation differ in this
 * alone: their clock, what stands behind the ports, and how rooms elsewhere are asked.
 */
import type { IdSource } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Implementations } from "@chepiao/ports/port";
import type { Random } from "@chepiao/ports/random";
import type { Vault } from "@chepiao/ports/vault";
import type { Setting, Site } from "@chepiao/room";
import type { Bus } from "../bus/index.ts";

export type World = {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly ids: IdSource;
  readonly site: Site;
  /** By their names. */
  readonly ports: Implementations;
  readonly setting: <T>(setting: Setting<T>) => T;
  /** Asks rooms of other processes; null where there are none. */
  readonly bus: Bus | null;
  /** Clients by their room, which are used instead of the room's own. */
  readonly clients?: Readonly<Record<string, object>>;
  /** No other process works on these engines. */
  readonly isSingleProcess: boolean;
  /** Each for the log of one service. */
  readonly report: (service: string) => (message: string, error?: unknown) => void;
  readonly log: (service: string) => (message: string) => void;
};
