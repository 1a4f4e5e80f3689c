/**
 * Where orders are looked for: Elasticsearch on a cluster; on a data folder an index of its own, which takes in first what has changed
 * since it was last asked. Documents and accounts are known by keyed hashes, which the platform's keys make.
 */
import { existsSync } from "node:fs";
import { createSqlAuditTrail, createSqlUserStore } from "@chepiao/adapters/sql";
import { openSqlite, openSqliteOrderSearch, openSqliteToRead } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import type { Policy } from "@chepiao/contracts";
import type { ServiceDate } from "@chepiao/kernel";
import type { OrderSearch } from "@chepiao/ports/order-search";
import type { UserStore } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import { createLogger } from "@chepiao/runtime";
import { filterOf, type OrdersAsked } from "@chepiao/services/operations";
import { findAccount, parseDocument } from "@chepiao/services/user";
import { firstPolicy } from "@chepiao/services/policy";
import { type Config, engineIdentity, settingIn } from "../../config.ts";
import { takeInChanges } from "../../wiring/orderSearchFile.ts";
import { BadSetting } from "@chepiao/room";
import { CommandFailed } from "../command.ts";
import { readFolder } from "../folder.ts";
import type { OperatorTrail } from "../operator.ts";
import { loadCommandVault } from "../vault.ts";

export type Searched = AsyncDisposable & {
  readonly search: OrderSearch;
  /** Where it is noted who looked. */
  auditTrail(): Promise<OperatorTrail>;
  /** All that was asked for as the search takes it, or what cannot be looked for. */
  filterOf(asked: OrdersAsked): ReturnType<typeof filterOf>;
};

type Opened = {
  readonly search: OrderSearch;
  readonly keysFile: string | null;
  /** Opened only where accounts are asked for. */
  readonly users: (cleanUp: AsyncDisposableStack) => UserStore | Promise<UserStore>;
  readonly auditTrail: (cleanUp: AsyncDisposableStack) => Promise<OperatorTrail>;
};

export async function openSearched(config: Config): Promise<Searched> {
  await using cleanUp = new AsyncDisposableStack();
  const open = config.engines === "embedded" ? openFolder : openCluster;
  const { search, keysFile, users, auditTrail } = await open(config, cleanUp);
  const policy = settingIn(config)(firstPolicy);
  const kept = cleanUp.move();
  return {
    search,
    auditTrail: () => auditTrail(kept),
    filterOf: (asked) =>
      filterOf(asked, {
        async accountOf(name) {
          const [vault, accounts] = [await vaultOf(keysFile), await users(kept)];
          return (await findAccount({ users: accounts, vault, policy: () => policy }, name))?.userId ?? null;
        },
        documentHash: async (document) => hashOf(await vaultOf(keysFile), document, policy),
      }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The first time takes a while where there are many. */
const toldEvery = 50_000;

async function openFolder(config: Config, cleanUp: AsyncDisposableStack): Promise<Opened> {
  const folder = readFolder(config);
  const database = cleanUp.use(openSqliteToRead(folder.database));
  const search = cleanUp.use(openSqliteOrderSearch(folder.orderSearch));
  let told = 0;
  await takeInChanges(database, search, (count) => {
    if (count - told < toldEvery) return;
    told = count;
    console.error(`${count} orders taken into the index …`);
  });
  return {
    search,
    keysFile: folder.keys,
    users: () => createSqlUserStore(database.sql),
    auditTrail: async (kept) => createSqlAuditTrail(kept.use(await openSqlite(folder.database)).sql),
  };
}

async function openCluster(config: Config, cleanUp: AsyncDisposableStack): Promise<Opened> {
  if (config.elasticsearchUrl === null)
    throw new BadSetting(
      "ELASTICSEARCH_URL is not set: it says where orders are looked for.\n" +
        "The role cdc fills it; `npm run chepiao -- projections rebuild order-search` does so at once.",
    );
  // Loaded only where they are used: a command on a folder should be quick.
  const { openElasticSearch } = await import("../../wiring/cluster.ts");
  const clock = createSystemClock();
  const logger = createLogger({ level: "silent", write: () => {} });
  const search = (await openElasticSearch({ config, clock, logger, cleanUp }))!;
  await search.ready().catch((error: unknown) => {
    throw new CommandFailed(`Elasticsearch cannot be asked: ${String(error)}`);
  });
  return {
    search,
    keysFile: config.keysFile,
    users: async (kept) => createSqlUserStore(await sqlOnMysql(config, "where accounts are", kept)),
    auditTrail: async (kept) =>
      createSqlAuditTrail(await sqlOnMysql(config, "where it is noted who looks at travellers", kept)),
  };
}

async function sqlOnMysql(config: Config, saying: string, cleanUp: AsyncDisposableStack) {
  const { mysqlUrl } = config;
  if (mysqlUrl === null) throw new BadSetting(`MYSQL_URL is not set: it says ${saying}.`);
  const { openMysql } = await import("@chepiao/adapters/mysql");
  return cleanUp.use(openMysql(mysqlUrl, { identity: engineIdentity(config) })).sql;
}

async function vaultOf(keysFile: string | null): Promise<Vault> {
  if (keysFile === null) throw new BadSetting("KEYS_FILE is not set: documents and accounts are found by its keys.");
  if (!existsSync(keysFile)) throw new BadSetting(`The key file ${keysFile} is not there.`);
  return loadCommandVault(keysFile);
}

async function hashOf(
  vault: Vault,
  { type, number }: NonNullable<OrdersAsked["document"]>,
  { documents }: Policy,
): Promise<string | null> {
  const given = number === "-" ? await Bun.stdin.text() : number;
  const today = new Date().toISOString().slice(0, 10) as ServiceDate;
  const document = parseDocument(type, given.trim(), today, documents);
  return document && vault.fingerprint(document.identity);
}
