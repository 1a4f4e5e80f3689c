/**
 * How many of everything a load needs, computed from what one request was measured to cost in processor time. Nothing else is
 * known here: rates of a core are the costs turned round, and a count is the cores needed at the wanted utilisation, never below
 * what it takes to lose one and go on.
 */

/** Roles whose cost is measured: what a purchase or a search passes through. */
export const measuredRoles = ["gateway", "user", "search", "inventory", "order", "writer"] as const;
export type MeasuredRole = (typeof measuredRoles)[number];
export const measuredEngines = ["redis", "kafka", "mysql"] as const;
export type MeasuredEngine = (typeof measuredEngines)[number];

/** Processor time of one request, in microseconds, by who spends it. */
export type CostUs = Readonly<Record<MeasuredRole | MeasuredEngine, number>>;
export type Costs = { readonly order: CostUs; readonly query: CostUs };

export type Load = { readonly ordersPerSecond: number; readonly queriesPerSecond: number };

/** §1.2 of the design document: an ordinary day, the days around a holiday, the moment at which a sale opens. */
export const scenarios = {
  daily: { queriesPerSecond: 100_000, ordersPerSecond: 20_000 },
  peak: { queriesPerSecond: 500_000, ordersPerSecond: 100_000 },
  extreme: { queriesPerSecond: 1_000_000, ordersPerSecond: 200_000 },
} as const satisfies Readonly<Record<string, Load>>;

export type Assumptions = {
  /** Of a core, 0 to 1: the rest is for the unevenness of seconds, and for the work of a replica that is lost. */
  readonly utilisation: number;
  /** What the load is multiplied by; the document's figures are peaks already. */
  readonly peakFactor: number;
  /** Of each Redis master and each MySQL primary. */
  readonly replicas: number;
  /** Copies of each record of Kafka. */
  readonly kafkaReplicas: number;
  /** Of a machine that runs a broker or a MySQL server, which use all they get. A role and a Redis master use one. */
  readonly serverCores: number;
};

export const assumptionsDefault: Assumptions = {
  utilisation: 0.6,
  peakFactor: 1,
  replicas: 1,
  kafkaReplicas: 3,
  serverCores: 16,
};

export type Need = {
  readonly what: string;
  /** Processor cores that the work itself takes. */
  readonly cores: number;
  readonly count: number;
  /** There are more than the work needs, so that one can be lost. */
  readonly isMinimum: boolean;
  readonly note?: string;
};

/** With two, one can be lost; with three, Redis and Kafka still have a majority. */
export const replicasMin = 2;
export const majorityMin = 3;
/** A group's partitions are shared out evenly only where there are several for each writer. */
const partitionsPerWriter = 2;
const partitionsMin = 16;
/** Databases of the order tables, 32 × 64 as docs say; more servers than databases have nothing to serve. */
export const databases = 32;

/** Everything that a load needs, in the order in which a request meets it. */
export function needsOf(load: Load, costs: Costs, assumed: Assumptions): Need[] {
  const coresOf = (who: keyof CostUs) =>
    (assumed.peakFactor * (load.ordersPerSecond * costs.order[who] + load.queriesPerSecond * costs.query[who])) / 1e6;
  const need = (what: string, cores: number, coresEach: number, min: number, note?: string): Need => {
    const wanted = Math.ceil(cores / (coresEach * assumed.utilisation));
    return { what, cores, count: Math.max(min, wanted), isMinimum: wanted < min, ...(note ? { note } : {}) };
  };

  const roles = measuredRoles.map((role) => need(`${role} processes`, coresOf(role), 1, replicasMin));
  const writers = roles[measuredRoles.indexOf("writer")]!;
  const redis = need("Redis masters", coresOf("redis"), 1, majorityMin);
  // A follower writes what its leader wrote.
  const brokerCores = coresOf("kafka") * assumed.kafkaReplicas;
  const brokers = need("Kafka brokers", brokerCores, assumed.serverCores, Math.max(majorityMin, assumed.kafkaReplicas));
  const servers = need("MySQL primaries", coresOf("mysql"), assumed.serverCores, replicasMin);
  const partitions = Math.max(partitionsMin, writers.count * partitionsPerWriter);
  const ofWriters = `${partitionsPerWriter} for each writer`;
  return [
    ...roles,
    redis,
    counted("Redis replicas", redis.count * assumed.replicas, `${assumed.replicas} for each master`),
    brokers,
    { ...counted("Kafka partitions a topic", partitions, ofWriters), isMinimum: partitions === partitionsMin },
    servers.count > databases ? { ...servers, note: `more than ${databases}: the layout must be widened` } : servers,
    counted("MySQL replicas", servers.count * assumed.replicas, `${assumed.replicas} for each primary`),
    counted("MySQL shards (databases)", databases, "the layout of 32 × 64 tables; shared out among the primaries"),
  ];
}

const counted = (what: string, count: number, note: string): Need => ({
  what,
  cores: 0,
  count,
  isMinimum: false,
  note,
});
