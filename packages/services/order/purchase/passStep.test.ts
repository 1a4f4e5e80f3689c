/** Who may buy while a queue is on: whoever shows a pass of that queue for the own account, and nobody else. */
import { expect, test } from "bun:test";
import {
  type AnnouncedQueue,
  type AnnouncedQueuesClient,
  type KeptQueue,
  refusal,
  runId,
  trainAndDateOf,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, ok, type OrderId, refuse, serviceDate, type UserId } from "@chepiao/kernel";
import { noMarks } from "@chepiao/ports/queue-store";
import { sampleQueue } from "@chepiao/ports/queue-store/samples.suite.ts";
import type { Entry } from "@chepiao/ports/submissions";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createQueuePasses } from "@chepiao/room";
import { createPassStep } from "./passStep.ts";
import type { Answer, Draft, Verdict } from "./step.ts";

const now = epochMs(1_800_000_000_000);
const passes = createQueuePasses(createMemoryVault());
const day = serviceDate("2027-01-20");

const queueOf = (queueId: string, scope: AnnouncedQueue["scope"], more: Partial<AnnouncedQueue> = {}) =>
  sampleQueue(now, queueId, scope, more);

const announced = (...queues: readonly AnnouncedQueue[]): AnnouncedQueuesClient => {
  const all = queues.map((queue): KeptQueue => ({ ...queue, marks: noMarks }));
  return {
    all: () => all,
    gateOf: (id) => all.find(({ scope }) => scope === id || scope === trainAndDateOf(id)[1]) ?? null,
  };
};

type Wanted = { readonly pass?: string; readonly trains?: readonly string[]; readonly granted?: true; at?: EpochMs };

/** A step in which these keys are known. */
function stepOf(queues: AnnouncedQueuesClient, known: Readonly<Record<string, Entry>> = {}) {
  const looked: number[] = [];
  const step = createPassStep({
    queues,
    passes,
    submissions: {
      async findKeys(submissions) {
        looked.push(submissions.length);
        return submissions.map(({ key }) => known[key] ?? { kind: "new" });
      },
    },
    firstAnswer: async (orderId) => ok({ status: 202, body: orderId }),
  });
  return { step, looked };
}

const commandOf = (key: string, pass: string | null) => ({
  userId: 7 as UserId,
  key,
  requestHash: "body",
  lines: [{ trainNumber: "G1", originDate: day }],
  asker: { address: "", device: null, pass },
});
const draftOf = (key: string, pass: string | null = null, more: object = {}) =>
  ({ command: { ...commandOf(key, pass), ...more }, orderId: 11 as OrderId, at: now }) as unknown as Draft;
const answerOf = async (verdict: Verdict | null) => (verdict?.kind === "known" ? await verdict.answer : verdict);

async function ask(queues: AnnouncedQueuesClient, { pass, trains = ["G1"], granted, at = now }: Wanted) {
  const command = {
    ...commandOf("key", pass ?? null),
    lines: trains.map((trainNumber) => ({ trainNumber, originDate: day })),
    ...(granted ? { granted: {} } : {}),
  };
  const verdicts = await stepOf(queues).step.do([{ command, at } as unknown as Draft]);
  if (verdicts === null) return null;
  const answer = (await answerOf(verdicts[0]!)) as Answer;
  return answer.ok ? "bought" : (answer.error.facts?.["queue"] ?? answer.error.code);
}

const passOf = (queueId: string, userId = 7) => passes.sign({ queueId, userId }, epochMs(now + minuteMs));

test("where no queue is announced nobody is asked for anything", () => {
  expect(stepOf(announced()).step.do([{} as Draft])).toBeNull();
});

test("a queue of a run, or of its day, keeps out who shows no pass of it, and other trains are sold", async () => {
  const queues = announced(queueOf("ofthetrain", runId("G1", day)), queueOf("oftheothers", day));
  expect(await ask(queues, {})).toBe("ofthetrain");
  expect(await ask(queues, { trains: ["G2"] })).toBe("oftheothers");
  expect(await ask(queues, { pass: passOf("ofthetrain") })).toBeNull();
  expect(await ask(queues, { pass: passOf("oftheothers") })).toBe("ofthetrain");
  expect(await ask(queues, { pass: passOf("ofthetrain"), trains: ["G1", "G2"] })).toBe("oftheothers");
  expect(
    await ask(queues, { pass: `${passOf("ofthetrain")}, ${passOf("oftheothers")}`, trains: ["G1", "G2"] }),
  ).toBeNull();
  expect(await ask(announced(queueOf("ofthetrain", runId("G1", day))), { trains: ["G2"] })).toBeNull();
});

test("a pass is of one account, one queue, and its time; whoever was given seats by the waitlist needs none", async () => {
  const queues = announced(queueOf("ofthetrain", runId("G1", day)));
  expect(await ask(queues, { pass: passOf("ofthetrain", 8) })).toBe("ofthetrain");
  expect(await ask(queues, { pass: passOf("ofthetrain"), at: epochMs(now + minuteMs) })).toBe("ofthetrain");
  expect(await ask(queues, { pass: passOf("ofthetrain").replace(".7.", ".7.9") })).toBe("ofthetrain");
  expect(await ask(queues, { granted: true })).toBeNull();
});

test("who has no pass is only looked up under the key, and hears what the first purchase under it heard", async () => {
  const queues = announced(queueOf("ofthetrain", runId("G1", day)));
  const { step, looked } = stepOf(queues, {
    bought: { kind: "same", orderId: 12 as OrderId },
    refused: { kind: "refused", refusal: refusal("SoldOut") },
    other: { kind: "other" },
  });
  const passed = draftOf("passed", passOf("ofthetrain"));
  // At once: the others of the batch do not wait for the answer.
  const verdicts = step.do([draftOf("new"), passed, draftOf("bought"), draftOf("refused"), draftOf("other")]);
  expect(verdicts).toBeInstanceOf(Array);
  const answers = await Promise.all((verdicts as readonly (Verdict | null)[]).map(answerOf));
  expect(answers).toEqual([
    refuse(refusal("QueueOn", { queue: "ofthetrain" })),
    null,
    ok({ status: 202, body: 12 }),
    refuse(refusal("SoldOut")),
    refuse(refusal("IdempotencyKeyReused")),
  ]);
  expect(looked).toEqual([4]);
  expect(step.do([passed])).toBeNull();
  expect(looked).toEqual([4]);
  expect(step.undo).toBeNull();
});

test("who asks again without a pass beside the first attempt hears what that hears, and nobody else does", async () => {
  const { step, looked } = stepOf(announced(queueOf("ofthetrain", runId("G1", day))));
  const first = draftOf("key", passOf("ofthetrain"));
  const verdicts = await step.do([
    draftOf("key"),
    first,
    draftOf("key", null, { requestHash: "another" }),
    draftOf("key", null, { userId: 8 as UserId }),
    draftOf("other"),
  ]);
  const queueOn = refuse(refusal("QueueOn", { queue: "ofthetrain" }));
  expect(await Promise.all(verdicts!.map(answerOf))).toEqual([
    ok({ status: 202, body: 11 }),
    null,
    refuse(refusal("IdempotencyKeyReused")),
    queueOn,
    queueOn,
  ]);
  expect(looked).toEqual([2]);
});

test("a key that cannot be looked up is no purchase, and no broken promise", async () => {
  const { step } = stepOf(announced(queueOf("ofthetrain", runId("G1", day))));
  const broken = createPassStep({
    queues: announced(queueOf("ofthetrain", runId("G1", day))),
    passes,
    submissions: { findKeys: () => Promise.reject(new Error("away")) },
    firstAnswer: () => Promise.reject(new Error("away")),
  });
  for (const [each, code] of [
    [step, "QueueOn"],
    [broken, "Internal"],
  ] as const) {
    const verdicts = await each.do([draftOf("new")]);
    expect(await answerOf(verdicts![0]!)).toMatchObject({ ok: false, error: { code } });
  }
});
