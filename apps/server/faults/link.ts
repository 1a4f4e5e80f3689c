/**
 * A piece of network that can be cut: what connects to it is connected on to the server behind it, and what both sides say passes, until
 * it is cut. Then connections stay open and nothing arrives any more, in either direction, as behind a cable that was pulled.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export type Link = AsyncDisposable & {
  /** To be given to one side in place of the other's address. */
  readonly port: number;
  /** Nothing passes. Who connects meanwhile is connected, and hears nothing. */
  cut(): void;
  /** What was said meanwhile arrives, as with packets that are sent again until the other side acknowledges them. */
  heal(): void;
  /** Breaks every connection; new ones are made at once. */
  reset(): void;
};

type Pair = { readonly near: Socket; readonly far: Socket };

export async function openLink(to: { readonly host: string; readonly port: number }): Promise<Link> {
  const pairs = new Set<Pair>();
  let isCut = false;

  const server = createServer((near) => {
    const pair = { near, far: connect(to) };
    pairs.add(pair);
    for (const socket of [pair.near, pair.far]) {
      socket.setNoDelay(true);
      // What a failure means is said by "close", which follows.
      socket.on("error", () => {});
      socket.on("close", () => isCut || end(pair));
    }
    if (!isCut) join(pair);
  });

  function end(pair: Pair) {
    pairs.delete(pair);
    pair.near.destroy();
    pair.far.destroy();
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const { near, far } of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    heal() {
      isCut = false;
      // That a side has left is heard only now.
      for (const pair of pairs) {
        if (pair.near.destroyed || pair.far.destroyed) end(pair);
        else join(pair);
      }
    },
    reset() {
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    async [Symbol.asyncDispose]() {
      isCut = false;
      for (const pair of pairs) end(pair);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join({ near, far }: Pair) {
  near.pipe(far);
  far.pipe(near);
}
