/**
 * A library of Redis Functions, from its Lua files. Its name and those of its functions end in a hash of what they do, so that
 * processes of two versions can work side by side. Replicas get functions with the data; a node that lacks them all the same
 * is found out by its answer, and gets them.
 */
import { createHash } from "node:crypto";
import type { Redis } from "./openRedis.ts";

export type LibrarySource<Name extends string> = {
  readonly name: string;
  /** Lua files that make one body; the last ends with a table of the functions by name. */
  readonly files: readonly string[];
  readonly functions: Readonly<Record<Name, "writes" | "reads">>;
};

export type Library<Name extends string> = {
  /** Keys must share one hash tag. */
  call(name: Name, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
};

export function createLibrary<Name extends string>(redis: Redis, source: LibrarySource<Name>): Library<Name> {
  const version = createHash("sha256").update(JSON.stringify(source)).digest("hex").slice(0, 10);
  const code = codeOf(source, version);
  let loading: Promise<void> | null = null;

  /** Onto every master. One that cannot take it now will say that it lacks it. */
  async function load() {
    const loaded = await redis.ask((cluster) =>
      Promise.allSettled(cluster.nodes("master").map((node) => node.function("LOAD", "REPLACE", code))),
    );
    redis.counters.functionLoads++;
    const refused = loaded.find((each) => each.status === "rejected");
    if (refused && loaded.every((each) => each.status === "rejected")) throw refused.reason;
  }

  function send(name: Name, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const functionName = `${source.name}_${name}_${version}`;
    return redis.askOf(keys[0]!, (cluster) =>
      source.functions[name] === "reads"
        ? cluster.fcall_ro(functionName, keys.length, ...keys, ...args)
        : cluster.fcall(functionName, keys.length, ...keys, ...args),
    );
  }

  return {
    async call(name, keys, args) {
      try {
        return await send(name, keys, args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.includes("Function not found")) throw error;
        await (loading ??= load().finally(() => (loading = null)));
        return send(name, keys, args);
      }
    },
  };
}

/** While a library is loaded Redis 7.0 hides Lua's own functions, so the body is run by the first call. */
function codeOf({ name, files, functions }: LibrarySource<string>, version: string): string {
  const registrations = Object.entries(functions).map(
    ([functionName, does]) => `redis.register_function({
  function_name = "${name}_${functionName}_${version}",
  callback = function(keys, args)
    library = library or build()
    return library.${functionName}(keys, args)
  end,
  flags = { ${does === "reads" ? '"no-writes"' : ""} },
})`,
  );
  return [
    `#!lua name=${name}_${version}`,
    "local library",
    "local function build()",
    ...files,
    "end",
    ...registrations,
  ].join("\n");
}
