/**
 * A port by its name, with its type: a room says by these what it asks of the world, and the world hands it what stands behind each.
 */
import type { Clock } from "@chepiao/ports/clock";

export type Port<T> = {
  readonly name: string;
  /** The smallest true implementation, for worlds that bring nothing of their own and may forget it with the process. */
  readonly memory?: (given: { readonly clock: Clock }) => T;
};

export const port = <T>(name: string, memory?: (given: { readonly clock: Clock }) => T): Port<T> =>
  memory ? { name, memory } : { name };

export type Implementations = ReadonlyMap<string, unknown>;

/**
 * What stands behind a port of a world. A port that the world does not bring is a mistake that shows when it is used, not before: a
 * room may be handed ports that its roles in this process never touch.
 */
export function portOf<T>(ports: Implementations, { name }: Port<T>): T {
  return ports.has(name) ? (ports.get(name) as T) : (absent(name) as T);
}

const absent = (name: string): object =>
  new Proxy(
    {},
    {
      get(_, member) {
        // Asked of everything that is awaited or printed.
        if (member === "then" || typeof member === "symbol") return undefined;
        throw new Error(`nothing stands behind the port "${name}" in this process, but ${member} of it was asked for`);
      },
    },
  );
