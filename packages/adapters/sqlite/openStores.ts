/**
 * The stores of a running platform: what reads does so here, on a connection of its own that never waits for a writer; what
 * writes is handed to the writer's thread. A write that was answered is seen by every read after it, on whichever thread.
 */
import type { Stores } from "@chepiao/adapters/sql";
import { jsonOnce } from "@chepiao/kernel";
import { openSqlite, type SqliteDatabase } from "./database.ts";
import { createStores } from "./stores.ts";
import type { WriterOrder, WriterReply } from "./writerThread.ts";

/** Importing a timetable is not here: that happens before passengers buy, and reports its progress. */
const writes = {
  codes: ["put", "try", "use", "end", "purge"],
  gates: ["addGate", "retireGate", "note", "settle", "forget"],
  orders: ["accept", "change", "changeBoth", "enqueue", "noteRunRefundFailed", "forgetRuns", "eraseTravellers"],
  outbox: ["sent", "failed", "hurry"],
  payments: ["open", "started", "change", "settle", "postpone", "polled"],
  policies: ["add"],
  queues: ["announce", "end", "mark", "putPage", "forget"],
  quotas: ["set", "forgetBefore"],
  runStates: ["replace", "forgetEnded", "forgetBefore"],
  securityEvents: ["append", "purge"],
  sentMessages: ["add", "purge"],
  sessions: ["create", "slide", "end", "endAll", "purge"],
  waitlist: [
    "add",
    "change",
    "enqueue",
    "addReleases",
    "addOutcomes",
    "setStopped",
    "forgetRuns",
    "forgetEnded",
    "forgetOutcomes",
  ],
  users: ["register", "change", "erase", "addPassenger", "editPassenger", "removePassenger"],
} as const satisfies { readonly [S in keyof Stores]?: readonly (keyof Stores[S])[] };

export type OpenStores = AsyncDisposable & {
  readonly stores: Stores;
  /** A line to the same writer, to be handed to another thread and opened there with `openStoresOn`. */
  lineToWriter(): MessagePort;
};

/** @param broken called when the writer's thread dies: nothing can be promised any more, so the process should end */
export async function openStores(path: string, broken: (error: Error) => void): Promise<OpenStores> {
  // First, because it makes the tables where there are none.
  const database = await openSqlite(path);
  const writer = startWriter(path, broken);
  return {
    stores: storesOf(database, writer.calls),
    lineToWriter: writer.line,
    async [Symbol.asyncDispose]() {
      await writer.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The stores on another thread of the same platform. To be closed before the thread that gave the line closes its own. */
export async function openStoresOn(path: string, line: MessagePort): Promise<Omit<OpenStores, "lineToWriter">> {
  const calls = createCalls((text) => line.postMessage(text));
  line.addEventListener("message", ({ data }: MessageEvent<string>) => calls.hear(data));
  line.start();
  const database = await openSqlite(path);
  return {
    stores: storesOf(database, calls),
    async [Symbol.asyncDispose]() {
      await calls.answered();
      line.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** What writes goes to the writer, everything else is done on this connection. */
function storesOf(database: SqliteDatabase, calls: Pick<Calls, "call">): Stores {
  const stores = Object.entries(createStores(database)).map(([name, store]) => {
    const methods: readonly string[] = writes[name as keyof typeof writes] ?? [];
    const remote = methods.map((method) => [
      method,
      (...args: readonly unknown[]) => calls.call(name as keyof Stores, method, argsText(args)),
    ]);
    return [name, { ...store, ...Object.fromEntries(remote) }];
  });
  return Object.fromEntries(stores);
}

/** Lists of facts (accepted orders) have been written as JSON before, for the log. */
const argsText = (args: readonly unknown[]): string =>
  `[${args.map((arg) => (isListOfFacts(arg) ? `[${arg.map(jsonOnce).join(",")}]` : JSON.stringify(arg ?? null))).join(",")}]`;
const isListOfFacts = (arg: unknown): arg is readonly object[] =>
  Array.isArray(arg) && arg.length > 0 && typeof arg[0] === "object" && arg[0] !== null;

type Calls = ReturnType<typeof createCalls>;

/** Calls made in one breath travel together; they are begun in the order in which they were made. */
function createCalls(send: (text: string) => void) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let gathered: string[] = [];
  let dead: Error | null = null;

  function flush() {
    if (gathered.length === 0) return;
    const calls = gathered;
    gathered = [];
    send(`[${calls.join(",")}]`);
  }

  return {
    call(store: keyof Stores, method: string, args: string): Promise<unknown> {
      if (dead) return Promise.reject(dead);
      const id = ++lastId;
      if (gathered.length === 0) queueMicrotask(flush);
      gathered.push(`{"id":${id},"store":"${store}","method":"${method}","args":${args}}`);
      const caller = Promise.withResolvers<unknown>();
      waiting.set(id, caller);
      return caller.promise;
    },
    hear(text: string) {
      const reply = JSON.parse(text) as WriterReply;
      const caller = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ("error" in reply) caller?.reject(new Error(reply.error));
      else caller?.resolve(reply.value);
    },
    fail(error: Error) {
      dead = error;
      for (const caller of waiting.values()) caller.reject(error);
      waiting.clear();
    },
    /** Once everything that was asked for by now is written, or has failed. */
    async answered() {
      flush();
      await Promise.allSettled([...waiting.values()].map(({ promise }) => promise));
    },
  };
}

function startWriter(path: string, broken: (error: Error) => void) {
  const thread = new Worker(new URL("./writerThread.ts", import.meta.url).href);
  const order = (said: WriterOrder, handedOver: Transferable[] = []) => thread.postMessage(said, handedOver);
  const calls = createCalls((text) => thread.postMessage(text));
  const closed = Promise.withResolvers<void>();

  thread.addEventListener("message", ({ data }: MessageEvent<string | null>) => {
    if (data === null) closed.resolve();
    else calls.hear(data);
  });
  thread.addEventListener("error", (event) => {
    const error = new Error(`the thread that writes to the database has died: ${event.message}`);
    calls.fail(error);
    closed.resolve();
    broken(error);
  });
  order({ path });

  return {
    calls,
    line(): MessagePort {
      const { port1, port2 } = new MessageChannel();
      order({ line: port1 }, [port1]);
      return port2;
    },
    /** What was asked for is still written. */
    async close() {
      await calls.answered();
      order(null);
      await closed.promise;
      thread.terminate();
    },
  };
}
