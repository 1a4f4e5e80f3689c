/** Asking again until something works, with a limit and the last reason. */
const limitMs = 90_000;
const pauseMs = 100;

/** `stillWorth` ends the wait early when there is nobody left who could answer. */
export async function until<T>(attempt: () => Promise<T>, stillWorth: () => boolean = () => true): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!stillWorth() || performance.now() > endMs) throw error;
      await Bun.sleep(pauseMs);
    }
  }
}
