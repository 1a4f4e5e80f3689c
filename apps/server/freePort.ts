/** For processes that have to know of each other before they start. */
const given = new Set<number>();

/** A port that was free a moment ago, and below those that the system gives to outgoing connections. */
export function freePort(): number {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (given.has(port)) continue;
    given.add(port);
    try {
      Bun.listen({ hostname: "0.0.0.0", port, socket: { data() {} } }).stop(true);
      return port;
    } catch {
      // Another process has it: another one.
    }
  }
}
