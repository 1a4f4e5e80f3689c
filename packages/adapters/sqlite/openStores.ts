/**
 * The stores of a running platform: what reads does so here, on a connection of its own that never waits for a writer; what
 * writes is handed to the writer's thread. A write that was answered is seen by every read after it.
 */
import type { Stores } from "@chepiao/adapters/sql";
import { jsonOnce } from "@chepiao/kernel";
import { openSqlite } from "./database.ts";
import { createStores } from "./stores.ts";
import type { WriterMessage, WriterReply } from "./writerThread.ts";

/** Importing a timetable is not here: that happens before anybody buys, and reports its progress. */
const writes = {
  orders: ["accept", "change", "tell"],
  outbox: ["sent", "failed"],
  payments: ["open", "started", "capture", "addRefund", "settle", "postpone", "looked"],
  sessions: ["create", "slide", "end", "endAll", "purge"],
  users: ["register", "change", "addPassenger", "editPassenger", "removePassenger"],
} as const satisfies { readonly [S in keyof Stores]?: readonly (keyof Stores[S])[] };

export type OpenStores = AsyncDisposable & { readonly stores: Stores };

/** @param broken called when the writer's thread dies: nothing can be promised any more, so the process should end */
export async function openStores(path: string, broken: (error: Error) => void): Promise<OpenStores> {
  const database = await openSqlite(path);
  const local = createStores(database);
  const writer = startWriter(path, broken);
  const stores = Object.fromEntries(
    Object.entries(local).map(([name, store]) => {
      const methods: readonly string[] = writes[name as keyof typeof writes] ?? [];
      const remote = methods.map((method) => [
        method,
        (...args: readonly unknown[]) => writer.call(name as keyof Stores, method, argsText(args)),
      ]);
      return [name, { ...store, ...Object.fromEntries(remote) }];
    }),
  ) as unknown as Stores;
  return {
    stores,
    async [Symbol.asyncDispose]() {
      await writer.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Lists of facts (accepted orders) have been written as JSON before, for the log. */
const argsText = (args: readonly unknown[]): string =>
  `[${args.map((arg) => (isListOfFacts(arg) ? `[${arg.map(jsonOnce).join(",")}]` : JSON.stringify(arg ?? null))).join(",")}]`;
const isListOfFacts = (arg: unknown): arg is readonly object[] =>
  Array.isArray(arg) && arg.length > 0 && typeof arg[0] === "object" && arg[0] !== null;

function startWriter(path: string, broken: (error: Error) => void) {
  const thread = new Worker(new URL("./writerThread.ts", import.meta.url).href);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let gathered: string[] = [];
  let dead: Error | null = null;

  const post = (message: WriterMessage) => thread.postMessage(JSON.stringify(message));
  thread.addEventListener("message", ({ data }: MessageEvent<string>) => {
    const reply = JSON.parse(data) as WriterReply;
    const caller = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ("error" in reply) caller?.reject(new Error(reply.error));
    else caller?.resolve(reply.value);
  });
  thread.addEventListener("error", (event) => {
    dead = new Error(`the thread that writes to the database has died: ${event.message}`);
    for (const caller of waiting.values()) caller.reject(dead);
    waiting.clear();
    broken(dead);
  });
  post({ path });

  function expect(id: number): Promise<unknown> {
    const caller = Promise.withResolvers<unknown>();
    waiting.set(id, caller);
    return caller.promise;
  }

  function flush() {
    if (gathered.length === 0) return;
    const calls = gathered;
    gathered = [];
    thread.postMessage(`[${calls.join(",")}]`);
  }

  return {
    /** Calls made in one breath travel together; they are begun in the order in which they were made. */
    call(store: keyof Stores, method: string, args: string): Promise<unknown> {
      if (dead) return Promise.reject(dead);
      const id = ++lastId;
      if (gathered.length === 0) queueMicrotask(flush);
      gathered.push(`{"id":${id},"store":"${store}","method":"${method}","args":${args}}`);
      return expect(id);
    },
    /** What was asked for is still written. */
    async close() {
      if (dead) return;
      flush();
      const closed = expect(0);
      post(null);
      await closed;
      thread.terminate();
    },
  };
}
