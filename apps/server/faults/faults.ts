/** Every fault that is played, as data, in the order of the table in docs/operations/faults.md. */
import { kafkaConnection } from "@chepiao/adapters/kafka";
import { mysqlConnection } from "@chepiao/adapters/mysql";
import { join } from "node:path";
import { Admin } from "@platformatic/kafka";
import { createConnection } from "mysql2/promise";
import { engine } from "../../../tools/engines/index.ts";
import type { RoleName } from "../roles.ts";
import type { Fault } from "./fault.ts";
import { payersWait, search, type Searches, wrongSearches } from "./elsewhere.ts";
import { waitlistDies } from "./deaths.ts";
import { lineForgotten, withLine } from "./lineFaults.ts";
import { type Others, othersBuy, othersThan } from "./othersBuy.ts";
import { followsAgain, pairOf, type RedisPair, stopReplication } from "./redisPair.ts";
import { type LinkName, paymentTimeoutMs, type Stage, type Day } from "./stage.ts";

/** Longer than any node or session is waited for before it counts as gone. */
const silenceMs = 8_000;
/** As much as a replica may be behind in a bad moment. */
const unreplicatedMs = 2_000;
/** As long as it takes to see how long searches take here. */
const warmSearchMs = 2_000;
const followsWithinMs = 30_000;
const main = join(import.meta.dir, "../main.ts");

// Processes of the platform ----------------------------------------------------------------------------------------------

const killed = (role: RoleName, noticed: string): Fault => ({
  name: `\`${role}\` killed`,
  noticed,
  strike: (stage) => stage.kill(role),
  heal: async (stage) => void stage.start(role),
});

function paymentSilent(): Fault {
  let before: Searches;
  return {
    name: `\`payment\` silent for ${silenceMs / 1_000} s`,
    noticed: "paying takes as long; searching and buying go on",
    lastsMs: silenceMs,
    async prepare(stage, day) {
      before = await search(stage, day, warmSearchMs);
    },
    strike: async (stage) => stage.pause("payment"),
    async elsewhere(stage, day, forMs) {
      const [during, wrong] = await Promise.all([search(stage, day, forMs), payersWait(stage, day, forMs)]);
      return [...wrong, ...wrongSearches(before, during, forMs)];
    },
    heal: async (stage) => stage.resume("payment"),
  };
}

const roleFaults: readonly Fault[] = [
  killed("order", "buying and looking at orders: 503 until it is there again"),
  killed("gateway", "nothing answers until it is there again"),
  killed("user", "who is asked for a session it does not remember: 503"),
  killed("inventory", "buying: 503; searches show the stock of a moment ago"),
  killed("writer", "buying goes on; payment begins once orders are rows"),
  killed("relay", "tickets given back are for sale later"),
  killed("payment", "paying: 503; the bank tells again"),
  paymentSilent(),
  killed("search", "searching: 503"),
  killed("sweeper", "unpaid orders end a few seconds late"),
  killed("cdc", "operators see orders a few seconds late"),
  killed("bank", "paying with the bank to practise with"),
  waitlistDies(),
];

// Engines -----------------------------------------------------------------------------------------------------------------

const restarted = (name: string, what: string, noticed: string): Fault => ({
  name: `${what} killed and started`,
  noticed,
  strike: () => engine(name).kill(),
  heal: () => engine(name).start(),
});

const silent = (name: string, what: string, noticed: string): Fault => ({
  name: `${what} silent for ${silenceMs / 1_000} s`,
  noticed,
  lastsMs: silenceMs,
  strike: () => engine(name).pause(),
  heal: () => engine(name).resume(),
});

const masterOf = ({ redis }: Stage, runId: string): Promise<RedisPair> => pairOf(redis, redis.key(`holds:{${runId}}`));

/** The master that has a run of the probe; its replica takes over. */
function redisMaster(what: string, noticed: string, how: Pick<Fault, "prepare"> & Strike): Fault {
  let pair: RedisPair;
  let others: Others;
  return {
    name: `Redis master ${what}`,
    noticed,
    lastsMs: silenceMs,
    elsewhere: (stage, day, forMs) => othersBuy(stage, day, others, forMs),
    async prepare(stage, day) {
      pair = await masterOf(stage, `${day.probe.trains[0]}/${day.probe.date}`);
      others = await othersThan(stage, day, pair.master.port);
      await how.before?.(pair);
    },
    strike: () => how.begin(pair),
    heal: () => how.end(pair),
    async afterwards(stage, day) {
      await followsAgain(pair.master, followsWithinMs);
      await repairSeats(stage, day);
    },
  };
}
/** A failover may lose what was answered, also a seat that was given back: an operator's command puts that right. */
async function repairSeats({ platform: { settings } }: Stage, { whole: { trains, date } }: Day): Promise<void> {
  const runs = trains.flatMap((train) => ["--run", `${train}/${date}`]);
  const command = Bun.spawn([process.execPath, main, "repair", ...runs], {
    env: { ...process.env, ...settings },
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = await Promise.all([new Response(command.stdout).text(), new Response(command.stderr).text()]);
  if ((await command.exited) !== 0) throw new Error(`seats were not repaired:\n${said.join("\n")}`);
}

type Strike = {
  before?(pair: RedisPair): Promise<void>;
  begin(pair: RedisPair): Promise<void>;
  end(pair: RedisPair): Promise<void>;
};
const kill: Strike = { begin: ({ master }) => master.kill(), end: ({ master }) => master.start() };

/** The master that has a line; everybody who joined it last is lost. */
function lineLost(): Fault {
  let pair: RedisPair;
  return lineForgotten("Redis failover that forgets a line with its last writes", silenceMs, {
    async loseWrites(stage, { line: { date } }, train) {
      pair = await masterOf(stage, `${train}/${date}`);
      await stopReplication(pair.master);
    },
    strike: () => pair.master.kill(),
    heal: () => pair.master.start(),
    async repaired(stage, day) {
      await followsAgain(pair.master, followsWithinMs);
      await repairSeats(stage, day);
    },
  });
}

const engineFaults: readonly Fault[] = [
  redisMaster("killed, its replica takes over", "buying on its runs, and its share of accounts: 503", kill),
  redisMaster(
    "killed, its last 2 s of writes lost",
    "as above; orders that lost their seat, or whose passenger travels then, are rejected, unpaid",
    {
      ...kill,
      async before({ master }) {
        await stopReplication(master);
        await Bun.sleep(unreplicatedMs);
      },
    },
  ),
  redisMaster(`silent for ${silenceMs / 1_000} s`, "as above, and some answers take as long as the silence", {
    begin: ({ master }) => master.pause(),
    end: ({ master }) => master.resume(),
  }),
  lineLost(),
  restarted("kafka", "Kafka (one broker)", "buying: 503 after 5 s at most; looking and searching go on"),
  silent("kafka", "Kafka (one broker)", "as above"),
  {
    name: "RabbitMQ away for longer than the time to pay",
    noticed: "nothing; unpaid orders are found by the sweeper",
    lastsMs: paymentTimeoutMs + 4_000,
    strike: () => engine("rabbitmq").kill(),
    heal: () => engine("rabbitmq").start(),
  },
  restarted("mariadb-1", "MariaDB primary", "503 for those whose account or orders lie there; their rows come later"),
  silent("mariadb-1", "MariaDB primary", "as above, and answers take longer"),
  restarted("sharding-proxy", "ShardingSphere-Proxy (one)", "buying and looking at orders: 503; searching goes on"),
  restarted("search", "Elasticsearch", "operators' search"),
];

// The network -------------------------------------------------------------------------------------------------------------

const cut = (link: LinkName, noticed: string): Fault => ({
  name: `network ${link} cut for ${silenceMs / 1_000} s`,
  noticed,
  lastsMs: silenceMs,
  strike: async ({ links }) => links[link].cut(),
  heal: async ({ links }) => links[link].heal(),
});

const networkFaults: readonly Fault[] = [
  cut("order to MySQL", "looking at orders: slow or 503; buying goes on"),
  cut("writer to MySQL", "buying goes on; rows come later"),
  cut("writer to RabbitMQ", "nothing"),
  cut("order to inventory", "buying: 503, after some seconds at first"),
  cut("gateway to order", "buying and looking at orders take as long as the cut; beyond 9 s: 503"),
  {
    name: "every connection order to MySQL broken",
    noticed: "nothing",
    strike: async ({ links }) => links["order to MySQL"].reset(),
    heal: async () => {},
  },
];

// Delivery ----------------------------------------------------------------------------------------------------------------

/** Who reads the log as members of groups. */
const consuming = ["writer", "payment", "waitlist", "notification"] as const satisfies readonly RoleName[];

const deliveryFaults: readonly Fault[] = [
  withLine({
    name: "Kafka doubled: the whole log read again by every consumer",
    noticed: "payment begins once orders are rows",
    async strike(stage) {
      await Promise.all(consuming.map((role) => stage.stop(role)));
      await forgetOffsets(stage);
    },
    async heal(stage) {
      for (const role of consuming) stage.start(role);
    },
  }),
  withLine({
    name: "Kafka doubled: every message of the outbox delivered twice",
    noticed: "tickets given back are for sale later",
    lastsMs: 3_000,
    strike: (stage) => stage.stop("relay"),
    async heal(stage) {
      await doubleOutbox(stage);
      stage.start("relay");
    },
  }),
  withLine({
    name: "every notice of the bank delivered three times",
    noticed: "nothing",
    lastsMs: 5_000,
    strike: async ({ notices }) => void (notices.times = 3),
    heal: async ({ notices }) => void (notices.times = 1),
  }),
];

/** A group that is not known any more begins with the first record there is. */
async function forgetOffsets({ platform: { settings, namespace } }: Stage): Promise<void> {
  const admin = new Admin({ clientId: "test", ...kafkaConnection({ brokers: settings["KAFKA_BROKERS"]!.split(",") }) });
  try {
    const groups = [...(await admin.listGroups()).keys()].filter((group) => group.startsWith(`${namespace}.`));
    await admin.deleteGroups({ groups });
  } finally {
    await admin.close();
  }
}

const messageColumns = "slot, topic, message_key, content, status, retry_count, next_retry_time, create_time";

/** Each message that waits is there a second time, as after a relay that died between handing it over and saying so. */
async function doubleOutbox({ platform: { settings } }: Stage): Promise<void> {
  for (const uri of settings["MYSQL_BINLOGS"]!.split(",")) {
    const server = await createConnection(mysqlConnection(uri).options);
    try {
      await server.query(
        `insert into t_local_message (${messageColumns}) select ${messageColumns} from t_local_message`,
      );
    } finally {
      await server.end();
    }
  }
}

export const faults: readonly Fault[] = [...roleFaults, ...engineFaults, ...networkFaults, ...deliveryFaults];
