/** Gates of stations, and what they said of who went in and out: kept before it is decided on, and once each. */
import type { GateAct, GateOutcome } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

export type Gate = {
  readonly gateId: string;
  readonly stationId: string;
  /** SHA-256 of its key, in hexadecimal: the key itself is nowhere but at the gate. */
  readonly keyHash: string;
  readonly addedAt: EpochMs;
  readonly retiredAt: EpochMs | null;
};

export type GateEvent = {
  readonly gateId: string;
  /** Chosen by the gate. With it and the ticket an event is known: said again it is the same, whatever else is said of it (I7). */
  readonly eventId: string;
  readonly ticketNo: string;
  readonly act: GateAct;
  readonly stationId: string;
  /** By the gate's clock. */
  readonly at: EpochMs;
};

export type KnownGateEvent = GateEvent & { readonly receivedAt: EpochMs; readonly outcome: GateOutcome };

/** By when they were heard. */
export type ConflictsAsked = {
  readonly since: EpochMs;
  /** Before then; null for all since. */
  readonly until: EpochMs | null;
  /** Null for every one. */
  readonly outcome: GateOutcome | null;
};

export type GateStore = {
  gates(): Promise<readonly Gate[]>;
  /** False where there is, or was, one of that name. */
  addGate(gate: Gate): Promise<boolean>;
  /** False where there is none. */
  retireGate(gateId: string, now: EpochMs): Promise<boolean>;
  /** Keeps what is new, as `pending`. Answers each as it is kept, in the order given. */
  note(events: readonly GateEvent[], now: EpochMs): Promise<readonly KnownGateEvent[]>;
  /** What became of one; one that was settled before stays as it is. Answers what stands. */
  settle(event: GateEvent, outcome: GateOutcome): Promise<GateOutcome>;
  /** Those that were heard first, first. */
  pending(limit: number): Promise<readonly KnownGateEvent[]>;
  /** Events that staff have to look at, of those asked for; the newest first. */
  conflicts(asked: ConflictsAsked, limit: number): Promise<readonly KnownGateEvent[]>;
  /** What gates said of a ticket, by the gates' clocks: what was first, first. */
  ofTicket(ticketNo: string, limit: number): Promise<readonly KnownGateEvent[]>;
  /** Events that were heard before then and are settled. How many they were. */
  forget(before: EpochMs): Promise<number>;
};
