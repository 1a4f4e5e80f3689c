/** What an engine is: one product, made of one or more servers (processes) that are united into what the program asks. */
import type { Ports, Wanted } from "./ports.ts";

export type Server = {
  /** Also its folder, its log and its handle: "mariadb-1-replica". */
  readonly name: string;
  /** What it is within its engine, for `status`. */
  readonly role: string;
  /** The listeners by name; the first is where it is asked. */
  readonly listens: Wanted;
  /** Makes its folder ready: configuration always, data the first time. Called while it does not run. */
  prepare(ports: Ports): Promise<void>;
  command(ports: Ports): { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> };
  /** Asks it something that only a working server answers, and rejects as long as it does not. */
  ask(ports: Ports): Promise<void>;
};

export type Engine = {
  readonly name: string;
  /** Engines that must answer before this one can start. */
  readonly needs: readonly string[];
  /** Installs or fetches the product. Quick when it is there. */
  provision(say: (line: string) => void): Promise<void>;
  readonly servers: readonly Server[];
  /** Makes one engine of its servers, from whatever state they are in; resolves when the whole does its work. */
  unite(ports: Ports): Promise<void>;
  /** The addresses, by the names that the program and its tests read. */
  environment(ports: Ports): Readonly<Record<string, string>>;
};
