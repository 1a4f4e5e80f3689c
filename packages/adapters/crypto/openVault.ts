/**
 * A vault by its file, which may be replaced while the platform sells: the file is looked at every minute, and new keys are known to every
 * process long before the first one uses them.
 */
import { stat } from "node:fs/promises";
import { minuteMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Vault } from "@chepiao/ports/vault";
import { isWhole, KeyFileRefused, loadKeys, loadOrCreateKeys } from "./keyFile.ts";
import { type Keys, type KeyNeeds, missingIn, succeeds } from "./keys.ts";
import { createVault } from "./vault.ts";

export const keyFilePollMs = minuteMs;

export type OpenVaultOptions = {
  readonly path: string;
  readonly clock: Clock;
  /** Said of a file that cannot be taken over, and of one that was. */
  readonly report: (message: string, error?: unknown) => void;
  /** Of whom lives on it; the platform's keys themselves where it is left out, which are made where there are none. */
  readonly needs?: KeyNeeds;
};

/** @throws KeyFileRefused where the file does not hold what is needed */
export async function openVault({ path, clock, report, needs }: OpenVaultOptions): Promise<Vault & Disposable> {
  /** Makes none: a file that vanishes under a running platform is not made anew. */
  const load = async (): Promise<Keys> => {
    const keys = await loadKeys(path);
    const missing = needs ? missingIn(keys, needs) : isWhole(keys) ? [] : ["the platform's keys themselves"];
    if (missing.length === 0) return keys;
    const made = isWhole(keys) ? "" : `, made for ${keys.roles!.join(", ")},`;
    throw new KeyFileRefused(`the key file ${path}${made} lacks ${missing.join(", ")}`);
  };
  let seen = await stampOf(path);
  let keys = needs ? await load() : await loadOrCreateKeys(path);
  let vault = createVault(keys, clock.now);
  let refused = "";

  async function reloadKeys() {
    const now = await stampOf(path);
    if (now === seen) return;
    try {
      const newer = await load();
      if (!succeeds(newer, keys)) throw new KeyFileRefused(`the key file ${path} lacks keys that are in use`);
      [keys, vault, seen, refused] = [newer, createVault(newer, clock.now), now, ""];
      report("the key file has changed, and was taken over");
    } catch (error) {
      const { message } = error as Error;
      if (message !== refused) report("the key file has changed and cannot be taken over; the keys before stay", error);
      refused = message;
    }
  }
  let stop = () => {};
  const scheduleReload = () => {
    stop = clock.after(keyFilePollMs, () => void reloadKeys().finally(() => isOpen && scheduleReload()));
  };
  let isOpen = true;
  scheduleReload();

  return {
    seal: (plain, place) => vault.seal(plain, place),
    open: (sealed, place) => vault.open(sealed, place),
    fingerprint: (plain) => vault.fingerprint(plain),
    sign: (textOf) => vault.sign(textOf),
    verify: (text, signature, keyId) => vault.verify(text, signature, keyId),
    publicKeys: () => vault.publicKeys(),
    secret: (label) => vault.secret(label),
    [Symbol.dispose]() {
      isOpen = false;
      stop();
    },
  };
}

/** What changes whenever the file does; null where there is none. */
async function stampOf(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return null;
  }
}
