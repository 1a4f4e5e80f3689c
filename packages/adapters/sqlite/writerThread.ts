/**
 * The thread that writes. Waiting for the disk stops the thread that does it, so it is not the one that answers passengers. It
 * takes calls as JSON text, because a thread boundary copies text five times faster than the objects in it.
 */
import type { Stores } from "@chepiao/adapters/sql";
import { openSqlite } from "./database.ts";
import { createStores } from "./stores.ts";

/** One call of a store's method. */
export type WriterCall = {
  readonly id: number;
  readonly store: keyof Stores;
  readonly method: string;
  readonly args: readonly unknown[];
};
export type WriterReply =
  { readonly id: number; readonly value?: unknown } | { readonly id: number; readonly error: string };
/** The first message names the file; `null` asks the thread to close it and end. */
export type WriterMessage = { readonly path: string } | readonly WriterCall[] | null;

declare const self: Worker;

const database = Promise.withResolvers<Awaited<ReturnType<typeof openSqlite>>>();
const stores = database.promise.then(createStores);
const underWay = new Set<Promise<void>>();
const reply = (said: WriterReply) => self.postMessage(JSON.stringify(said));

self.addEventListener("message", ({ data }: MessageEvent<string>) => {
  const message = JSON.parse(data) as WriterMessage;
  if (message === null) void close();
  else if ("path" in message) openSqlite(message.path).then(database.resolve, database.reject);
  else message.forEach(begin);
});

function begin(call: WriterCall) {
  const answered = answer(call).finally(() => underWay.delete(answered));
  underWay.add(answered);
}

async function answer({ id, store, method, args }: WriterCall) {
  try {
    const target = (await stores)[store] as unknown as Record<
      string,
      (...args: readonly unknown[]) => Promise<unknown>
    >;
    reply({ id, value: await target[method]!(...args) });
  } catch (error) {
    reply({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

async function close() {
  await Promise.all(underWay);
  await (await database.promise)[Symbol.asyncDispose]();
  reply({ id: 0 });
}
