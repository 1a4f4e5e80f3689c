/** What is looked at in a data folder beside the platform that runs on it. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Config } from "../config.ts";
import { CommandFailed } from "./command.ts";

export type FolderSeen = {
  readonly database: string;
  readonly log: string;
  readonly keys: string;
  /** Where orders are looked for; made when it is first asked. */
  readonly orderSearch: string;
};

/** @throws CommandFailed where no platform was ever started in it */
export function lookIntoFolder({ dataDir, keysFile }: Config): FolderSeen {
  const path = resolve(dataDir);
  const database = join(path, "chepiao.db");
  if (!existsSync(database))
    throw new CommandFailed(`There is no platform's data in ${path}. DATA_DIR=… names another folder.`);
  return {
    database,
    log: join(path, "log"),
    keys: keysFile === null ? join(path, "keys.json") : resolve(keysFile),
    orderSearch: join(path, "order-search.db"),
  };
}
