/** Rules ask for nothing that a running platform does not tell: each metric is there, with its labels and the values that are named. */
import { afterAll, expect, spyOn, test } from "bun:test";
import type { RedisCounters } from "@chepiao/adapters/redis";
import { createMetrics } from "@chepiao/runtime";
import { Registry } from "prom-client";
import { createCluster } from "../../apps/server/testing/roles.ts";
import { createWorld, freePort, startServer, type World } from "../../apps/server/testing/world.ts";
import { registerMetrics } from "../../apps/server/wiring/gauges.ts";
import { roles } from "../../apps/server/roles.ts";
import { isMatched, readPromql, type Selector } from "../testing/promql.ts";
import { readRules } from "../testing/rules.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

/** Of a metric: its labels, and which values each was seen with. */
type Told = Map<string, Map<string, Set<string>>>;

const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 2 }] }] };
const { alerts, recorded } = await readRules();
const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 2, composition });
cleanUp.defer(world.remove);
const told: Told = new Map();
const misnamed = new Set<string>();

test("a platform in one process, one in roles, and what counts calls of Redis are asked what they tell", async () => {
  const registering = spyOn(Registry.prototype, "registerMetric");
  await hearOfOneProcess();
  await hearOfRoles(world);
  const redis: RedisCounters = { unavailable: 0, functionLoads: 0 };
  const metrics = createMetrics();
  registerMetrics(metrics, { rooms: [], engines: { redis } });
  hear(await metrics.text());
  // Of some there is no value yet, as of a queue that nobody has announced.
  for (const [metric] of registering.mock.calls) {
    const { name, labelNames = [] } = metric as unknown as { name: string; labelNames?: readonly string[] };
    for (const label of labelNames) labelOf(name, label);
  }
  registering.mockRestore();
  expect(told.size).toBeGreaterThan(30);
}, 120_000);

test("what only grows is told as a counter, and its name ends in _total; nothing else's does", () => {
  expect([...misnamed]).toEqual([]);
});

test.each([...recorded.map(({ record, expr }) => [record, expr]), ...alerts.map(({ alert, expr }) => [alert, expr])])(
  "what %s asks for is told",
  (_, expr) => {
    expect(missingIn(expr)).toEqual([]);
  },
);

test("what alerts say of themselves are labels that they have", () => {
  for (const { alert, expr, annotations } of alerts) {
    const said = Object.values(annotations).flatMap((text) =>
      [...text.matchAll(/\$labels\.(\w+)/g)].map(([, l]) => l!),
    );
    expect({ alert, unknown: said.filter((label) => !labelsLeft(expr).includes(label)) }).toEqual({
      alert,
      unknown: [],
    });
  }
});

test("a metric, a label or a value that is not told is found", () => {
  expect(missingIn('sum(orders_total{what="restored"}) > 0')).toEqual(['orders_total{what="restored"}']);
  expect(missingIn("max by (train) (local_message_pending)")).toEqual(["by train"]);
  expect(missingIn('local_message_pending_count{topic="a"} or up{zone="a"}')).toEqual([
    "local_message_pending_count",
    'up{zone="a"}',
  ]);
});

// What is told

async function hearOfOneProcess() {
  const metricsPort = freePort();
  const settings = { METRICS_PORT: String(metricsPort), REQUESTS_PER_ADDRESS_SECOND: "1", TRUST_PROXY: "1" };
  const server = await startServer(world, freePort(), settings);
  try {
    // Until they are too many: ten at once are its share.
    const headers = { "x-forwarded-for": "203.0.113.7" };
    for (let n = 0; n < 15; n++) await fetch(`${server.url}/api/order`, { method: "POST", headers });
    hear(await pageAt(`http://127.0.0.1:${metricsPort}`));
  } finally {
    await server.stop();
  }
}

/** Nobody does the part of `inventory`, so that a search that asks it fails. */
async function hearOfRoles({ dataDir, date }: World) {
  const rest = roles.filter((role) => !["gateway", "search", "inventory"].includes(role)).join(",");
  const places = { gateway: "gateway", search: "search", rest, inventory: "inventory" };
  await using cluster = await createCluster({ dataDir }, places);
  const processes = [cluster.start("gateway"), cluster.start("search"), cluster.start("rest")];
  await Promise.all(processes.map(({ opened }) => opened));
  await fetch(`${cluster.gatewayUrl}/api/order`, { method: "POST" });
  await fetch(`${cluster.gatewayUrl}/api/search/tickets?from=S0&to=S1&date=${date}`);
  for (const { innerUrl } of processes) hear(await pageAt(innerUrl));
}

const pageAt = async (url: string) => (await fetch(`${url}/metrics`)).text();

function hear(page: string) {
  for (const [, name, type] of page.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
    metricOf(name!);
    if ((type === "counter") !== name!.endsWith("_total")) misnamed.add(`${type} ${name}`);
    if (type === "histogram") labelOf(name!, "le");
  }
  for (const [, series, inside = ""] of page.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    for (const [, label, value] of inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labelOf(series!, label!).add(value!);
  }
}

function metricOf(series: string) {
  // A histogram is told as three series.
  const name = series.replace(/_(bucket|sum|count)$/, "");
  const labels = told.get(name) ?? new Map<string, Set<string>>();
  told.set(name, labels);
  return labels;
}

function labelOf(series: string, label: string) {
  const labels = metricOf(series);
  const values = labels.get(label) ?? new Set<string>();
  labels.set(label, values);
  return values;
}

// What is asked

/** What Prometheus itself adds to everything that it scrapes. */
const ofTarget = ["job", "instance"];
const isRecorded = (metric: string) => recorded.some(({ record }) => record === metric);

function labelsOf(metric: string): readonly string[] {
  if (metric === "up") return ofTarget;
  const rule = recorded.find(({ record }) => record === metric);
  return rule ? labelsLeft(rule.expr) : [...ofTarget, ...metricOf(metric).keys()];
}

/** Those by which it groups, or where it does not, those of what it asks for. */
function labelsLeft(expr: string): readonly string[] {
  const { labels, selectors } = readPromql(expr);
  if (labels.length > 0) return labels;
  return /\b(sum|max|min|avg)\s*\(/.test(expr) ? [] : selectors.flatMap(({ metric }) => labelsOf(metric));
}

function missingIn(expr: string): readonly string[] {
  const { selectors, labels } = readPromql(expr);
  const known = new Set(selectors.flatMap(({ metric }) => labelsOf(metric)));
  return [
    ...selectors.flatMap(missingOf),
    ...labels.filter((label) => !known.has(label)).map((label) => `by ${label}`),
  ];
}

function missingOf({ metric, matchers }: Selector): readonly string[] {
  if (metric !== "up" && !isRecorded(metric) && !isTold(metric)) return [metric];
  return matchers
    .filter(({ label, operator, value }) => {
      if (!labelsOf(metric).includes(label)) return true;
      if (ofTarget.includes(label)) return false;
      // Which of them a platform answers a test with is chance.
      if (label === "status") return !isMatched({ label, operator, value }, "503");
      const values = [...(metricOf(metric).get(label) ?? [])];
      return value.split("|").some((part) => !values.some((said) => isMatched({ label, operator, value: part }, said)));
    })
    .map(({ label, operator, value }) => `${metric}{${label}${operator}"${value}"}`);
}

const isTold = (series: string) =>
  told.has(series) || (/_(bucket|sum|count)$/.test(series) && metricOf(series).size > 0);
