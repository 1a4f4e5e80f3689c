/** What the logs of ours have in common in putting records aside and bringing them back. */
import { type LogRecord, upgradeRecord } from "@chepiao/contracts";
import { jsonOnce } from "@chepiao/kernel";
import { type DeadLetter, type DeadLetters, type Log, PoisonRecord } from "./log.ts";

type Fate = Pick<DeadLetter, "group" | "origin" | "buriedAt"> & { readonly cause: unknown };

/** What is written down about a record that its group could not take. */
export const deadLetterOf = (record: Pick<DeadLetter, "topic" | "key" | "text">, fate: Fate): DeadLetter => ({
  ...record,
  ...fate,
  id: `${fate.group}@${fate.origin}`,
  cause: reasonOf(fate.cause),
});

const causeLengthMax = 2_000;
const reasonOf = (cause: unknown) =>
  (cause instanceof Error ? (cause.stack ?? String(cause)) : String(cause)).slice(0, causeLengthMax);

export const textOf = ({ topic, key, value }: LogRecord) => ({ topic, key, text: jsonOnce(value) });

export type DeadLetterStore = DeadLetters & { park(letter: DeadLetter): Promise<void> };

/** Dead letters in a map, for logs that keep them in one place. `save` is called with every change. */
export function createDeadLetterStore(
  letters: Map<string, DeadLetter>,
  append: Log["append"],
  save: () => void = () => {},
): DeadLetterStore {
  let parked = 0;
  return {
    get parked() {
      return parked;
    },
    list: async () => [...letters.values()],
    async park(letter) {
      letters.set(letter.id, letter);
      save();
      parked++;
    },
    async replay(ids) {
      const found = [...new Set(ids)].filter((id) => letters.has(id));
      await append(found.map((id) => recordOf(letters.get(id)!)));
      for (const id of found) letters.delete(id);
      save();
      return found;
    },
  };
}

/** The record inside a dead letter, to be appended again. */
export const recordOf = ({ topic, key, text }: DeadLetter): LogRecord => decodeRecord(topic, key, text);

/** @throws PoisonRecord where the text is not a record's value */
export function decodeRecord(topic: string, key: string, text: string): LogRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PoisonRecord(`a record of ${topic} is not JSON`, { cause });
  }
  if (typeof value !== "object" || value === null) throw new PoisonRecord(`a record of ${topic} is not an object`);
  return upgradeRecord({ topic, key, value } as LogRecord);
}
