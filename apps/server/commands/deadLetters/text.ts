/** Messages that stand still, as text and as JSON. What names people is hidden here, whatever asks. */
import { decodeRecord } from "@chepiao/ports/log";
import { scrub, scrubText } from "@chepiao/runtime";
import { table } from "../table.ts";
import { isPutAside, type StuckMessage } from "./stuck.ts";

const nothing = "Nothing stands still: no dead letters, and the outbox is sent.";

/** @param others that a filter has left out */
export function listText(messages: readonly StuckMessage[], others: number): string {
  const [putAside, notSent] = [messages.filter(isDeadLetter), messages.filter((each) => !isDeadLetter(each))];
  const lines: string[] = [];
  if (putAside.length > 0) {
    lines.push(`${putAside.length} put aside by consumers, oldest first:`, "", ...listed(putAside), "");
    lines.push("`dead-letters show ID` tells more; `dead-letters replay ID` tries again.");
  }
  if (notSent.length > 0) {
    if (lines.length > 0) lines.push("");
    lines.push(`${notSent.length} in the outbox that could not be sent so far, oldest first:`, "", ...listed(notSent));
  }
  if (lines.length > 0) return lines.join("\n");
  return others === 0
    ? nothing
    : `Nothing like that stands still; ${others} other${others === 1 ? "" : "s"} would be listed without the filter.`;
}

const isDeadLetter = ({ why }: StuckMessage) => isPutAside(why);

/** More would run off the screen, and widths are counted over all. */
const shownMax = 200;

function listed(messages: readonly StuckMessage[]): string[] {
  const rows = messages
    .slice(0, shownMax)
    .map((message) => [message.id, message.topic, message.key, timeText(message.since), whyInALine(message)]);
  const head = ["ID", "TOPIC", "KEY", "SINCE", "WHY"];
  const lines = table([head, ...rows]).map((line) => `  ${line}`);
  const left = messages.length - rows.length;
  return left === 0 ? lines : [...lines, `  … and ${left} more: --topic, --since or --json`];
}

function whyInALine(message: StuckMessage): string {
  const { why } = message;
  if (!isPutAside(why)) return `tried ${times(why.attempts)}, next ${timeText(why.nextAt)}`;
  return `${why.group}: ${maskedCause(message, why.cause).split("\n")[0]!.slice(0, 100)}`;
}

const times = (count: number) => (count === 1 ? "once" : `${count} times`);
const timeText = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

export function messageText(message: StuckMessage, clear: boolean): string {
  const { id, topic, key, since, why } = message;
  const facts: [string, string][] = [
    ["id", id],
    ["topic", topic],
    ["key", key],
    ["since", timeText(since)],
    ...(isPutAside(why)
      ? ([
          ["group", why.group],
          ["place", why.origin],
        ] as [string, string][])
      : ([["tried", `${times(why.attempts)}, next ${timeText(why.nextAt)}`]] as [string, string][])),
  ];
  return [
    ...facts.map(([name, value]) => `${name.padEnd(6)} ${value}`),
    ...(isPutAside(why) ? ["", "cause:", indented(clear ? why.cause : maskedCause(message, why.cause))] : []),
    "",
    clear ? "record:" : "record, without what names people (--clear shows it):",
    indented(clear ? message.text : JSON.stringify(maskedRecord(message), null, 2)),
  ].join("\n");
}

const indented = (text: string) => text.replaceAll(/^/gm, "  ");

export const asJson = (messages: readonly StuckMessage[]): string =>
  JSON.stringify(
    messages.map((message) => {
      const { id, topic, key, since, why } = message;
      const facts = { id, topic, key, since: timeText(since) };
      return isPutAside(why)
        ? {
            ...facts,
            group: why.group,
            place: why.origin,
            cause: maskedCause(message, why.cause),
            record: maskedRecord(message),
          }
        : { ...facts, attempts: why.attempts, nextAt: timeText(why.nextAt), record: maskedRecord(message) };
    }),
    null,
    2,
  );

/** Fields that name people, besides those that no log may have either. */
const personal = new Set(["name", "realName", "documentMasked", "phone", "email"]);

/** A database may have repeated what it was given: what the record hides is hidden here, too. */
const maskedCause = ({ text }: StuckMessage, cause: string): string =>
  scrubText(namesIn(text).reduce((told, name) => told.replaceAll(name, "[hidden]"), cause));

function namesIn(text: string): string[] {
  const found: string[] = [];
  try {
    JSON.parse(text, (field, value: unknown) => {
      if (personal.has(field) && typeof value === "string" && value !== "") found.push(value);
      return value;
    });
  } catch {
    // No record: nothing is known of whom it names.
  }
  return found;
}

/** What is no record may hold anything: only its length is told. */
function maskedRecord({ topic, key, text }: StuckMessage): unknown {
  try {
    return masked(scrub(decodeRecord(topic, key, text).value));
  } catch {
    return `[not a record: ${text.length} characters]`;
  }
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, personal.has(name) ? "[hidden]" : masked(inner)]),
  );
}
