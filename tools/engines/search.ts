/**
 * Elasticsearch: one node with what the server itself can do. Of its modules Maven Central has only the HTTP transport,
 * so there are no scripts, no `_reindex`, no `GET /`, and of the analyzers only those of the server: the standard
 * tokenizer takes Chinese apart into characters, and the shingle filter makes pairs of them.
 */
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, HttpConnection } from "@elastic/elasticsearch";
import { folderOf } from "./daemon.ts";
import { askLimitMs, type Engine, type Server } from "./engine.ts";
import type { Ports } from "./ports.ts";
import { jars, jarsOf, jarsVersion, java } from "./provision.ts";
import { account, heapMb, host } from "./settings.ts";
import { addressFiles, clientTls, speaksTls, tlsFiles } from "./tls.ts";

const name = "search";
const home = folderOf(name);
/** Jars of the transport. The server loads a module with a class loader of its own, and refuses to see a class twice. */
const isTransport = (jar: string) => /^(netty|transport-netty4)-/.test(jar);

const url = (ports: Ports) => `http://${host}:${ports[name]}`;
const door = "search-tls";

const node: Server = {
  name,
  role: "node",
  listens: { [name]: 23_200, "search-transport": 23_300 },
  files: (ports) => ({
    "config/elasticsearch.yml": configuration(ports),
    "config/log4j2.properties": logging,
    version: jarsVersion(name),
  }),
  prepare: async () => layModule(join(home, "modules", "transport-netty4")),
  command: () => ({
    argv: java({
      heapMb: heapMb.search,
      classPath: readdirSync(jarsOf(name))
        .filter((jar) => jar.endsWith(".jar") && !isTransport(jar))
        .map((jar) => join(jarsOf(name), jar)),
      run: ["groovy.ui.GroovyMain", join(import.meta.dir, "java", "search.groovy"), home],
    }),
  }),
  async ask(ports) {
    const client = new Client({
      node: url(ports),
      Connection: HttpConnection,
      maxRetries: 0,
      requestTimeout: askLimitMs,
    });
    try {
      const health = await client.cluster.health();
      if (health.status === "red") throw new Error("its indices are not all there yet");
      return `is ${health.status}, ${health.active_primary_shards} shards`;
    } finally {
      await client.close();
    }
  },
};

/** This build of the server has no TLS of its own and asks for no password: what stands before it does, as in many networks. */
const tlsDoor: Server = {
  name: door,
  role: "TLS before search",
  isWanted: speaksTls,
  listens: { [door]: 23_201 },
  files: () => ({}),
  command: (ports) => ({
    argv: [process.execPath, join(import.meta.dir, "searchDoor.ts"), url(ports), `${ports[door]}`],
    env: {
      DOOR_CERT: tlsFiles.serverCert,
      DOOR_KEY: tlsFiles.serverKey,
      DOOR_ACCOUNT: `${account.user}:${account.password}`,
    },
  }),
  async ask(ports) {
    const tls = clientTls();
    const headers = { authorization: `Basic ${btoa(`${account.user}:${account.password}`)}` };
    const answer = await fetch(`https://${host}:${ports[door]}/_cluster/health`, { headers, tls: { ca: tls!.ca } });
    return `passes on, ${answer.status}`;
  },
};

export const search: Engine = {
  name,
  needs: [],
  provision: (say) => jars(name, say),
  servers: [node, tlsDoor],
  environment: (ports) => ({
    ELASTICSEARCH_URL: speaksTls()
      ? `https://${account.user}:${account.password}@${host}:${ports[door]}?${addressFiles()}`
      : url(ports),
  }),
};

function layModule(place: string): void {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  for (const jar of readdirSync(jarsOf(name)).filter(isTransport))
    symlinkSync(join(jarsOf(name), jar), join(place, jar));
  writeFileSync(join(place, "plugin-descriptor.properties"), descriptor());
}

/** As in the transport's jar, without its Java module name: the server, too, runs from a class path. */
function descriptor(): string {
  const version = readdirSync(jarsOf(name))
    .map((jar) => /^elasticsearch-(\d.*)\.jar$/.exec(jar)?.[1])
    .find(Boolean);
  return `name=transport-netty4
description=HTTP and transport
classname=org.elasticsearch.transport.netty4.Netty4Plugin
version=${version}
elasticsearch.version=${version}
java.version=17
`;
}

const configuration = (ports: Ports) => `
cluster.name: chepiao
node.name: search
discovery.type: single-node
network.host: ${host}
http.port: ${ports[name]}
transport.port: ${ports["search-transport"]}
path.data: ${join(home, "data")}
path.logs: ${join(home, "logs")}
# A full disk is the machine's affair; a test must not find its index made read-only.
cluster.routing.allocation.disk.threshold_enabled: false
`;

const logging = `
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss.SSS} %-5p %c{1.} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.node.name = org.elasticsearch.node
logger.node.level = info
`;
