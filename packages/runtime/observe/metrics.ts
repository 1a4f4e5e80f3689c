/**
 * What Prometheus reads. Names are the design document's where it gives them (§11.1, §7.4.4.1). Requests are counted in plain
 * arrays, because they are counted a hundred thousand times a second; the rest are prom-client's own metrics.
 */
import { AggregatorRegistry, Counter, Gauge, Histogram, type Metric, Registry } from "prom-client";

/** Seconds. The document's targets (0.2 s for queries, 3 s for orders) are bounds, so an alert can ask for them exactly. */
const requestSecondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 3, 10] as const;
const statusMax = 600;

export type Labels = Readonly<Record<string, string | number>>;
export type Sample = { readonly value: number; readonly labels?: Labels };

/** Every metric with its values, in prom-client's words. */
export type Values = readonly object[];

/** Counts the requests of one method and route. */
export type RequestMeter = { observe(status: number, seconds: number): void };

export type Metrics = {
  readonly contentType: string;
  /** The page that Prometheus reads. */
  text(): Promise<string>;
  /** The same as values, for another thread of the process. */
  values(): Promise<Values>;
  /** From now on what other threads have counted is part of the page. */
  alsoOf(threads: () => Promise<readonly Values[]>): void;
  /** Asked for twice, it is the same: two doors of a process count together. */
  requests(service: string, method: string, route: string): RequestMeter;
  /** Read when Prometheus asks, not before. */
  gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => readonly Sample[] | Promise<readonly Sample[]>,
  ): void;
  /** The same of what only grows. */
  counted(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => readonly Sample[] | Promise<readonly Sample[]>,
  ): void;
  counter(name: string, help: string, labelNames?: readonly string[]): { add(by?: number, labels?: Labels): void };
  histogram(
    name: string,
    help: string,
    bounds: readonly number[],
    labelNames?: readonly string[],
  ): { observe(value: number, labels?: Labels): void };
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const meters = new Map<string, Meter>();
  registerRequests(registry, meters);
  registerProcess(registry);
  let others: (() => Promise<readonly Values[]>) | null = null;
  const values = () => registry.getMetricsAsJSON();

  async function sums(): Promise<string> {
    const all = [await values(), ...(await others!())];
    return AggregatorRegistry.aggregate(all.map((each) => [...each])).metrics();
  }

  return {
    contentType: registry.contentType,
    text: () => (others ? sums() : registry.metrics()),
    values,
    alsoOf(threads) {
      others = threads;
    },
    requests(service, method, route) {
      const key = `${service} ${method} ${route}`;
      const meter = meters.get(key) ?? createMeter(service, method, route);
      meters.set(key, meter);
      return meter;
    },
    gauge(name, help, labelNames, read) {
      const gauge: Gauge = new Gauge({
        name,
        help,
        labelNames: [...labelNames],
        registers: [registry],
        async collect() {
          const samples = await read();
          gauge.reset();
          for (const { value, labels } of samples) gauge.set(labels ?? {}, value);
        },
      });
    },
    counted(name, help, labelNames, read) {
      const counter: Counter = new Counter({
        name,
        help,
        labelNames: [...labelNames],
        registers: [registry],
        async collect() {
          const samples = await read();
          counter.reset();
          for (const { value, labels } of samples) counter.inc(labels ?? {}, value);
        },
      });
    },
    counter(name, help, labelNames = []) {
      const counter = new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
      return { add: (by = 1, labels = {}) => counter.inc(labels, by) };
    },
    histogram(name, help, bounds, labelNames = []) {
      const histogram = new Histogram({
        name,
        help,
        labelNames: [...labelNames],
        buckets: [...bounds],
        registers: [registry],
      });
      return { observe: (value, labels = {}) => histogram.observe(labels, value) };
    },
  };
}

type Series = { count: number; sum: number; readonly buckets: Float64Array };
type Meter = RequestMeter & { readonly labels: Labels; readonly byStatus: (Series | undefined)[] };

function createMeter(service: string, method: string, route: string): Meter {
  const byStatus: (Series | undefined)[] = Array.from({ length: statusMax });
  return {
    labels: { service, method, route },
    byStatus,
    observe(status, seconds) {
      const series = (byStatus[status] ??= {
        count: 0,
        sum: 0,
        buckets: new Float64Array(requestSecondsBounds.length),
      });
      series.count++;
      series.sum += seconds;
      for (let i = 0; i < requestSecondsBounds.length; i++) {
        if (seconds <= requestSecondsBounds[i]!) {
          series.buckets[i]!++;
          return;
        }
      }
    },
  };
}

/** Two metrics that read the meters' arrays when asked, in the shape that prom-client's registry prints. */
function registerRequests(registry: Registry, meters: ReadonlyMap<string, Meter>) {
  const each = function* () {
    for (const { labels, byStatus } of meters.values()) {
      for (const [status, series] of byStatus.entries()) {
        if (series) yield { labels: { ...labels, status: String(status) }, series };
      }
    }
  };
  const total = {
    name: "http_requests_total",
    help: "Requests answered.",
    type: "counter",
    aggregator: "sum",
    values: () => [...each()].map(({ labels, series }) => ({ value: series.count, labels })),
  };
  const duration = {
    name: "http_request_duration_seconds",
    help: "Time from a request's arrival to its answer.",
    type: "histogram",
    aggregator: "sum",
    values: () =>
      [...each()].flatMap(({ labels, series }) => {
        let below = 0;
        const buckets = requestSecondsBounds.map((bound, i) => {
          below += series.buckets[i]!;
          return { metricName: `${duration.name}_bucket`, value: below, labels: { ...labels, le: String(bound) } };
        });
        return [
          ...buckets,
          { metricName: `${duration.name}_bucket`, value: series.count, labels: { ...labels, le: "+Inf" } },
          { metricName: `${duration.name}_sum`, value: series.sum, labels },
          { metricName: `${duration.name}_count`, value: series.count, labels },
        ];
      }),
  };
  for (const metric of [total, duration]) {
    const printable = { ...metric, get: () => Promise.resolve({ ...metric, values: metric.values() }) };
    // The registry only ever calls `get` and reads `name`; its type asks for one of its own classes.
    registry.registerMetric(printable as unknown as Metric);
  }
}

/** Every thread sees the same process. */
const ofProcess = "first";

/** prom-client's default metrics lean on parts of Node that Bun does not have; these are what dashboards ask for. */
function registerProcess(registry: Registry) {
  const startSeconds = Date.now() / 1_000 - process.uptime();
  const gauge = (name: string, help: string, read: () => number) => {
    const metric: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      aggregator: ofProcess,
      collect: () => metric.set(read()),
    });
  };
  gauge("process_start_time_seconds", "When the process started.", () => startSeconds);
  gauge("process_resident_memory_bytes", "Memory the process holds.", () => process.memoryUsage.rss());
  let seenSeconds = 0;
  const cpu: Counter = new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time used.",
    registers: [registry],
    aggregator: ofProcess,
    collect() {
      const { user, system } = process.cpuUsage();
      const seconds = (user + system) / 1e6;
      cpu.inc(Math.max(0, seconds - seenSeconds));
      seenSeconds = seconds;
    },
  });
}
