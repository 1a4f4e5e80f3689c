/** What an engine is: one product, made of one or more servers (processes) that are united into what the program asks. */
import type { Ports, Wanted } from "./ports.ts";

export type Server = {
  /** Also its folder, its log and its handle: "mariadb-1-replica". */
  readonly name: string;
  /** What it is there for, in a few words. */
  readonly role: string;
  /** False while the fleet is such that it is not needed; always where it is left out. */
  isWanted?(): boolean;
  /** Its listeners and the ports they want; the first, of the server's own name, is where it is asked. */
  readonly listens: Wanted;
  /** What it reads when it starts, by path within its folder. */
  files(ports: Ports): Readonly<Record<string, string>>;
  /** Makes the rest of its folder ready, above all its data the first time. The files are written by then. */
  prepare?(): Promise<void>;
  command(ports: Ports): { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> };
  /** Asks what only a working server answers; gives what it says of itself, and rejects as long as it does not. */
  ask(ports: Ports): Promise<string>;
};

export type Engine = {
  readonly name: string;
  /** Engines that must answer before this one can start. */
  readonly needs: readonly string[];
  readonly servers: readonly Server[];
  /** Installs or fetches the product. Quick when it is there. */
  provision(say: (line: string) => void): Promise<void>;
  /** Makes one engine of several servers, from whatever state they are in; resolves when the whole does its work. */
  unite?(ports: Ports): Promise<void>;
  /** The addresses, by the names that the program and its tests read. */
  environment(ports: Ports): Readonly<Record<string, string>>;
};

/** How long one question may take: a paused server accepts connections and never answers. */
export const askLimitMs = 3_000;
