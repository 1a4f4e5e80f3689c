/** What is looked at in a data folder beside the platform that runs on it. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Config } from "../config.ts";
import { filesIn, refuseUnfinished } from "../dataFolder.ts";
import { CommandFailed } from "./command.ts";

/** @throws CommandFailed where no platform was ever started in it, DataFolderRefused where not all of one was restored into it */
export function readFolder({ dataDir, keysFile }: Config): ReturnType<typeof filesIn> {
  const path = resolve(dataDir);
  const files = filesIn(path, keysFile);
  refuseUnfinished(path);
  if (!existsSync(files.database))
    throw new CommandFailed(`There is no platform's data in ${path}. DATA_DIR=… names another folder.`);
  return files;
}
