/**
 * Dead letters, each in the compacted topic beside the one it came from, under its id: put aside twice it is one letter, and what
 * a replay leaves behind is nothing under that id.
 */
import { type Topic, topics } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import { type DeadLetter, type DeadLetters, deadLetterOf, recordOf } from "@chepiao/ports/log";
import type { Appender } from "./appender.ts";
import { encode } from "./encode.ts";
import { createReader, type Place } from "./reader.ts";
import type { Waiting } from "./session.ts";
import { deadTopicName, type KafkaSettings } from "./settings.ts";

export type KafkaDeadLetters = DeadLetters & {
  park(group: string, topic: Topic, waiting: Waiting, cause: unknown): Promise<void>;
};

type DeadLetterDeps = {
  readonly clock: Clock;
  readonly appender: Appender;
  readonly prepared: Promise<void>;
  readonly report: (message: string, error?: unknown) => void;
};

export function createDeadLetters(settings: KafkaSettings, deps: DeadLetterDeps): KafkaDeadLetters {
  const { clock, appender, report } = deps;
  let parked = 0;

  const address = ({ topic, id }: DeadLetter) => ({
    topic: deadTopicName(settings, topic as Topic),
    key: Buffer.from(id),
  });

  async function list(): Promise<DeadLetter[]> {
    await deps.prepared;
    const names = topics.map((topic) => deadTopicName(settings, topic));
    await using reader = createReader(settings, names, report);
    const [earliest, ends] = await Promise.all([reader.offsets("earliest"), reader.offsets("end")]);
    const letters = new Map<string, DeadLetter>();
    for (const topic of names) {
      const place: Place = { topic, index: 0, fetchAt: earliest.get(topic)![0]!, endAt: 0n };
      while (place.fetchAt < ends.get(topic)![0]!) {
        const [leader] = (await reader.byLeader([place])).keys();
        for (const { key, text } of await reader.fetch(leader!, [place])) {
          if (text === null) letters.delete(key);
          else letters.set(key, JSON.parse(text) as DeadLetter);
        }
      }
    }
    return [...letters.values()].sort((a, b) => a.buriedAt - b.buriedAt);
  }

  return {
    get parked() {
      return parked;
    },
    list,
    async park(group, topic, { place, offset, key, text }, cause) {
      const origin = `${place.topic}/${place.index}/${offset}`;
      const letter = deadLetterOf(
        { topic, key, text: text ?? "null" },
        { group, origin, cause, buriedAt: clock.now() },
      );
      await appender.append([{ ...address(letter), value: Buffer.from(JSON.stringify(letter)) }]);
      parked++;
      report(`group ${group} cannot take ${origin}; it is put aside as a dead letter`, cause);
    },
    async replay(ids) {
      if (ids.length === 0) return [];
      const asked = new Set(ids);
      const letters = (await list()).filter(({ id }) => asked.has(id));
      // One after the other: what is off the list has been appended, whatever happens in between.
      await appender.append(letters.map((letter) => encode(settings, recordOf(letter))));
      await appender.append(letters.map(address));
      return letters.map(({ id }) => id);
    },
  };
}
