/** What somebody has chosen to wait for, kept in this tab: it outlives a reload, a login and the way to the order and back. */
import type { SeatClass } from "@chepiao/contracts";
import { useState } from "react";
import { forget, isRecord, keep, kept } from "../../lib/storage.ts";
import type { Wanted } from "../book/address.ts";
import { type ChosenTrain, trainKey } from "./request.ts";

export type WaitDraft = {
  /** In order of preference. */
  readonly classes: readonly SeatClass[];
  /** Beside the train it began with. */
  readonly added: readonly ChosenTrain[];
  readonly acceptsStanding: boolean;
  readonly acceptsAdded: boolean;
  readonly deadlineMinutes: number | null;
};

const storageKey = "waitDraft";
type Kept = WaitDraft & { readonly of: string };
const isKept = (value: unknown): value is Kept =>
  isRecord(value) &&
  typeof value["of"] === "string" &&
  Array.isArray(value["classes"]) &&
  Array.isArray(value["added"]);

const beginning = (wanted: Wanted): string => `${trainKey(wanted)} ${wanted.seatClass}`;

/** Of this train and class: another that is sold out begins anew. */
export function useWaitDraft(wanted: Wanted): readonly [WaitDraft, (change: Partial<WaitDraft>) => void] {
  const of = beginning(wanted);
  const [draft, setDraft] = useState<WaitDraft>(() => {
    const before = kept("session", storageKey, isKept);
    const fresh = {
      classes: [wanted.seatClass],
      added: [],
      acceptsStanding: false,
      acceptsAdded: false,
      deadlineMinutes: null,
    };
    return before?.of === of ? { ...fresh, ...before } : fresh;
  });
  const change = (fields: Partial<WaitDraft>) =>
    setDraft((before) => {
      const after = { ...before, ...fields };
      keep("session", storageKey, { ...after, of } satisfies Kept);
      return after;
    });
  return [draft, change];
}

/** For the page of another of its trains. */
export const passOnWaitDraft = (wanted: Wanted, draft: WaitDraft): void =>
  keep("session", storageKey, { ...draft, of: beginning(wanted) } satisfies Kept);

/** Once it has become an entry. */
export const forgetWaitDraft = (): void => forget("session", storageKey);
