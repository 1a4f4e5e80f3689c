/** What the list for going live looks at beside the settings. */
import { existsSync } from "node:fs";
import { isWhole, loadKeys } from "@chepiao/adapters/crypto";
import type { Config } from "../config.ts";
import type { Seen } from "../goingLive.ts";
import { roles as allRoles } from "../roles.ts";

export async function inspectSurroundings(config: Config): Promise<Seen> {
  const { engines, roles, keysFile } = config;
  const isApart = engines === "cluster" && roles.length < allRoles.length;
  const hasForeignKeys = isApart && keysFile !== null && existsSync(keysFile) && isWhole(await loadKeys(keysFile));
  return { config, isRoot: process.getuid?.() === 0, hasForeignKeys };
}
