/** What all engines of a world have in common: they stand outside of the processes, and may be away, silent or slow. */
import { fairWeather, type Outside, type Presence, type Reach } from "../core/reach.ts";
import type { Life } from "../core/life.ts";

export type Engine = Outside & {
  /** Of one part, or of all of it. A caller that waits for it to go on is served as soon as it is there. */
  set(presence: Presence, part?: number): void;
};

export type EngineSettings = Pick<Outside, "name" | "wayUs" | "timeoutUs" | "unavailable">;

export function createEngine(settings: EngineSettings): Engine {
  let whole: Presence = "there";
  const parts = new Map<number, Presence>();
  let waiting: (() => void)[] = [];
  return {
    ...settings,
    weather: fairWeather(),
    presence: (part) => (whole === "there" && part !== undefined ? (parts.get(part) ?? "there") : whole),
    whenBack: (run) => void waiting.push(run),
    set(presence, part) {
      if (part === undefined) whole = presence;
      else parts.set(part, presence);
      if (presence !== "there") return;
      const all = waiting;
      waiting = [];
      for (const run of all) run();
    },
  };
}

type Methods<P> = {
  readonly [Name in keyof P as P[Name] extends (...args: never[]) => unknown ? Name : never]: P[Name];
};

/**
 * A port that stands at an engine, as one life has it: each of its methods that answers a promise is a call. Methods that hand out
 * pages are asked for each page.
 */
export function atEngine<P extends object>(
  reach: Reach,
  life: Life,
  engine: Engine,
  name: string,
  port: P,
  pages: readonly (keyof Methods<P>)[] = [],
): P {
  type Method = (...args: unknown[]) => unknown;
  const methods = Object.entries(port).filter(([, method]) => typeof method === "function") as [string, Method][];
  return Object.fromEntries(
    methods.map(([op, method]): [string, Method] => {
      const what = `${name}.${op}`;
      if (!pages.includes(op as keyof Methods<P>))
        return [op, (...args) => reach(life, engine, what, args, () => method(...args))];
      return [
        op,
        (...args) =>
          inPages(
            () => method(...args) as AsyncIterable<unknown>,
            (next) => reach(life, engine, what, args, next),
          ),
      ];
    }),
  ) as P;
}

async function* inPages(
  open: () => AsyncIterable<unknown>,
  ask: (next: () => Promise<IteratorResult<unknown>>) => Promise<IteratorResult<unknown>>,
) {
  const iterator = open()[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await ask(() => iterator.next());
    if (done) return;
    yield value;
  }
}
