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
/** To the thread itself: which file to open, a further line to take calls from, and at last `null`, answered by the same when it has closed. */
export type WriterOrder = { readonly path: string } | { readonly line: MessagePort } | null;

declare const self: Worker;

/** Where calls come from: a list of them a message. */
type Line = Pick<MessagePort, "postMessage">;

const database = Promise.withResolvers<Awaited<ReturnType<typeof openSqlite>>>();
const stores = database.promise.then(createStores);
const underWay = new Set<Promise<void>>();

self.addEventListener("message", ({ data }: MessageEvent<WriterOrder | string>) => {
  if (typeof data === "string") take(data, self);
  else if (data === null) void close();
  else if ("path" in data) openSqlite(data.path).then(database.resolve, database.reject);
  else serve(data.line);
});

function serve(line: MessagePort) {
  line.addEventListener("message", ({ data }: MessageEvent<string>) => take(data, line));
  line.start();
}

function take(calls: string, line: Line) {
  for (const call of JSON.parse(calls) as readonly WriterCall[]) {
    const answered = answer(call, line).finally(() => underWay.delete(answered));
    underWay.add(answered);
  }
}

async function answer({ id, store, method, args }: WriterCall, line: Line) {
  const reply = (said: WriterReply) => line.postMessage(JSON.stringify(said));
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
  self.postMessage(null);
}
