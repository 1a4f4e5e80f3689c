/** ShardingSphere-Proxy: the MariaDB pairs as one logical MySQL, rows spread by slot, reads on replicas. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { YAML } from "bun";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { folderOf } from "./daemon.ts";
import { askLimitMs, type Engine, type Server } from "./engine.ts";
import { pairOf, shardDatabase } from "./mariadb.ts";
import type { Ports } from "./ports.ts";
import { jars, jarsOf, java } from "./provision.ts";
import { account, database, heapMb, host, sharding } from "./settings.ts";
import { shardingRule, sourceOf } from "./sharding.ts";

const name = "sharding-proxy";
const scripts = join(import.meta.dir, "java");
const databases = Array.from({ length: sharding.databaseCount }, (_, index) => index);
/** Connections that the proxy keeps to each database of each server: with 32 databases, 32 times as many. */
const poolSize = Math.max(4, Math.floor(64 / sharding.databaseCount));

const server: Server = {
  name,
  role: `shards ${sharding.databaseCount} × ${sharding.tableCount}`,
  listens: { [name]: 23_310 },
  async prepare(ports) {
    const conf = join(folderOf(name), "conf");
    mkdirSync(conf, { recursive: true });
    writeFileSync(join(conf, "server.yaml"), serverYaml());
    writeFileSync(join(conf, "config-sharding.yaml"), databaseYaml(ports));
    copyFileSync(join(scripts, "logback.xml"), join(conf, "logback.xml"));
  },
  command: (ports) => ({
    argv: java({
      heapMb: heapMb[name],
      // The proxy looks for its configuration on the class path.
      classPath: [folderOf(name), join(folderOf(name), "conf"), join(jarsOf(name), "*")],
      run: ["groovy.ui.GroovyMain", join(scripts, "sharding-proxy.groovy"), host, `${ports[name]}`, "/conf"],
    }),
  }),
  async ask(ports) {
    const connection = await createConnection({
      host,
      port: ports[name]!,
      ...account,
      database,
      connectTimeout: askLimitMs,
    });
    try {
      const [tables] = await connection.query<RowDataPacket[]>("SHOW TABLES");
      return `knows ${tables.length} tables`;
    } finally {
      connection.destroy();
    }
  },
};

export const shardingProxy: Engine = {
  name,
  needs: ["mariadb"],
  provision: (say) => jars(name, say),
  servers: [server],
  environment: (ports) => ({
    MYSQL_URL: `mysql://${account.user}:${account.password}@${host}:${ports[name]}/${database}`,
  }),
};

const serverYaml = () => `mode:
  type: Standalone
  repository: { type: File, props: { path: ${join(folderOf(name), "store")} } }
  overwrite: true
props:
  # One thread a connection: with shared threads this version forgets that a connection is in a transaction, and sends its
  # reads to a replica.
  proxy-hint-enabled: true
rules:
- !AUTHORITY
  users: ["${account.user}@%:${account.password}"]
  provider: { type: ALL_PRIVILEGES_PERMITTED }
- !TRANSACTION
  defaultType: LOCAL
# Hints in comments, which send a read to the primary, are seen only with this.
- !SQL_PARSER
  sqlCommentParseEnabled: true
  sqlStatementCache: { initialCapacity: 2000, maximumSize: 65535, concurrencyLevel: 4 }
  parseTreeCache: { initialCapacity: 128, maximumSize: 1024, concurrencyLevel: 4 }
`;

function databaseYaml(ports: Ports): string {
  const pools = databases.flatMap((index) => {
    const { primary, replica } = pairOf(index);
    const pool = (member: string) => ({
      url: `jdbc:mysql://${host}:${ports[member]}/${shardDatabase(index)}?${jdbcOptions}`,
      username: account.user,
      password: account.password,
      maxPoolSize: poolSize,
      minPoolSize: 1,
      connectionTimeoutMilliseconds: 5_000,
    });
    return [
      [`${sourceOf(index)}_primary`, pool(primary)],
      [`${sourceOf(index)}_replica`, pool(replica)],
    ] as const;
  });
  const splitting = databases.map((index) => [
    sourceOf(index),
    {
      type: "Static",
      props: {
        "write-data-source-name": `${sourceOf(index)}_primary`,
        "read-data-source-names": `${sourceOf(index)}_replica`,
      },
    },
  ]);
  return `${YAML.stringify({ schemaName: database, dataSources: Object.fromEntries(pools) }, null, 2)}
rules:
${tagged("READWRITE_SPLITTING", { dataSources: Object.fromEntries(splitting) })}
${tagged("SHARDING", shardingRule(sharding))}
${tagged("SINGLE", { defaultDataSource: sourceOf(0) })}
`;
}

const jdbcOptions = "useSSL=false&allowPublicKeyRetrieval=true&serverTimezone=UTC&characterEncoding=UTF-8";

const tagged = (tag: string, body: object) => `- !${tag}\n${YAML.stringify(body, null, 2).replaceAll(/^/gm, "  ")}`;
