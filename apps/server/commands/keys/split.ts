/** Shares the keys out: a file for each role with what it needs, and nothing from which the rest would follow. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  isWhole,
  type Keys,
  loadKeys,
  loadOrCreateKeys,
  partOf,
  platformOf,
  replaceKeys,
} from "@chepiao/adapters/crypto";
import { keyHolders, keyNeeds } from "../../roleKeys.ts";
import { CommandFailed, UsageError } from "../command.ts";

export async function split(file: string, folder = dirname(file), roles?: string): Promise<number> {
  if (!existsSync(file))
    throw new CommandFailed(`There is no key file ${file}. Make one: npm run chepiao -- keys ${file}`);
  const keys = await loadOrCreateKeys(file);
  const groups = roles === undefined ? keyHolders.map((holder) => [holder]) : [holdersIn(roles)];
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const holders of groups) {
    const path = join(folder, `keys.${holders.join("+")}.json`);
    const part = partOf(keys, holders, keyNeeds(holders));
    if (existsSync(path)) await refuseStrange(path, part);
    await replaceKeys(path, part);
    console.log(path);
  }
  return 0;
}

function holdersIn(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !keyHolders.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--roles takes some of ${keyHolders.join(", ")}, separated by commas.`);
  return keyHolders.filter((holder) => names.includes(holder));
}

/** What is there may be another platform's, or the keys themselves under an unlucky name. */
async function refuseStrange(path: string, part: Keys): Promise<void> {
  const there = await loadKeys(path);
  if (!isWhole(there) && platformOf(there) === platformOf(part)) return;
  throw new CommandFailed(`${path} holds other keys, and was left as it is. Move it away first.`);
}
