/**
 * Reads partitions from given places on. Knows nothing of groups: who reads which partition, and how far the work on it is, is
 * decided elsewhere (`group.ts`). Uses connections of its own, because a broker answers a connection's requests in turn and a
 * fetch may wait for news while a heartbeat must not.
 */
import { Consumer, FetchIsolationLevels, findErrorBy, ListOffsetTimestamps } from "@platformatic/kafka";
import { answerMs, clientId, kafkaConnection, type KafkaSettings } from "./settings.ts";

export type Place = {
  /** As Kafka knows it, with the prefix. */
  readonly topic: string;
  readonly index: number;
  /** The next record to be asked for. */
  fetchAt: bigint;
  /** Behind the last record that can be read, as far as we have heard. */
  endAt: bigint;
};

export type Fetched<P extends Place> = {
  readonly place: P;
  readonly offset: bigint;
  readonly key: string;
  /** Null: the key's earlier records are to be forgotten. */
  readonly text: string | null;
};

export type Reader = AsyncDisposable & {
  /** For each topic, by partition. */
  offsets(edge: "earliest" | "end"): Promise<ReadonlyMap<string, readonly bigint[]>>;
  /** The places, by the broker that leads each. */
  byLeader<P extends Place>(places: readonly P[]): Promise<ReadonlyMap<number, readonly P[]>>;
  /** What is new in places that this broker leads; moves them on. Waits a little for news where there is none. */
  fetch<P extends Place>(broker: number, places: readonly P[]): Promise<Fetched<P>[]>;
};

const waitMs = 500;
const bytesMax = 8 * 1024 * 1024;
const partitionBytesMax = 1024 * 1024;

export function createReader(
  settings: KafkaSettings,
  topics: readonly string[],
  report: (message: string, error?: unknown) => void,
): Reader {
  const kafka = new Consumer({
    clientId,
    // Asked for by the driver; it joins nothing.
    groupId: `${settings.prefix}reader`,
    ...kafkaConnection(settings),
    isolationLevel: FetchIsolationLevels.READ_UNCOMMITTED,
    retries: 1,
    retryDelay: 250,
    requestTimeout: answerMs(settings),
  });
  kafka.topics.trackAll(...topics);

  const offsets: Reader["offsets"] = async (edge) =>
    kafka.listOffsets({
      topics: [...topics],
      timestamp: edge === "earliest" ? ListOffsetTimestamps.EARLIEST : ListOffsetTimestamps.LATEST,
    });

  /** Records were deleted before they were read, or a broker came back without its disk: go on with what there is. */
  async function bringIntoRange(places: readonly Place[]) {
    const [earliest, end] = await Promise.all([offsets("earliest"), offsets("end")]);
    for (const place of places) {
      const first = earliest.get(place.topic)![place.index]!;
      const behind = end.get(place.topic)![place.index]!;
      const nearest = place.fetchAt < first ? first : place.fetchAt > behind ? behind : place.fetchAt;
      if (nearest === place.fetchAt) continue;
      report(`${place.topic}/${place.index} has ${first} to ${behind} and not ${place.fetchAt}: records are lost`);
      place.fetchAt = nearest;
    }
  }

  return {
    offsets,
    async byLeader<P extends Place>(places: readonly P[]) {
      const metadata = await kafka.metadata({ topics: [...topics] });
      return Map.groupBy(places, ({ topic, index }) => metadata.topics.get(topic)!.partitions[index]!.leader);
    },
    async fetch(broker, places) {
      const metadata = await kafka.metadata({ topics: [...topics] });
      const wanted = Map.groupBy(places, ({ topic }) => metadata.topics.get(topic)!.id);
      try {
        const response = await kafka.fetch({
          node: broker,
          maxWaitTime: waitMs,
          minBytes: 1,
          maxBytes: bytesMax,
          topics: [...wanted].map(([topicId, ofTopic]) => ({ topicId, partitions: ofTopic.map(request) })),
        });
        return response.responses.flatMap(({ topicId, partitions }) =>
          partitions.flatMap((answer) => {
            const place = wanted.get(topicId)?.find(({ index }) => index === answer.partitionIndex);
            return place ? taken(place, answer) : [];
          }),
        );
      } catch (error) {
        if (!(error instanceof Error) || !findErrorBy(error, "apiId", "OFFSET_OUT_OF_RANGE")) throw error;
        await bringIntoRange(places);
        return [];
      }
    },
    [Symbol.asyncDispose]: () => kafka.close(true),
  };
}

const request = ({ index, fetchAt }: Place) => ({
  partition: index,
  fetchOffset: fetchAt,
  partitionMaxBytes: partitionBytesMax,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
});

type Answer = Awaited<ReturnType<Consumer["fetch"]>>["responses"][number]["partitions"][number];

function taken<P extends Place>(place: P, { records: batches, highWatermark }: Answer): Fetched<P>[] {
  const fetched: Fetched<P>[] = [];
  place.endAt = highWatermark;
  for (const batch of batches ?? []) {
    for (const { offsetDelta, key, value } of batch.records) {
      const offset = batch.firstOffset + BigInt(offsetDelta);
      // A broker sends whole batches, also when only their end was asked for.
      if (offset < place.fetchAt) continue;
      fetched.push({ place, offset, key: key?.toString() ?? "", text: value?.toString() ?? null });
    }
    place.fetchAt = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
  }
  return fetched;
}
