/** Work on many things with a bound on how many at a time. */

/** In no order. Throws what the first of them threw, once nobody is at work any more; what comes after those is not begun then. */
export async function someAtATime<T>(
  all: readonly T[],
  atATime: number,
  work: (one: T, n: number) => Promise<void>,
): Promise<void> {
  for (let next = 0; next < all.length; next += atATime) {
    const works = all.slice(next, next + atATime).map((one, n) => work(one, next + n));
    const failed = (await Promise.allSettled(works)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }
}
