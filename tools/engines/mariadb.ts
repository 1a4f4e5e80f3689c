/**
 * MariaDB: primaries, each with a replica that acknowledges before the primary answers (semi-synchronous, after the
 * binlog is on disk), GTIDs, and a binlog of whole rows that change capture can read.
 */
import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { createConnection, type Connection, type RowDataPacket } from "mysql2/promise";
import { folderOf } from "./daemon.ts";
import { askLimitMs, type Engine, type Server } from "./engine.ts";
import { until } from "./waiting.ts";
import {
  accountsSql,
  commonOptions,
  followSql,
  ownOptions,
  pairs,
  type Pair,
  type PlaceInPair,
} from "./mariadbFiles.ts";
import type { Ports } from "./ports.ts";
import { jdbcOptions } from "./proxyFiles.ts";
import { debian, programPath } from "./provision.ts";
import { account, database, folder, host } from "./settings.ts";
import { addressFiles, clientTls, speaksTls, tlsFiles } from "./tls.ts";

export const mariadb: Engine = {
  name: "mariadb",
  needs: [],
  provision: (say) => debian(["mariadb-server"], ["mariadbd", "mariadb-install-db"], say),
  servers: pairs.flatMap(({ primary, replica }, index) => [
    server(primary, index + 1, "primary"),
    server(replica, index + 1, `replica of ${primary}`),
  ]),
  unite: async (ports) => void (await Promise.all(pairs.map((pair) => replicate(pair, ports)))),
  environment: (ports) => ({
    // What a proxy before them says in its addresses.
    ...(speaksTls() ? { MYSQL_JDBC_OPTIONS: jdbcOptions() } : {}),
    MYSQL_PRIMARIES: pairs.map(({ primary }) => url(primary, ports)).join(","),
    MYSQL_REPLICAS: pairs.map(({ replica }) => url(replica, ports)).join(","),
  }),
};

const url = (name: string, ports: Ports) => mariadbUrl(ports[name]!, database);

export function mariadbUrl(port: number, path: string): string {
  const rest = `://${account.user}:${account.password}@${host}:${port}/${path}`;
  return speaksTls() ? `mysqls${rest}?${addressFiles()}` : `mysql${rest}`;
}

function server(name: string, pairNumber: number, role: string): Server {
  const isReplica = role !== "primary";
  const port = 23_306 + (pairNumber - 1) * 10 + (isReplica ? 1 : 0);
  return {
    name,
    role,
    listens: { [name]: port },
    files: (ports) => ({
      "my.cnf": configuration(name, ports[name]!, { pairNumber, isReplica }),
      "init.sql": accountsSql(host),
    }),
    async prepare() {
      if (!existsSync(join(folderOf(name), "data"))) await layData(name);
    },
    command: () => ({
      argv: [
        programPath("mariadbd")!,
        "--defaults-file=my.cnf",
        `--datadir=${join(folderOf(name), "data")}`,
        ...asRoot(),
      ],
    }),
    ask: (ports) => withServer(ports[name]!, isReplica ? replicaSays : primarySays),
  };
}

const configuration = (name: string, port: number, place: PlaceInPair) => `${commonOptions}
bind-address = ${host}
port = ${port}
# Relative to the data folder, because the path of a socket may have no more than 107 bytes.
socket = mariadbd.sock
pid-file = mariadbd.pid
init-file = ${join(folderOf(name), "init.sql")}
performance-schema = OFF
${speaksTls() ? encryption : ""}
${Object.entries(ownOptions(place))
  .map(([option, value]) => `${option} = ${value}`)
  .join("\n")}
`;

const encryption = `ssl-ca = ${tlsFiles.ca}
ssl-cert = ${tlsFiles.serverCert}
ssl-key = ${tlsFiles.serverKey}
require-secure-transport = ON`;

/** How a replica speaks to its primary. */
const replication = () =>
  speaksTls()
    ? `master_ssl = 1, master_ssl_ca = '${tlsFiles.ca}', master_ssl_verify_server_cert = 1`
    : "master_ssl = 0";

/** It refuses to run as root unless told that this is meant. */
const asRoot = () => (process.getuid?.() === 0 ? ["--user=root"] : []);

/** A new data folder takes seconds to make and is the same for all: made once, then copied. */
let template: Promise<string> | null = null;

async function layData(name: string): Promise<void> {
  const source = await (template ??= makeTemplate());
  const unfinished = join(folderOf(name), "data.unfinished");
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(source, unfinished, { recursive: true });
  renameSync(unfinished, join(folderOf(name), "data"));
}

async function makeTemplate(): Promise<string> {
  const place = join(folder, "mariadb-template");
  if (existsSync(place)) return place;
  const unfinished = `${place}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const options = [
    "--no-defaults",
    `--datadir=${unfinished}`,
    "--skip-test-db",
    "--innodb-log-file-size=48M",
    ...asRoot(),
  ];
  const made = await $`${programPath("mariadb-install-db")} ${options}`.quiet().nothrow();
  if (made.exitCode !== 0) throw new Error(`mariadb-install-db failed:\n${made.stderr.toString().slice(-2_000)}`);
  renameSync(unfinished, place);
  return place;
}

async function primarySays(connection: Connection): Promise<string> {
  return `${await semiSyncReplicas(connection)} semi-synchronous replica`;
}

async function replicaSays(connection: Connection): Promise<string> {
  const status = await replicaStatus(connection);
  if (!status) return "follows nobody yet";
  const { Slave_IO_Running: reads, Slave_SQL_Running: applies, Seconds_Behind_Master: behind } = status;
  return reads === "Yes" && applies === "Yes" ? `follows, ${behind} s behind` : `reads ${reads}, applies ${applies}`;
}

/** Points the replica at its primary, where it does not already follow it, and waits until both say they work together. */
async function replicate({ primary, replica }: Pair, ports: Ports): Promise<void> {
  await withServer(ports[replica]!, async (connection) => {
    const status = await replicaStatus(connection);
    const works = status?.["Slave_IO_Running"] === "Yes" && status["Slave_SQL_Running"] === "Yes";
    if (works && Number(status["Master_Port"]) === ports[primary]) return;
    await connection.query("STOP SLAVE");
    await connection.query(`${followSql(host, ports[primary]!)}, ${replication()}`);
    await connection.query("START SLAVE");
  });
  await until(() => assertReplicates(primary, replica, ports));
}

async function assertReplicates(primary: string, replica: string, ports: Ports): Promise<void> {
  await withServer(ports[replica]!, async (connection) => {
    const status = await replicaStatus(connection);
    if (status?.["Slave_IO_Running"] !== "Yes" || status["Slave_SQL_Running"] !== "Yes") {
      throw new Error(`${replica} does not replicate: ${status?.["Last_IO_Error"]} ${status?.["Last_SQL_Error"]}`);
    }
  });
  const count = await withServer(ports[primary]!, semiSyncReplicas);
  if (count !== 1) throw new Error(`${primary} has ${count} semi-synchronous replicas`);
}

async function semiSyncReplicas(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>("SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'");
  return Number(rows[0]?.["Value"]);
}

async function replicaStatus(connection: Connection): Promise<RowDataPacket | undefined> {
  const [rows] = await connection.query<RowDataPacket[]>("SHOW SLAVE STATUS");
  return rows[0];
}

async function withServer<T>(port: number, ask: (connection: Connection) => Promise<T>): Promise<T> {
  const tls = clientTls();
  const ssl = tls ? { ssl: { ...tls, verifyIdentity: true } } : {};
  const connection = await createConnection({ host, port, ...account, database, ...ssl, connectTimeout: askLimitMs });
  try {
    return await ask(connection);
  } finally {
    connection.destroy();
  }
}
