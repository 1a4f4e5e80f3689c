/** The durable log on Kafka: what is appended is on enough replicas before the caller is told so. */
import { addressForms, tlsTrouble } from "@chepiao/adapters/engine-address";
import type { Topic } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import { type Consumption, type Log, LogUnavailable } from "@chepiao/ports/log";
import { compatibilityPartitioner, ProduceAcks, Producer } from "@platformatic/kafka";
import { type Appender, createAppender, type Message } from "./appender.ts";
import { createDeadLetters } from "./deadLetters.ts";
import { encode } from "./encode.ts";
import { unfinishedAfter } from "./finished.ts";
import { joinGroup } from "./group.ts";
import { clientId, completed, kafkaConnection, type KafkaSettings } from "./settings.ts";
import { ensureTopics } from "./topics.ts";

export type KafkaLog = Log & {
  /** Requests sent to brokers, and messages acknowledged; together they tell how well appends share. */
  readonly counters: Appender["counters"];
  /** Throws `LogUnavailable`, saying why, while Kafka or its topics are not there. */
  ready(): Promise<void>;
  /**
   * Waits until that group, whoever is in it, has finished what was there when it was asked, or the time is over; answers how many
   * records are left.
   */
  unfinishedAfter(asked: { readonly group: string; readonly topic: Topic; readonly withinMs: number }): Promise<number>;
};

type KafkaDeps = {
  readonly clock: Clock;
  readonly report: (message: string, error?: unknown) => void;
};

const pauseMs = secondMs;
/** While Kafka is away every part of us notices again and again. */
const repeatedReportMs = 10 * secondMs;
const messagesKnownMax = 1_000;

/** Returns at once. Kafka may come later: appends are refused until it is there, and consumers begin when it is. */
export function openKafkaLog(
  given: Partial<KafkaSettings> & Pick<KafkaSettings, "brokers">,
  { clock, report: tell }: KafkaDeps,
): KafkaLog {
  const settings = completed(given);
  const { bootstrapBrokers, tls = null } = kafkaConnection(settings);
  const report = seldom(tell, clock);
  const consumptions: Consumption[] = [];
  let closed = false;
  let missing: unknown = new Error("not asked yet");
  const prepared = prepare();

  const producer = new Producer({
    clientId,
    ...kafkaConnection(settings),
    idempotent: true,
    // The driver takes fewer than two for "without end".
    retries: 2,
    retryDelay: 200,
    timeout: settings.appendTimeoutMs,
    // Java's choice of partition, so that other producers would agree with us.
    partitioner: compatibilityPartitioner,
  });
  const appender = createAppender({ prepared, send, clock, timeoutMs: settings.appendTimeoutMs });
  const deadLetters = createDeadLetters(settings, { clock, appender, prepared, report });

  async function prepare() {
    while (!closed) {
      try {
        await ensureTopics(settings);
        missing = null;
        return;
      } catch (error) {
        missing = error;
        report("Kafka is not there; asking again", error);
        await sleep(clock, pauseMs);
      }
    }
  }

  async function send(messages: readonly Message[]) {
    await producer.send({ acks: ProduceAcks.ALL, messages: [...messages] });
  }

  return {
    counters: appender.counters,
    deadLetters,
    append: (records) => appender.append(records.map((record) => encode(settings, record))),
    consume(consumer) {
      const consumption = joinGroup(settings, consumer, { clock, report, prepared, park: deadLetters.park });
      consumptions.push(consumption);
      return consumption;
    },
    async unfinishedAfter(asked) {
      await prepared;
      return unfinishedAfter({ settings, clock, report }, asked);
    },
    async ready() {
      if (missing !== null) throw unavailable(missing);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await Promise.all(consumptions.map((consumption) => consumption[Symbol.asyncDispose]()));
      await appender[Symbol.asyncDispose]();
      await producer.close(true);
    },
  };

  function unavailable(cause: unknown) {
    const what = tlsTrouble(cause, tls ? null : addressForms.kafka.tls) ?? "cannot be used";
    return new LogUnavailable(`Kafka at ${bootstrapBrokers.join(", ")} ${what}: ${String(cause)}`, { cause });
  }
}

function seldom(report: KafkaDeps["report"], clock: Clock): KafkaDeps["report"] {
  const saidAt = new Map<string, number>();
  return (message, error) => {
    const now = clock.now();
    if (now - (saidAt.get(message) ?? 0) < repeatedReportMs) return;
    if (saidAt.size >= messagesKnownMax) saidAt.clear();
    saidAt.set(message, now);
    report(message, error);
  };
}
