/** ShardingSphere-Proxy: the MariaDB pairs as one logical MySQL, rows spread by slot, reads on replicas. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { folderOf } from "./daemon.ts";
import { askLimitMs, type Engine, type Server } from "./engine.ts";
import { mariadbUrl } from "./mariadb.ts";
import { pairOf, shardDatabase, shardIndexes } from "./mariadbFiles.ts";
import { jars, jarsOf, jarsVersion, java } from "./provision.ts";
import { databaseYaml51, serverYaml51 } from "./proxyFiles.ts";
import { account, database, heapMb, host, sharding } from "./settings.ts";

const name = "sharding-proxy";
const scripts = join(import.meta.dir, "java");

const server: Server = {
  name,
  role: `shards ${sharding.databaseCount} × ${sharding.tableCount}`,
  listens: { [name]: 23_310 },
  files: (ports) => ({
    "conf/server.yaml": serverYaml51(join(folderOf(name), "store")),
    "conf/config-sharding.yaml": databaseYaml51((member) => `${host}:${ports[member]}`),
    "conf/logback.xml": readFileSync(join(scripts, "logback.xml"), "utf8"),
    version: jarsVersion(name),
  }),
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
    // On this machine alone: before it this version speaks no TLS.
    MYSQL_URL: `mysql://${account.user}:${account.password}@${host}:${ports[name]}/${database}`,
    // The proxy has no binlog: change capture reads each database where its primary writes it.
    MYSQL_BINLOGS: shardIndexes
      .map((index) => mariadbUrl(ports[pairOf(index).primary]!, shardDatabase(index)))
      .join(","),
  }),
};
