/** Work that is done again and again: one pass at a time, soon after a kick, otherwise after a pause. */
import type { Clock } from "@chepiao/ports/clock";

export type Loop = {
  start(): void;
  /** There may be something to do right now. */
  kick(): void;
  /** Resolves once the pass under way has ended. */
  stop(): Promise<void>;
};

/** `pass` says whether more is waiting; what it throws is told and tried again after the pause. */
export function createLoop(
  clock: Clock,
  pauseMs: number,
  pass: () => Promise<boolean>,
  failed: (error: unknown) => void,
): Loop {
  let running = false;
  let kicked = false;
  let busy = false;
  let current = Promise.resolve();
  let cancel: () => void = () => {};

  const onePass = async () => {
    let more = false;
    try {
      more = await pass();
    } catch (error) {
      failed(error);
    }
    busy = false;
    if (running) cancel = clock.after(more || kicked ? 0 : pauseMs, turn);
  };
  function turn() {
    if (!running || busy) return;
    cancel();
    busy = true;
    kicked = false;
    current = onePass();
  }
  return {
    start() {
      running = true;
      turn();
    },
    kick() {
      kicked = true;
      turn();
    },
    async stop() {
      running = false;
      cancel();
      await current;
    },
  };
}
