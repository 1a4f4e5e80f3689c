/** New keys in front of the old ones, known to every process before any of them uses one. */
import { existsSync } from "node:fs";
import {
  keyFilePollMs,
  loadOrCreateKeys,
  replaceKeys,
  type Rotated,
  rotatable,
  rotateKeys,
} from "@chepiao/adapters/crypto";
import { createSystemClock } from "@chepiao/adapters/system";
import { assert, dayMs, epochMs, hourMs, minuteMs } from "@chepiao/kernel";
import { CommandFailed, UsageError } from "../command.ts";

/** Gates fetch the list of keys once a day. */
const afterDefault = "24h";
/** Whatever is sooner reaches some processes too late; at once is for a platform that stands still, or a key that is known to others. */
const afterMsMin = 5 * minuteMs;
assert(afterMsMin > 2 * keyFilePollMs, "every process has looked at its file before a new key is used");

export async function rotate(file: string, after = afterDefault, only?: string): Promise<number> {
  const afterMs = durationOf(after);
  const kinds = kindsOf(only);
  if (!existsSync(file)) throw new CommandFailed(`There is no key file ${file}.`);
  const usedFrom = epochMs(createSystemClock().now() + afterMs);
  const keys = rotateKeys(await loadOrCreateKeys(file), { kinds, usedFrom });
  await replaceKeys(file, keys);
  const dated = [
    ...(kinds.includes("sealing") ? [`${keys.sealing[0]!.keyId} seals`] : []),
    ...(kinds.includes("signing") ? [`${keys.signing[0]!.keyId} signs`] : []),
  ];
  const from = afterMs === 0 ? "at once" : `from ${new Date(usedFrom).toISOString()}`;
  if (dated.length > 0) console.log(`${dated.join(" and ")} ${from}; what the keys before made stays valid.`);
  if (kinds.includes("secrets"))
    console.log(
      "What processes show each other has changed: give all of them their files, then start all of them again.",
    );
  if (dated.length > 0 && afterMs === 0)
    console.log(
      "A process that has not read its file yet refuses what another seals or signs: start all of them again.",
    );
  console.log(
    `Roles with files of their own need them anew: npm run chepiao -- keys split ${file}. Keep a copy of ${file}.`,
  );
  return 0;
}

function durationOf(text: string): number {
  const match = /^(\d{1,4})(m|h|d)$/.exec(text);
  const ms = text === "0" ? 0 : match ? Number(match[1]) * { m: minuteMs, h: hourMs, d: dayMs }[match[2] as "m"] : null;
  if (ms === null || (ms !== 0 && ms < afterMsMin))
    throw new UsageError(
      `--after takes a time such as ${afterDefault} or 7d, from ${afterMsMin / minuteMs}m on, or 0 for at once.`,
    );
  return ms;
}

function kindsOf(text = "sealing,signing"): readonly Rotated[] {
  const words = text.split(",").map((word) => word.trim());
  if (words.some((word) => !rotatable.includes(word as Rotated)))
    throw new UsageError(`--only takes some of ${rotatable.join(", ")}, separated by commas.`);
  return rotatable.filter((kind) => words.includes(kind));
}
