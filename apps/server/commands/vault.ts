/** The keys of commands that look people up: the platform's own, or the part of them that commands are given. */
import { createVault, KeyFileRefused, loadKeys, missingIn } from "@chepiao/adapters/crypto";
import type { Vault } from "@chepiao/ports/vault";
import { keysOfAnyCommand } from "../roleKeys.ts";

/** @throws KeyFileRefused where the file is not there, or is another role's */
export async function loadCommandVault(path: string): Promise<Vault> {
  const keys = await loadKeys(path);
  const missing = missingIn(keys, keysOfAnyCommand());
  if (missing.length === 0) return createVault(keys);
  throw new KeyFileRefused(`the key file ${path}, made for ${keys.roles!.join(", ")}, lacks ${missing.join(", ")}`);
}
