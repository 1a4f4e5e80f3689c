/** What is in a key file: names and times, never a key. */
import { createVault, inUse, loadKeys } from "@chepiao/adapters/crypto";
import { createSystemClock } from "@chepiao/adapters/system";
import type { EpochMs } from "@chepiao/kernel";

export async function show(file: string): Promise<number> {
  const keys = await loadKeys(file);
  const now = createSystemClock().now();
  const tell = (kind: string, text: string) => console.log(`${kind.padEnd(12)} ${text}`);
  const list = (kind: string, dated: readonly { keyId: string; usedFrom?: EpochMs }[] = []) => {
    if (dated.length === 0) return;
    const present = inUse(dated, now);
    for (const each of dated) {
      const when =
        each === present ? "in use" : (each.usedFrom ?? 0) > now ? `from ${dateOf(each.usedFrom!)}` : "before";
      tell(kind, `${each.keyId.padEnd(12)} ${when}`);
    }
  };
  tell("made for", keys.roles?.join(", ") ?? "the platform: these are its keys themselves");
  list("sealing", keys.sealing);
  list("signing", keys.signing);
  list("checking", keys.publicKeys);
  if (keys.fingerprint !== undefined) tell("fingerprint", "one key, for life");
  const shown = keys.roles ? Object.keys(keys.secrets ?? {}) : ["all"];
  tell("secrets", shown.length === 0 ? "none" : shown.join(", "));
  // What it holds is also of use: a broken key would throw here and not in the middle of a sale.
  createVault(keys);
  return 0;
}

const dateOf = (at: EpochMs) => new Date(at).toISOString();
