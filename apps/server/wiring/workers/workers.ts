/**
 * Further threads that serve passengers on the same port. Each answers searches from the shared seats and reads purchases; what is
 * decided is decided on this thread, and everything else they pass on to it. One that dies takes the process with it, because
 * nobody knows what it had promised.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenStores } from "@chepiao/adapters/sqlite";
import type { Clock } from "@chepiao/ports/clock";
import type { LoggerDeps, Readiness, Values } from "@chepiao/runtime";
import type { EngineSeats } from "@chepiao/services/inventory";
import type { Purchase } from "@chepiao/services/order";
import type { SessionChange } from "@chepiao/ports/session-feed";
import type { Config } from "../../config.ts";
import type { DataFolder } from "../../dataFolder.ts";
import type { Asks, FromWorker, Setup, ToWorker } from "./messages.ts";
import { takePurchases } from "./purchases.ts";

export type WorkersDeps = {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly stores: Pick<OpenStores, "lineToWriter">;
  readonly seats: Pick<EngineSeats, "mirror">;
  readonly purchase: Purchase;
  /** Where their log goes, too. */
  readonly logTo: LoggerDeps;
  readonly report: (message: string, error: unknown) => void;
  readonly broken: (error: Error) => void;
  readonly strictAnswers: boolean;
};

export type Workers = AsyncDisposable & {
  /** The socket on which this thread takes what they pass on. */
  readonly inner: string;
  /** Starts them all; they serve on that port from then on. */
  open(port: number): Promise<void>;
  readiness(): Readiness;
  tellSessions(changes: SessionChange): Promise<void>;
  values(): Promise<readonly Values[]>;
};

export function createWorkers(count: number, deps: WorkersDeps): Workers {
  // A path of a socket may be hardly longer than a hundred letters, which a data folder's may be.
  const folder = mkdtempSync(join(tmpdir(), "chepiao-"));
  const inner = join(folder, "core.sock");
  const workers: Worker[] = [];
  const askAll = <Name extends keyof Asks>(kind: Name, given: Asks[Name]["given"]) =>
    Promise.all(workers.map((worker) => worker.ask(kind, given)));
  let isOpen = false;

  return {
    inner,
    async open(port) {
      for (let n = 0; n < count; n++) workers.push(startWorker(deps));
      await Promise.all(workers.map((worker) => worker.open(setupOf(deps, port, inner))));
      isOpen = true;
    },
    readiness: () => ({ name: "workers", ready: isOpen, ...(isOpen ? {} : { why: "starting" }) }),
    tellSessions: async (changes) => void (await askAll("sessions", changes)),
    values: () => askAll("metrics", null),
    async [Symbol.asyncDispose]() {
      try {
        await askAll("stop", null);
      } finally {
        for (const worker of workers) worker.end();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

const setupOf = ({ config, folder, logTo, strictAnswers }: WorkersDeps, port: number, core: string) => ({
  config,
  port,
  keys: folder.keys,
  database: folder.database,
  securityLog: folder.securityLog,
  core,
  logLevel: logTo.level,
  strictAnswers,
});

type Worker = ReturnType<typeof startWorker>;

function startWorker({ clock, stores, seats, purchase, logTo, report, broken }: WorkersDeps) {
  const thread = new globalThis.Worker(new URL("./worker.ts", import.meta.url).href);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let isEnding = false;
  let dead: Error | null = null;
  const tell = (message: ToWorker, handedOver: Transferable[] = []) => thread.postMessage(message, handedOver);

  thread.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === "log") return logTo.write(data.lines);
    const asker = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.kind === "answer") asker?.resolve(data.answer);
    else asker?.reject(new Error(data.error));
  });
  thread.addEventListener("error", (event) => die(event.message));
  thread.addEventListener("close", () => die("it ended by itself"));

  function die(why: string) {
    if (isEnding || dead) return;
    dead = new Error(`a worker has died: ${why}`);
    for (const asker of waiting.values()) asker.reject(dead);
    waiting.clear();
    broken(dead);
  }

  function ask<Name extends keyof Asks>(
    kind: Name,
    given: Asks[Name]["given"],
    handedOver: Transferable[] = [],
  ): Promise<Asks[Name]["answer"]> {
    if (dead) return Promise.reject(dead);
    const asker = Promise.withResolvers<unknown>();
    const id = ++lastId;
    waiting.set(id, asker);
    tell({ kind, id, given } as ToWorker, handedOver);
    return asker.promise as Promise<Asks[Name]["answer"]>;
  }

  return {
    ask,
    open(setup: Omit<Setup, "writer" | "purchases">) {
      const { port1, port2 } = new MessageChannel();
      const writer = stores.lineToWriter();
      takePurchases(port1, purchase, { clock, report });
      seats.mirror((changes) => tell({ kind: "seats", changes }));
      return ask("open", { ...setup, writer, purchases: port2 }, [writer, port2]);
    },
    end() {
      isEnding = true;
      thread.terminate();
    },
  };
}
