/**
 * The index behind its names. Each generation has an index of its own; one name leads readers to the generation that answers, and
 * each generation has a name for those who write. While a new one is being filled there are two, and whatever is taken in goes to
 * both: writers look at the names before each write, so the filling can begin as soon as the new name is there. An index that is
 * gone has no name any more, so a late writer finds out and does not bring it back.
 */
import { type Client, errors } from "@elastic/elasticsearch";
import { addedProperties, mapping } from "./mapping.ts";

export type Generations = {
  /** Readers' name. */
  readonly name: string;
  /** Writers' names of all generations there are; makes the first one. */
  writers(): Promise<readonly string[]>;
  /** A new one beside the others; the answer is its writers' name. */
  begin(): Promise<string>;
  /** From now on this one answers; the others go. */
  replaceBy(writer: string): Promise<void>;
  drop(writer: string): Promise<void>;
};

export type IndexSettings = { readonly shards: number; readonly replicas: number };

export function createGenerations(client: Client, name: string, settings: IndexSettings): Generations {
  const indexOf = (writer: string) => writer.replace(`${name}-write-`, `${name}-`);

  async function create(generation: string, names: readonly string[]): Promise<string> {
    const writer = `${name}-write-${generation}`;
    await client.indices.create({
      index: indexOf(writer),
      settings: { number_of_shards: settings.shards, number_of_replicas: settings.replicas },
      mappings: mapping,
      aliases: Object.fromEntries([writer, ...names].map((alias) => [alias, {}])),
    });
    return writer;
  }

  async function present(): Promise<string[]> {
    const indices = await client.indices.getAlias({ name: `${name}-write-*` });
    return Object.values(indices).flatMap(({ aliases }) => Object.keys(aliases).filter((alias) => alias !== name));
  }

  /** By this process: what versions before have made may have less. */
  let hasAdded = false;

  return {
    name,
    async writers() {
      const writers = await present();
      if (writers.length > 0) {
        if (!hasAdded) await client.indices.putMapping({ index: `${name}-write-*`, properties: addedProperties });
        hasAdded = true;
        return writers;
      }
      try {
        return [await create("first", [name])];
      } catch (error) {
        // Another process made it at the same time.
        if (isNamed(error, "resource_already_exists_exception")) return present();
        throw error;
      }
    },
    begin: () => create(Date.now().toString(36) + Math.random().toString(36).slice(2, 6), []),
    async replaceBy(writer) {
      const others = (await present()).filter((other) => other !== writer).map(indexOf);
      await client.indices.updateAliases({
        actions: [
          { add: { index: indexOf(writer), alias: name } },
          ...others.map((index) => ({ remove_index: { index } })),
        ],
      });
    },
    async drop(writer) {
      await client.indices.delete({ index: indexOf(writer), ignore_unavailable: true });
    },
  };
}

export const isNamed = (error: unknown, type: string): boolean =>
  error instanceof errors.ResponseError && (error.body as { error?: { type?: string } }).error?.type === type;
