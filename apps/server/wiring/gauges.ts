/** What Prometheus may ask of a running process besides what its rooms declare: the log, its consumers, dead letters, engines. */
import { topics } from "@chepiao/contracts";
import { repeating, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Consumption, DeadLetters, Log } from "@chepiao/ports/log";
import { counterOf, countersOf, gaugeOf, type MetricSpec } from "@chepiao/room";
import type { Metrics } from "@chepiao/runtime";
import type { EngineName, RoleName } from "../roles.ts";

/** What there is to watch: a role of its own has some of it. */
export type Watched = {
  readonly rooms: readonly MetricSpec[];
  readonly log?: LogSeen | null;
  readonly consumptions?: readonly Consumption[];
  readonly engines?: EngineCounters;
};
export type Counters = Readonly<Record<string, number>>;
export type EngineCounters = Readonly<Partial<Record<EngineName, Counters>>>;
export type LogSeen = Pick<Log, "deadLetters"> & {
  readonly counters: { readonly syncs: number; readonly appended: number };
};

export function registerMetrics(metrics: Metrics, { rooms, log, consumptions = [], engines = {} }: Watched): void {
  const specs = [...rooms];
  if (log) specs.push(...metricsOfLog(log));
  if (consumptions.length > 0) {
    specs.push(
      gaugeOf("log_consumer_lag_records", "Records in the log that some consumer has not finished.", () =>
        consumptions.reduce((sum, consumption) => sum + consumption.lag(), 0),
      ),
    );
  }
  for (const [engine, counters] of Object.entries(engines))
    specs.push(countersOf(`${engine}_events_total`, `What happened to calls of ${engine} since the start.`, counters));
  for (const { kind, name, help, labels, read } of specs)
    metrics[kind === "counter" ? "counted" : "gauge"](name, help, labels, read);
}

/** Told from the first breath of a process, so that one which waits for an engine is seen to wait. */
export function registerReadiness(metrics: Metrics, roles: readonly RoleName[], isReady: () => boolean): void {
  metrics.gauge("role_ready", "1 while a role of this process can do its part, else 0.", ["role"], () => {
    const value = isReady() ? 1 : 0;
    return roles.map((role) => ({ value, labels: { role } }));
  });
}

const metricsOfLog = ({ counters, deadLetters }: LogSeen) => [
  counterOf("log_syncs_total", "Waits for stable storage since the start.", () => counters.syncs),
  counterOf("log_records_total", "Records appended since the start.", () => counters.appended),
  counterOf(
    "log_dead_letters_total",
    "Records that could not be taken, put aside since the start.",
    () => deadLetters.parked,
  ),
];

/** Looking for them is reading topics: not at each question, and not while Kafka cannot answer. */
const deadLettersFreshMs = 30 * secondMs;

/** How many wait for an operator to look at them. One process of all replicas needs to count. */
export function watchDeadLetters(metrics: Metrics, deadLetters: Pick<DeadLetters, "list">, clock: Clock): () => void {
  let waiting: ReadonlyMap<string, readonly unknown[]> | null = null;
  metrics.gauge("log_dead_letters_waiting", "Dead letters that nobody has replayed yet.", ["topic"], () =>
    waiting === null ? [] : topics.map((topic) => ({ value: waiting!.get(topic)?.length ?? 0, labels: { topic } })),
  );
  const counting = repeating({
    clock,
    name: "dead letters",
    firstMs: 0,
    everyMs: deadLettersFreshMs,
    async pass() {
      waiting = Map.groupBy(await deadLetters.list(), ({ topic }) => topic);
    },
    // What cannot be counted now is counted the next time.
    report: () => {},
  });
  // A log that does not answer must not hold up an end.
  return () => void counting.stop();
}
