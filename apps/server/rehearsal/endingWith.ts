/** What is made for a rehearsal is taken away again, however this process ends. */
import { constants } from "node:os";

type Ending = {
  /** What is deferred here is done at the end, the last first. */
  readonly cleanUp: AsyncDisposableStack;
  readonly isEnding: () => boolean;
  readonly end: () => Promise<void>;
};

/** Whatever `make` fails with, or whichever signal comes meanwhile or later, has what was made until then taken away. */
export async function endingWith<T>(make: (ending: Ending) => Promise<T>): Promise<T> {
  const cleanUp = new AsyncDisposableStack();
  let ending: Promise<void> | null = null;
  // A signal and an error that it brings about may both end it, and each has to wait until it is gone.
  const end = () => (ending ??= cleanUp.disposeAsync());
  try {
    cleanUp.use(endingOnSignal(end));
    return await make({ cleanUp, isEnding: () => ending !== null, end });
  } catch (error) {
    await end();
    throw error;
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function endingOnSignal(end: () => Promise<void>): Disposable {
  const heard = async (signal: (typeof signals)[number]) => {
    try {
      await end();
    } finally {
      process.exit(128 + constants.signals[signal]);
    }
  };
  for (const signal of signals) process.on(signal, heard);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, heard);
    },
  };
}
