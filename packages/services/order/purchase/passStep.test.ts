/** Who may buy while a queue is on: whoever shows a pass of that queue for the own account, and nobody else. */
import { expect, test } from "bun:test";
import {
  type AnnouncedQueue,
  type AnnouncedQueuesClient,
  type KeptQueue,
  runId,
  trainAndDateOf,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, serviceDate, type UserId } from "@chepiao/kernel";
import { sampleQueue } from "@chepiao/ports/queue-store/samples.suite.ts";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createQueuePasses } from "@chepiao/room";
import { createPassStep } from "./passStep.ts";
import type { Draft } from "./step.ts";

const now = epochMs(1_800_000_000_000);
const passes = createQueuePasses(createMemoryVault());
const day = serviceDate("2027-01-20");

const queueOf = (queueId: string, scope: AnnouncedQueue["scope"], more: Partial<AnnouncedQueue> = {}) =>
  sampleQueue(now, queueId, scope, more);

const announced = (...queues: readonly AnnouncedQueue[]): AnnouncedQueuesClient => {
  const all = queues.map((queue): KeptQueue => ({ ...queue, marks: { taken: 0, served: 0, root: null, drawn: null } }));
  return {
    all: () => all,
    gateOf: (id) => all.find(({ scope }) => scope === id || scope === trainAndDateOf(id)[1]) ?? null,
  };
};

type Wanted = { readonly pass?: string; readonly trains?: readonly string[]; readonly granted?: true; at?: EpochMs };

function ask(queues: AnnouncedQueuesClient, { pass, trains = ["G1"], granted, at = now }: Wanted) {
  const command = {
    userId: 7 as UserId,
    lines: trains.map((trainNumber) => ({ trainNumber, originDate: day })),
    asker: { address: "", device: null, pass: pass ?? null },
    ...(granted ? { granted: {} } : {}),
  };
  const verdicts = createPassStep({ queues, passes }).do([{ command, at } as unknown as Draft]);
  const [verdict] = verdicts as readonly unknown[];
  return (verdict as { refusal?: { facts?: { queue?: string } } } | null)?.refusal?.facts?.queue ?? null;
}

const passOf = (queueId: string, userId = 7) => passes.sign({ queueId, userId }, epochMs(now + minuteMs));

test("where no queue is announced nobody is asked for anything", () => {
  expect(createPassStep({ queues: announced(), passes }).do([{} as Draft])).toBeNull();
});

test("a queue of a run, or of its day, keeps out who shows no pass of it, and other trains are sold", () => {
  const queues = announced(queueOf("ofthetrain", runId("G1", day)), queueOf("oftheothers", day));
  expect(ask(queues, {})).toBe("ofthetrain");
  expect(ask(queues, { trains: ["G2"] })).toBe("oftheothers");
  expect(ask(queues, { pass: passOf("ofthetrain") })).toBeNull();
  expect(ask(queues, { pass: passOf("oftheothers") })).toBe("ofthetrain");
  expect(ask(queues, { pass: passOf("ofthetrain"), trains: ["G1", "G2"] })).toBe("oftheothers");
  expect(ask(queues, { pass: `${passOf("ofthetrain")}, ${passOf("oftheothers")}`, trains: ["G1", "G2"] })).toBeNull();
  expect(ask(announced(queueOf("ofthetrain", runId("G1", day))), { trains: ["G2"] })).toBeNull();
});

test("a pass is of one account, one queue, and its time; whoever was given seats by the waitlist needs none", () => {
  const queues = announced(queueOf("ofthetrain", runId("G1", day)));
  expect(ask(queues, { pass: passOf("ofthetrain", 8) })).toBe("ofthetrain");
  expect(ask(queues, { pass: passOf("ofthetrain"), at: epochMs(now + minuteMs) })).toBe("ofthetrain");
  expect(ask(queues, { pass: passOf("ofthetrain").replace(".7.", ".7.9") })).toBe("ofthetrain");
  expect(ask(queues, { granted: true })).toBeNull();
});

test("who is turned away may ask again under the same key", () => {
  const queues = announced(queueOf("ofthetrain", runId("G1", day)));
  const command = { userId: 7, lines: [{ trainNumber: "G1", originDate: day }], asker: { pass: null } };
  const draft = { command, at: now } as unknown as Draft;
  expect(createPassStep({ queues, passes }).do([draft])).toMatchObject([{ kind: "failed" }]);
});
