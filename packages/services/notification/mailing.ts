/**
 * Mails on their way: some that are due are handed over at a time, each by whoever has claimed it. A process that dies after a mail was taken and
 * before that is noted leaves it to be sent once more, by the same id, by which mail servers and readers know it.
 */
import { createHash } from "node:crypto";
import {
  type Message,
  type NotificationPreferences,
  preferencesDefault,
  type Timetable,
  type UserClient,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, hourMs, minuteMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Deliveries, Delivery, DeliveryOutcome } from "@chepiao/ports/deliveries";
import { MessageRefused, type Messenger } from "@chepiao/ports/messenger";
import type { NotificationStore } from "@chepiao/ports/notification-store";
import { decideWanted } from "./preferences.ts";
import { mailableForMs } from "./telling.ts";
import { wordsOf } from "./words.ts";

export type MailingDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Pick<Timetable, "policy" | "station">;
  readonly deliveries: Pick<Deliveries, "claim" | "settle">;
  readonly store: Pick<NotificationStore, "preferences">;
  readonly users: Pick<UserClient, "mailAddress">;
  readonly messenger: Messenger;
  readonly count: (what: "mailsSent" | "mailsBounced" | "mailsFailed" | "mailsDropped" | "mailsTriedAgain") => void;
};

export const claimedAtOnce = 100;
/** As many as a messenger has lines, so that no mail waits for one while its time runs. */
const handedOverAtOnce = 8;
/** Nothing is begun after this: a process that is to stop is done before it is killed, whatever a mail server takes for the last ones. */
const begunForMs = 10 * secondMs;
/** Longer than that and what a messenger takes for one mail at most. */
export const claimedForMs = minuteMs;

const retryFirstMs = 30 * secondMs;
const retryLastMs = hourMs;
export const retryMs = (tries: number): number => Math.min(retryLastMs, retryFirstMs * 2 ** Math.min(tries - 1, 20));

/** What the try of a delivery that failed comes to: another, as long as it is news. */
export function decideFailed(
  { at, tries }: Pick<Delivery, "at" | "tries">,
  error: unknown,
  now: EpochMs,
): DeliveryOutcome {
  const lastError = error instanceof Error ? error.message : String(error);
  if (error instanceof MessageRefused) return { state: "bounced", lastError, at: now };
  const dueAt = epochMs(now + retryMs(tries));
  return dueAt - at < mailableForMs ? { state: "queued", lastError, dueAt } : { state: "failed", lastError, at: now };
}

const counted = {
  sent: "mailsSent",
  bounced: "mailsBounced",
  failed: "mailsFailed",
  dropped: "mailsDropped",
  queued: "mailsTriedAgain",
} as const satisfies Record<DeliveryOutcome["state"], Parameters<MailingDeps["count"]>[0]>;

export function createMailing({ clock, timetable, deliveries, store, users, messenger, count }: MailingDeps) {
  async function outcomeOf(delivery: Delivery): Promise<DeliveryOutcome> {
    try {
      return await tried(delivery);
    } catch (error) {
      return decideFailed(delivery, error, clock.now());
    }
  }

  async function tried(delivery: Delivery): Promise<DeliveryOutcome> {
    const to = await users.mailAddress(delivery.userId);
    const now = clock.now();
    if (to === null) return { state: "dropped", lastError: "no proved mail address", at: now };
    const preferences = (await store.preferences(delivery.userId)) ?? preferencesDefault;
    const wanted = decideWanted(delivery.kind, preferences, now);
    if (wanted.kind === "never") return { state: "dropped", lastError: "not wanted", at: now };
    if (wanted.kind === "later") return { state: "queued", lastError: null, dueAt: wanted.at };
    await messenger.send(mailOf(delivery, to, preferences.language, timetable()));
    return { state: "sent", lastError: null, at: clock.now() };
  }

  async function handOver(delivery: Delivery): Promise<DeliveryOutcome> {
    const outcome = await outcomeOf(delivery);
    await deliveries.settle(delivery, delivery.tries, outcome);
    if (!isHeldBack(outcome)) count(counted[outcome.state]);
    return outcome;
  }

  /** True where more may be due. */
  return async function pass(): Promise<boolean> {
    const now = clock.now();
    const until = epochMs(now + claimedForMs);
    const claimed = await deliveries.claim({ now, until, limit: claimedAtOnce });
    const waiting = [...claimed];
    const outcomes: DeliveryOutcome[] = [];
    async function line() {
      // What is not begun in time is due again, at this or another process.
      while (waiting.length > 0 && clock.now() < now + begunForMs) outcomes.push(await handOver(waiting.shift()!));
    }
    // A line that breaks ends none of the others: what they have in hand is noted before the pass is over.
    const lines = await Promise.allSettled(Array.from({ length: handedOverAtOnce }, line));
    for (const each of lines) if (each.status === "rejected") throw each.reason;
    const begun = outcomes.filter((outcome) => !isHeldBack(outcome));
    if (begun.length > 0 && begun.every(({ state }) => state === "queued" || state === "failed"))
      throw new Error(`nobody takes mails: ${begun[0]!.lastError}`);
    return claimed.length >= claimedAtOnce;
  };
}

/** Its account's quiet hours are not over: nothing was tried. */
const isHeldBack = ({ state, lastError }: DeliveryOutcome): boolean => state === "queued" && lastError === null;

/** In both languages, one after the other, where the account has not said which it reads. */
function mailOf(
  delivery: Delivery,
  to: string,
  chosen: NotificationPreferences["language"],
  timetable: Pick<Timetable, "policy" | "station">,
): Message {
  const { userId, notificationId, kind, facts } = delivery;
  const languages = chosen === null ? (["zh", "en"] as const) : [chosen];
  const words = languages.map((language) => wordsOf(kind, facts, { language, timetable }));
  return {
    messageId: createHash("sha256").update(`${userId} ${notificationId}`).digest("hex"),
    channel: "mail",
    to,
    template: "notification",
    facts: {
      title: words.map(({ title }) => title).join(" / "),
      text: words.map(({ text }) => text).join("\n\n"),
    },
    language: chosen ?? "zh",
  };
}
