/**
 * Where orders are looked for: Elasticsearch on a cluster; on a data folder an index of its own, which takes in first what has changed
 * since it was last asked. Documents and accounts are known by keyed hashes, which the platform's keys make.
 */
import { existsSync } from "node:fs";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createSqlUserStore } from "@chepiao/adapters/sql";
import { createSqliteOrderReader, openSqliteOrderSearch, openSqliteToRead } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import type { ServiceDate } from "@chepiao/kernel";
import { documentOf, type OrderFilter, type OrderSearch } from "@chepiao/ports/order-search";
import type { UserStore } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import { createLogger } from "@chepiao/runtime";
import { findAccount, parseDocument } from "@chepiao/services/user";
import type { Config } from "../../config.ts";
import { BadSetting } from "../../readers.ts";
import { CommandFailed, UsageError } from "../command.ts";
import { lookIntoFolder } from "../folder.ts";
import type { Asked } from "./asked.ts";

export type Searched = AsyncDisposable & {
  readonly search: OrderSearch;
  /** What is asked of people, as a filter has it; null where there is no such account. */
  peopleOf(asked: Pick<Asked, "filter" | "document" | "account">): Promise<OrderFilter | null>;
};

type Opened = {
  readonly search: OrderSearch;
  readonly keysFile: string | null;
  /** Opened only where accounts are asked for. */
  readonly users: (cleanUp: AsyncDisposableStack) => UserStore | Promise<UserStore>;
};

export async function openSearched(config: Config): Promise<Searched> {
  await using cleanUp = new AsyncDisposableStack();
  const open = config.engines === "embedded" ? openFolder : openCluster;
  const { search, keysFile, users } = await open(config, cleanUp);
  const kept = cleanUp.move();
  return {
    search,
    async peopleOf({ filter, document, account }) {
      if (document === null && account === null) return {};
      const vault = await vaultOf(keysFile);
      const found = account === null ? null : await findAccount({ users: await users(kept), vault }, account);
      if (account !== null && found === null) return null;
      return {
        ...(found === null ? {} : { userId: found.userId }),
        ...(document === null
          ? {}
          : { passenger: { ...filter.passenger, documentHash: await hashOf(vault, document) } }),
      };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The first time takes a while where there are many. */
const toldEvery = 50_000;

async function openFolder(config: Config, cleanUp: AsyncDisposableStack): Promise<Opened> {
  const folder = lookIntoFolder(config);
  const database = cleanUp.use(openSqliteToRead(folder.database));
  const search = cleanUp.use(openSqliteOrderSearch(folder.orderSearch));
  let count = 0;
  for await (const orders of createSqliteOrderReader(database).unlike(search.versions)) {
    await search.index(orders.map(documentOf));
    count += orders.length;
    if (count % toldEvery < orders.length) console.error(`${count} orders taken into the index …`);
  }
  return { search, keysFile: folder.keys, users: () => createSqlUserStore(database.sql) };
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
  return { search, keysFile: config.keysFile, users: (kept) => usersOnMysql(config, kept) };
}

async function usersOnMysql({ mysqlUrl }: Config, cleanUp: AsyncDisposableStack): Promise<UserStore> {
  if (mysqlUrl === null) throw new BadSetting("MYSQL_URL is not set: it says where accounts are.");
  const { openMysql } = await import("@chepiao/adapters/mysql");
  return createSqlUserStore(cleanUp.use(openMysql(mysqlUrl)).sql);
}

async function vaultOf(keysFile: string | null): Promise<Vault> {
  if (keysFile === null) throw new BadSetting("KEYS_FILE is not set: documents and accounts are found by its keys.");
  if (!existsSync(keysFile)) throw new BadSetting(`The key file ${keysFile} is not there.`);
  return createVault(await loadOrCreateKeys(keysFile));
}

async function hashOf(vault: Vault, { type, number }: NonNullable<Asked["document"]>): Promise<string> {
  const given = number === "-" ? await Bun.stdin.text() : number;
  const today = new Date().toISOString().slice(0, 10) as ServiceDate;
  const document = parseDocument(type, given.trim(), today);
  // Not repeated: it may be somebody's, and only its kind be wrong.
  if (document === null) throw new UsageError(`That is no number of a ${type}: see --document-type.`);
  return vault.fingerprint(document.identity);
}
