/** Takes a signing key out that a thief may know: what it signed is a ticket no more. */
import { existsSync } from "node:fs";
import { inUse, loadOrCreateKeys, replaceKeys } from "@chepiao/adapters/crypto";
import { createSystemClock } from "@chepiao/adapters/system";
import { CommandFailed } from "../command.ts";

export async function drop(file: string, keyId: string): Promise<number> {
  if (!existsSync(file)) throw new CommandFailed(`There is no key file ${file}.`);
  const keys = await loadOrCreateKeys(file);
  if (keys.sealing.some((key) => key.keyId === keyId))
    throw new CommandFailed(`${keyId} seals: without it, documents that it sealed could never be read again.`);
  if (!keys.signing.some((key) => key.keyId === keyId)) throw new CommandFailed(`There is no key ${keyId} in ${file}.`);
  if (inUse(keys.signing, createSystemClock().now()).keyId === keyId)
    throw new CommandFailed(`${keyId} signs at present: first \`keys rotate ${file} --only=signing\`, then drop it.`);
  await replaceKeys(file, { ...keys, signing: keys.signing.filter((key) => key.keyId !== keyId) });
  console.log(
    `${keyId} is out: codes that it signed are refused by every gate with a new list of keys, and travellers find new codes with their orders.\n` +
      `Roles with files of their own need them anew: npm run chepiao -- keys split ${file}.`,
  );
  return 0;
}
