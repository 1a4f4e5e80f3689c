/** What a MariaDB server of ours is told, wherever it runs: options, accounts, databases, and which server holds which. */
import {
  account,
  database,
  idleTransactionSeconds,
  lockWaitSeconds,
  mariadbPairCount,
  semiSyncTimeoutMs,
  sharding,
} from "./settings.ts";

export type Pair = { readonly primary: string; readonly replica: string };
export type PlaceInPair = { readonly pairNumber: number; readonly isReplica: boolean };

export const pairs: readonly Pair[] = Array.from({ length: mariadbPairCount }, (_, index) => ({
  primary: `mariadb-${index + 1}`,
  replica: `mariadb-${index + 1}-replica`,
}));

export const shardIndexes: readonly number[] = Array.from({ length: sharding.databaseCount }, (_, index) => index);
export const shardDatabase = (index: number): string => `${database}_${index}`;
/** The databases are dealt out to the pairs in turn. */
export const pairOf = (index: number): Pair => pairs[index % pairs.length]!;

export const commonOptions = `[mariadbd]
skip-name-resolve
max-connections = 400
character-set-server = utf8mb4
collation-server = utf8mb4_bin
transaction-isolation = READ-COMMITTED
innodb-buffer-pool-size = 96M
innodb-log-file-size = 48M
innodb-flush-log-at-trx-commit = 1

# A program that dies leaves its transaction open, and behind a proxy nobody tells the server. What pauses for seconds is given
# up with its locks; what waits for them longer than a moment is tried again.
idle-transaction-timeout = ${idleTransactionSeconds}
innodb-lock-wait-timeout = ${lockWaitSeconds}

# Whole rows with the names of their columns, in an order that GTIDs name: what change capture and replicas read.
log-bin = binlog
log-slave-updates = ON
gtid-strict-mode = ON
binlog-format = ROW
binlog-row-image = FULL
binlog-row-metadata = FULL
sync-binlog = 1
expire-logs-days = 2

# The replica has the change before the primary shows it to anybody.
rpl-semi-sync-master-wait-point = AFTER_SYNC
rpl-semi-sync-master-timeout = ${semiSyncTimeoutMs}
`;

/** What differs from server to server. */
export const ownOptions = ({ pairNumber, isReplica }: PlaceInPair): Readonly<Record<string, string>> => ({
  "server-id": `${pairNumber * 10 + (isReplica ? 1 : 0)}`,
  "gtid-domain-id": `${pairNumber}`,
  "rpl-semi-sync-master-enabled": isReplica ? "OFF" : "ON",
  "rpl-semi-sync-slave-enabled": isReplica ? "ON" : "OFF",
  "read-only": isReplica ? "ON" : "OFF",
});

/**
 * Databases and account, kept out of the binlog: primary and replica each make their own. The account may do all in
 * databases that begin with the name of ours (tests make their own), start and stop replication, and read binlogs; it
 * may not write to a replica. Each statement is one line, as MariaDB wants it in a file that it reads at its start.
 */
export const accountsSql = (from: string): string =>
  [
    "SET sql_log_bin = 0;",
    ...[database, ...shardIndexes.map(shardDatabase)].map((name) => `CREATE DATABASE IF NOT EXISTS ${name};`),
    `CREATE USER IF NOT EXISTS '${account.user}'@'${from}' IDENTIFIED BY '${account.password}';`,
    `GRANT ALL ON \`${database}%\`.* TO '${account.user}'@'${from}';`,
    `GRANT ${serverPrivileges} ON *.* TO '${account.user}'@'${from}';`,
    "",
  ].join("\n");

const serverPrivileges = [
  "RELOAD, PROCESS, CONNECTION ADMIN, BINLOG MONITOR, SLAVE MONITOR",
  "REPLICATION SLAVE, REPLICATION SLAVE ADMIN, REPLICATION MASTER ADMIN",
].join(", ");

/** Makes a server follow the primary at this address, from where it is. */
export const followSql = (primaryHost: string, primaryPort: number): string =>
  `CHANGE MASTER TO master_host = '${primaryHost}', master_port = ${primaryPort},
  master_user = '${account.user}', master_password = '${account.password}',
  master_use_gtid = slave_pos, master_connect_retry = 1, master_heartbeat_period = 1`;
