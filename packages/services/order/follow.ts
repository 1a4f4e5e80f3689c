/**
 * An order as server-sent events: its state now, and again after every change. Word of a change is only a hint, so the order is
 * also looked at again with every heartbeat; what has not changed is not sent.
 */
import { secondMs, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";

export type FollowDeps = {
  readonly clock: Clock;
  readonly heartbeatMs?: number;
  /** Streams end by themselves after this long; browsers come back, with a session that is then checked anew. */
  readonly lifetimeMs: number;
  readonly perUserMax: number;
};

const heartbeatMsDefault = 15 * secondMs;
const text = new TextEncoder();

export function createFollowers(deps: FollowDeps) {
  const { clock, heartbeatMs = heartbeatMsDefault } = deps;
  const open = new Map<UserId, number>();
  const closers = new Set<() => void>();
  let isShut = false;

  /**
   * @param read the order as its follower sees it, without the moment of reading
   * @returns null when the account follows too many orders already
   */
  function follow(
    userId: UserId,
    read: () => Promise<{ readonly json: string; readonly sameness: string }>,
    subscribe: (heard: () => void) => () => void,
  ): ReadableStream<Uint8Array> | null {
    const count = open.get(userId) ?? 0;
    if (count >= deps.perUserMax) return null;
    open.set(userId, count + 1);

    let closed = false;
    let sent = "";
    let isReloading = false;
    let reloadAgain = false;
    let stopHearing = () => {};
    let stopBeating = () => {};
    let stopLiving = () => {};
    let controller: ReadableStreamDefaultController<Uint8Array>;

    async function reloadOrder() {
      reloadAgain = true;
      if (isReloading) return;
      isReloading = true;
      do {
        reloadAgain = false;
        const { json, sameness } = await read().catch(() => ({ json: "", sameness: sent }));
        if (closed) return;
        if (sameness === sent) continue;
        sent = sameness;
        send(`event: order\ndata: ${json}\n\n`);
      } while (reloadAgain);
      isReloading = false;
    }

    function beat() {
      send(": still here\n\n");
      if (closed) return;
      void reloadOrder();
      stopBeating = clock.after(heartbeatMs, beat);
    }

    /** A connection that broke is found out here at the latest, in a timer, where a throw would end the process. */
    function send(lines: string) {
      try {
        controller.enqueue(text.encode(lines));
      } catch {
        close();
      }
    }

    function close() {
      if (closed) return;
      closed = true;
      stopHearing();
      stopBeating();
      stopLiving();
      closers.delete(close);
      const left = (open.get(userId) ?? 1) - 1;
      if (left > 0) open.set(userId, left);
      else open.delete(userId);
      try {
        controller.close();
      } catch {
        // The other side closed first.
      }
    }

    return new ReadableStream<Uint8Array>({
      start(own) {
        controller = own;
        closers.add(close);
        send("retry: 2000\n\n");
        // Sent away to come back: by then another process serves here.
        if (isShut) return close();
        stopHearing = subscribe(() => void reloadOrder());
        stopBeating = clock.after(heartbeatMs, beat);
        stopLiving = clock.after(deps.lifetimeMs, close);
        void reloadOrder();
      },
      cancel: close,
    });
  }

  return {
    follow,
    openCount: () => closers.size,
    /** Ends every stream, and those that are asked for from now on at once: a house that closes waits for nobody. */
    closeAll() {
      isShut = true;
      for (const close of closers) close();
    },
  };
}
