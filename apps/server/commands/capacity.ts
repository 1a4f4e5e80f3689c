/** `chepiao capacity`: how many processes and engines a load needs, from what one request was measured to cost. */
import { type Measured, NotMeasured, readMeasured } from "../capacity/measured.ts";
import {
  type Assumptions,
  assumptionsDefault,
  type Load,
  measuredEngines,
  measuredRoles,
  type Need,
  needsOf,
  scenarios,
} from "../capacity/model.ts";
import { type Command, readArgs, UsageError } from "./command.ts";
import { table } from "./table.ts";

const help = `npm run chepiao -- capacity [OPTIONS]

Computes processes of each role, Redis masters, Kafka partitions and brokers, and MySQL servers for the three loads of the
design (§1.2): daily, peak, extreme; or for a load of your own.

  --orders N          orders a second, with
  --queries N         searches a second: a load of your own instead of the three
  --utilisation N     percent of a core that the work may take (${assumptionsDefault.utilisation * 100})
  --peak N            what the load is multiplied by (${assumptionsDefault.peakFactor}: the design's figures are peaks already)
  --replicas N        replicas of each Redis master and MySQL primary (${assumptionsDefault.replicas})
  --kafka-replicas N  copies of each record of Kafka (${assumptionsDefault.kafkaReplicas})
  --server-cores N    cores of a machine with a broker or a MySQL server (${assumptionsDefault.serverCores})
  --measured FILE     a result of: npm run bench -- cluster. Otherwise bench/results/cluster.json where it
                      is there, else the figures that are shipped
  --json              for programs`;

const options = {
  orders: { type: "string" },
  queries: { type: "string" },
  utilisation: { type: "string", default: String(assumptionsDefault.utilisation * 100) },
  peak: { type: "string", default: String(assumptionsDefault.peakFactor) },
  replicas: { type: "string", default: String(assumptionsDefault.replicas) },
  "kafka-replicas": { type: "string", default: String(assumptionsDefault.kafkaReplicas) },
  "server-cores": { type: "string", default: String(assumptionsDefault.serverCores) },
  measured: { type: "string" },
  json: { type: "boolean", default: false },
} as const;
type Values = ReturnType<typeof readArgs<typeof options>>["values"];

export const capacityCommand: Command = {
  about: "compute how many processes and engines a load needs",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    if (positionals.length > 0) throw new UsageError(help);
    const assumed = assumptionsOf(values);
    const loads = loadsOf(values);
    const measured = measuredOr(values.measured ?? null);
    const plans = Object.entries(loads).map(([name, load]) => ({
      name,
      load,
      needs: needsOf(load, measured.costs, assumed),
    }));
    if (values.json) console.log(JSON.stringify({ measured, assumed, plans }, null, 2));
    else console.log([...toldMeasured(measured), "", ...toldAssumed(assumed), "", ...toldPlans(plans)].join("\n"));
    return 0;
  },
};

// What is asked ---------------------------------------------------------------------------------------------------------------

const assumptionsOf = (values: Values): Assumptions => ({
  utilisation: numberIn(values, "utilisation", 1, 100) / 100,
  peakFactor: numberIn(values, "peak", 0.01, 1_000),
  replicas: wholeIn(values, "replicas", 0, 10),
  kafkaReplicas: wholeIn(values, "kafka-replicas", 1, 9),
  serverCores: wholeIn(values, "server-cores", 1, 1_024),
});

function loadsOf(values: Values): Readonly<Record<string, Load>> {
  if (values.orders === undefined && values.queries === undefined) return scenarios;
  if (values.orders === undefined || values.queries === undefined)
    throw new UsageError("A load of your own needs both --orders and --queries.");
  const perSecondMax = 1e9;
  return {
    yours: {
      ordersPerSecond: numberIn(values, "orders", 0, perSecondMax),
      queriesPerSecond: numberIn(values, "queries", 0, perSecondMax),
    },
  };
}

type NumberOption = Exclude<keyof typeof options, "json" | "measured">;

function numberIn(values: Values, name: NumberOption, min: number, max: number): number {
  const text = values[name] ?? "";
  const number = Number(text);
  if (text.trim() === "" || !(number >= min && number <= max))
    throw new UsageError(`--${name}=${text} cannot be used: it takes a number from ${min} to ${max}.`);
  return number;
}

function wholeIn(values: Values, name: NumberOption, min: number, max: number): number {
  const number = numberIn(values, name, min, max);
  if (!Number.isInteger(number))
    throw new UsageError(`--${name}=${number} cannot be used: it takes a whole number from ${min} to ${max}.`);
  return number;
}

function measuredOr(path: string | null): Measured {
  try {
    return readMeasured(path);
  } catch (error) {
    if (error instanceof NotMeasured) throw new UsageError(error.message);
    throw error;
  }
}

// What is answered ------------------------------------------------------------------------------------------------------------

function toldMeasured({ costs, machine, commit, measuredAt, from }: Measured): string[] {
  const rate = (us: number) => (us > 0 ? counted(1e6 / us) : "–");
  return [
    `Measured on ${machine}, at commit ${commit}, ${measuredAt.slice(0, 10)} (${from})`,
    "",
    ...table(
      [
        ["", "µs an order", "µs a search", "orders/s a core", "searches/s a core"],
        ...[...measuredRoles, ...measuredEngines].map((who) => [
          who,
          costs.order[who].toFixed(1),
          costs.query[who].toFixed(1),
          rate(costs.order[who]),
          rate(costs.query[who]),
        ]),
      ],
      { numbers: true },
    ),
  ];
}

const toldAssumed = ({ utilisation, peakFactor, replicas, kafkaReplicas, serverCores }: Assumptions): string[] => [
  `Assumed: ${Math.round(utilisation * 100)} % of each core, load × ${peakFactor}, ${replicas} replica(s), ` +
    `${kafkaReplicas} copies of each record, servers of ${serverCores} cores.`,
  "Not in it, because not measured: payment, relay, sweeper, bank (two replicas each, the bank one), a proxy in front of",
  "MySQL, the network, disks.",
];

type Planned = { readonly name: string; readonly load: Load; readonly needs: readonly Need[] };

function toldPlans(plans: readonly Planned[]): string[] {
  const [first] = plans;
  const perSecond = (read: (load: Load) => number) => plans.map(({ load }) => counted(read(load)));
  const rows = first!.needs.map(({ what }, n) => [
    what,
    ...plans.map(({ needs }) => `${counted(needs[n]!.count)}${needs[n]!.isMinimum ? "*" : " "}`),
  ]);
  const notes = new Set(
    plans.flatMap(({ needs }) => needs.flatMap(({ what, note }) => (note ? [`${what}: ${note}`] : []))),
  );
  return [
    ...table(
      [
        ["", ...plans.map(({ name }) => name)],
        ["searches a second", ...perSecond(({ queriesPerSecond }) => queriesPerSecond).map((text) => `${text} `)],
        ["orders a second", ...perSecond(({ ordersPerSecond }) => ordersPerSecond).map((text) => `${text} `)],
        ...rows,
      ],
      { numbers: true },
    ),
    "",
    "* the least with which one can be lost",
    ...notes,
  ];
}

const counted = (value: number): string => Math.round(value).toLocaleString("en");
