/**
 * What ShardingSphere-Proxy is told. The rules are the same for every version; how they are written is not: 5.1 is what
 * Maven Central has and what runs here, 5.5 is what its makers publish as an image.
 */
import { YAML } from "bun";
import { pairOf, shardDatabase, shardIndexes } from "./mariadbFiles.ts";
import { account, database, proxyStatementsMax, sharding } from "./settings.ts";
import { shardingRule, sourceOf } from "./sharding.ts";
import { speaksTls, tlsFiles, trustStorePassword } from "./tls.ts";

/** host:port of a MariaDB server by its name. */
export type AddressOf = (server: string) => string;

/** Connections that the proxy keeps to each database of each server: with 32 databases, 32 times as many. */
const poolSize = Math.max(4, Math.floor(64 / sharding.databaseCount));

const writer = (index: number) => `${sourceOf(index)}_primary`;
const reader = (index: number) => `${sourceOf(index)}_replica`;

export const serverYaml51 = (storeFolder: string): string => `mode:
  type: Standalone
  repository: { type: File, props: { path: "${storeFolder}" } }
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
  sqlStatementCache: { initialCapacity: 128, maximumSize: ${proxyStatementsMax}, concurrencyLevel: 4 }
  parseTreeCache: { initialCapacity: 128, maximumSize: ${proxyStatementsMax}, concurrencyLevel: 4 }
`;

export const databaseYaml51 = (addressOf: AddressOf): string =>
  [
    yaml({ schemaName: database, dataSources: dataSources(addressOf) }),
    "rules:",
    rule("READWRITE_SPLITTING", {
      dataSources: eachShard((index) => ({
        type: "Static",
        props: { "write-data-source-name": writer(index), "read-data-source-names": reader(index) },
      })),
    }),
    rule("SHARDING", shardingRule(sharding)),
    rule("SINGLE", { defaultDataSource: sourceOf(0) }),
    "",
  ].join("\n");

export const globalYaml55 = (): string => `mode:
  type: Standalone
  repository: { type: JDBC }
authority:
  users: [{ user: ${account.user}@%, password: ${account.password} }]
  privilege: { type: ALL_PERMITTED }
transaction:
  defaultType: LOCAL
sqlParser:
  sqlStatementCache: { initialCapacity: 128, maximumSize: ${proxyStatementsMax} }
  parseTreeCache: { initialCapacity: 128, maximumSize: ${proxyStatementsMax} }
props:
  proxy-frontend-database-protocol-type: MySQL
`;

export const databaseYaml55 = (addressOf: AddressOf): string =>
  [
    yaml({ databaseName: database, dataSources: dataSources(addressOf) }),
    "rules:",
    rule("READWRITE_SPLITTING", {
      dataSourceGroups: eachShard((index) => ({
        writeDataSourceName: writer(index),
        readDataSourceNames: [reader(index)],
        transactionalReadQueryStrategy: "PRIMARY",
      })),
    }),
    rule("SHARDING", shardingRule(sharding)),
    rule("SINGLE", { tables: ["*.*"], defaultDataSource: sourceOf(0) }),
    "",
  ].join("\n");

function dataSources(addressOf: AddressOf) {
  const pool = (server: string, index: number) => ({
    url: `jdbc:mysql://${addressOf(server)}/${shardDatabase(index)}?${jdbcOptions()}`,
    username: account.user,
    password: account.password,
    // For a server that is away; and as seldom as that the pool looks whether it is back.
    connectionTimeoutMilliseconds: 2_000,
    maxPoolSize: poolSize,
    minPoolSize: 1,
  });
  return Object.fromEntries(
    shardIndexes.flatMap((index) => [
      [writer(index), pool(pairOf(index).primary, index)] as const,
      [reader(index), pool(pairOf(index).replica, index)] as const,
    ]),
  );
}

/** How the proxy speaks to the servers behind it. */
export function jdbcOptions(): string {
  const always = "serverTimezone=UTC&characterEncoding=UTF-8";
  if (!speaksTls()) return `useSSL=false&allowPublicKeyRetrieval=true&${always}`;
  const store = `trustCertificateKeyStoreUrl=file:${tlsFiles.trustStore}&trustCertificateKeyStoreType=PKCS12`;
  return `sslMode=VERIFY_IDENTITY&${store}&trustCertificateKeyStorePassword=${trustStorePassword}&${always}`;
}

const eachShard = <T>(make: (index: number) => T) =>
  Object.fromEntries(shardIndexes.map((index) => [sourceOf(index), make(index)]));

const yaml = (value: object): string => YAML.stringify(value, null, 2);

/** A rule's kind is a tag, which no writer of YAML knows how to put there. */
const rule = (kind: string, body: object): string => `- !${kind}\n${yaml(body).replaceAll(/^/gm, "  ")}`;
