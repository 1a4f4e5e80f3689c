/** Waiting for something that may take a while or never come. */

/** A JVM on a busy machine of two cores; half of it is never needed on an idle one. */
const limitMs = 120_000;
const pauseMs = 100;

/** Tries again until it works; gives up at the limit, or when nobody is left who could answer, with the last reason. */
export async function until<T>(attempt: () => Promise<T>, isWorthIt: () => boolean = () => true): Promise<T> {
  const giveUpMs = performance.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWorthIt() || performance.now() > giveUpMs) throw error;
      await Bun.sleep(pauseMs);
    }
  }
}

export async function within<T>(ms: number, who: string, work: Promise<T>): Promise<T> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${who} did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
