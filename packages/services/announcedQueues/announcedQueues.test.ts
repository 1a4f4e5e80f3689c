/** Which queue keeps others from buying a run, and when. */
import { expect, test } from "bun:test";
import { type AnnouncedQueue, runId } from "@chepiao/contracts";
import { epochMs, minuteMs, serviceDate } from "@chepiao/kernel";
import { createMemoryQueueStore } from "@chepiao/ports/queue-store";
import { sampleQueue } from "@chepiao/ports/queue-store/samples.suite.ts";
import { createAnnouncedQueues } from "./index.ts";

const now = epochMs(1_800_000_000_000);
const day = serviceDate("2027-01-20");
const [first, other] = [runId("G1", day), runId("G2", day)];
const queueOf = (queueId: string, scope: AnnouncedQueue["scope"]) => sampleQueue(now, queueId, scope);

test("a queue is on from when lots are taken until it ends, and known once it was looked for", async () => {
  const store = createMemoryQueueStore();
  const { client, reload } = await createAnnouncedQueues(store);
  await store.announce(queueOf("ofthetrain", first), now);
  expect(client.gateOf(first, now)).toBeNull();
  await reload();
  const gateAt = (ms: number) => client.gateOf(first, epochMs(now + ms))?.queueId ?? null;
  expect([gateAt(-1), gateAt(0), gateAt(60 * minuteMs - 1), gateAt(60 * minuteMs)]).toEqual([
    null,
    "ofthetrain",
    "ofthetrain",
    null,
  ]);
  expect(client.gateOf(other, now)).toBeNull();
  await store.end("ofthetrain", epochMs(now + 10 * minuteMs));
  await reload();
  expect([gateAt(10 * minuteMs - 1), gateAt(10 * minuteMs)]).toEqual(["ofthetrain", null]);
});

test("a run that is exempt is bought without a pass, also on a day that has a queue, and nobody sees a queue of it", async () => {
  const store = createMemoryQueueStore();
  await store.announce(queueOf("oftheday", day), now);
  await store.announce(sampleQueue(now, "exemption", first, { kind: "exempt" }), now);
  const { client } = await createAnnouncedQueues(store);
  expect([client.gateOf(first, now), client.gateOf(other, now)?.queueId]).toEqual([null, "oftheday"]);
  expect(client.all().map(({ queueId }) => queueId)).toEqual(["oftheday"]);
});

test("the queue of a run stands before that of its day", async () => {
  const store = createMemoryQueueStore();
  await store.announce(queueOf("oftheday", day), now);
  await store.announce(queueOf("ofthetrain", first), now);
  const { client } = await createAnnouncedQueues(store);
  expect([client.gateOf(first, now)?.queueId, client.gateOf(other, now)?.queueId]).toEqual(["ofthetrain", "oftheday"]);
});
