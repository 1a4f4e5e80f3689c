/**
 * `chepiao dead-letters`: messages that stand still. Records that a consumer put aside, because no pause could help with them, and
 * messages of the outbox that could not be sent so far; both can be tried again from here. Nobody's name or document is shown
 * unless it is asked for.
 */
import { createInterface } from "node:readline/promises";
import { type Topic, topics, topicsAbout } from "@chepiao/contracts";
import { dayMs, type EpochMs, epochMs, hourMs, minuteMs } from "@chepiao/kernel";
import { decodeRecord, PoisonRecord } from "@chepiao/ports/log";
import { readConfig } from "../../config.ts";
import { type Command, readArgs, UsageError } from "../command.ts";
import { operatorActs, operatorLooks } from "../operator.ts";
import { openStuck, type Stuck, type StuckMessage } from "./stuck.ts";
import { asJson, listText, messageText } from "./text.ts";

const help = `npm run chepiao -- dead-letters list [--topic TOPIC] [--since TIME] [--json]
npm run chepiao -- dead-letters show ID [--clear | --json]
npm run chepiao -- dead-letters replay ID… | --all [--topic TOPIC] [--since TIME] [--yes]

Messages that stand still: records that a consumer put aside with the cause, because waiting would not help; and messages
of the outbox that could not be sent so far (their ids begin with "outbox@"), which are tried without end, ever more rarely.

\`replay\` appends a record to its topic again, where every consumer group sees it once more, which they can take; a message
of the outbox is tried at once. Fix the cause first, or the record comes back. On a data folder \`list\` and \`show\` work
while the platform runs; for \`replay\` it must be stopped. On a cluster all of them work at any time.

  --topic TOPIC  only of that topic
  --since TIME   only what stands still since then: 90m, 12h, 7d, or 2026-12-01T08:00+08:00
  --all          every one that --topic and --since leave; asks before it begins
  --yes          do not ask
  --clear        with names and documents as they are in the record: keep that from everybody else
  --json         for programs

Topics:
${topics.map((topic) => `  ${topic.padEnd(24)} ${topicsAbout[topic]}`).join("\n")}

Exit codes: 0 done, also where there is nothing; 1 something is not there or cannot be replayed; 2 called wrongly.`;

const options = {
  topic: { type: "string" },
  since: { type: "string" },
  all: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  clear: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** Who sits at the terminal. */
export type Talk = {
  say(text: string): void;
  warn(text: string): void;
  /** Null where nobody is there to answer. */
  readonly ask: ((question: string) => Promise<string>) | null;
};

export const deadLettersCommand: Command = {
  about: "messages that stand still: list, show, replay",
  help,
  async run(args) {
    const asked = readAsked(args, epochMs(Date.now()));
    await using stuck = await openStuck(readConfig(process.env), asked.what === "replay");
    return await carryOut(asked, stuck, terminal);
  },
};

type Filter = { readonly topic: Topic | null; readonly since: EpochMs | null };
export type Asked =
  | { readonly what: "list"; readonly filter: Filter; readonly json: boolean }
  | { readonly what: "show"; readonly id: string; readonly clear: boolean; readonly json: boolean }
  /** No ids: all. */
  | { readonly what: "replay"; readonly ids: readonly string[]; readonly filter: Filter; readonly yes: boolean };

export function readAsked(args: readonly string[], now: EpochMs): Asked {
  const { values, positionals } = readArgs(args, options, help);
  const [what, ...ids] = positionals;
  const { topic, since, all, yes, clear, json } = values;
  const filter = {
    topic: topic === undefined ? null : topicOf(topic),
    since: since === undefined ? null : timeOf(since, now),
  };
  const isFiltered = topic !== undefined || since !== undefined;
  if (what === "list" && ids.length === 0 && !all && !clear && !yes) return { what, filter, json };
  if (what === "show" && ids.length === 1 && !isFiltered && !all && !yes && !(clear && json))
    return { what, id: ids[0]!, clear, json };
  if (what === "replay" && all === (ids.length === 0) && (all || !isFiltered) && !clear && !json)
    return { what, ids, filter, yes };
  throw new UsageError(help);
}

function topicOf(text: string): Topic {
  const topic = topics.find((known) => known === text);
  if (!topic) throw new UsageError(`There is no topic "${text}". There are ${topics.join(", ")}.`);
  return topic;
}

const unitMs: Readonly<Record<string, number>> = { m: minuteMs, h: hourMs, d: dayMs };

function timeOf(text: string, now: EpochMs): EpochMs {
  const ago = /^(\d{1,6})([mhd])$/.exec(text);
  if (ago) return epochMs(now - Number(ago[1]) * unitMs[ago[2]!]!);
  // Without an offset the reader's machine would decide which time is meant.
  const time = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new UsageError(`--since takes 90m, 12h, 7d or 2026-12-01T08:00+08:00, not "${text}".`);
  return epochMs(time);
}

/** Answers the exit code. */
export function carryOut(asked: Asked, stuck: Omit<Stuck, typeof Symbol.asyncDispose>, talk: Talk): Promise<number> {
  if (asked.what === "list") return list(asked, stuck, talk);
  return asked.what === "show" ? show(asked, stuck, talk) : replay(asked, stuck, talk);
}

const passes = ({ topic, since }: Filter, message: StuckMessage): boolean =>
  (topic === null || message.topic === topic) && (since === null || message.since >= since);

async function list({ filter, json }: Asked & { what: "list" }, stuck: Pick<Stuck, "all">, { say }: Talk) {
  const all = await stuck.all();
  const messages = all.filter((message) => passes(filter, message));
  say(json ? asJson(messages) : listText(messages, all.length - messages.length));
  return 0;
}

type Shown = Pick<Stuck, "all" | "auditTrail">;

async function show({ id, clear, json }: Asked & { what: "show" }, stuck: Shown, { say, warn }: Talk) {
  const message = (await stuck.all()).find((each) => each.id === id);
  if (!message) {
    warn(`There is no "${id}" among what stands still: it was replayed, or its id is another.`);
    return 1;
  }
  if (clear) {
    const what = `${id} of ${message.topic}, as it is`;
    await operatorLooks(stuck.auditTrail, { action: "readDeadLetters", what });
  }
  say(json ? asJson([message]) : messageText(message, clear));
  return 0;
}

async function replay(
  { ids, filter, yes }: Asked & { what: "replay" },
  stuck: Pick<Stuck, "all" | "auditTrail" | "tryAgain">,
  talk: Talk,
) {
  const all = await stuck.all();
  const unknown = ids.filter((id) => !all.some((message) => message.id === id));
  if (unknown.length > 0) {
    talk.warn(`Nothing was done. Not among what stands still: ${unknown.join(", ")}`);
    return 1;
  }
  const wanted = all.filter((message) => (ids.length > 0 ? ids.includes(message.id) : passes(filter, message)));
  const sound = wanted.filter(isRecord);
  for (const { id } of wanted.filter((message) => !isRecord(message)))
    talk.warn(`${id} is no record and cannot be replayed: look at it with \`show\`, and write what it meant by hand.`);
  if (sound.length > 0) {
    if (ids.length === 0 && !yes && !(await isMeant(sound, talk))) {
      talk.warn("Nothing was done.");
      return 1;
    }
    const what = `${sound.length}: ${sound.map(({ id }) => id).join(", ")}`;
    await operatorActs(stuck.auditTrail, { action: "replayDeadLetters", what }, () => stuck.tryAgain(sound));
  }
  talk.say(
    sound.length === 0 ? "There was nothing to replay." : `Replayed: ${sound.length}. \`list\` shows what comes back.`,
  );
  return sound.length === wanted.length ? 0 : 1;
}

function isRecord({ topic, key, text }: StuckMessage): boolean {
  try {
    decodeRecord(topic, key, text);
    return true;
  } catch (error) {
    if (error instanceof PoisonRecord) return false;
    throw error;
  }
}

async function isMeant(messages: readonly StuckMessage[], { ask }: Talk): Promise<boolean> {
  if (!ask) throw new UsageError(`Nobody is here to be asked: say --yes to replay ${messages.length}.`);
  const counts = [...Map.groupBy(messages, ({ topic }) => topic)].map(([topic, some]) => `${some.length} of ${topic}`);
  const answer = await ask(`Replay ${counts.join(", ")}? Every group of these topics sees them once more. [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

const terminal: Talk = {
  say: (text) => console.log(text),
  warn: (text) => console.error(text),
  get ask() {
    if (!process.stdin.isTTY) return null;
    return async (question: string) => {
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    };
  },
};
