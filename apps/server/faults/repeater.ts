/** Stands where a provider sends its notices, and hands it on as often as one likes: a message that is delivered more than once. */
export type Repeater = AsyncDisposable & {
  readonly url: string;
  /** How often each request is handed on; the sender hears the last answer. */
  times: number;
};

export function openRepeater(to: string): Repeater {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      const body = await request.arrayBuffer();
      const handOn = () => fetch(to + pathname + search, { method, headers, body, redirect: "manual" });
      for (let n = 1; n < repeater.times; n++) await handOn().then((answer) => answer.body?.cancel());
      return handOn();
    },
    // As a proxy answers for a server that cannot be reached.
    error: () => new Response(null, { status: 502 }),
  });
  const repeater: Repeater = {
    url: `http://127.0.0.1:${server.port}`,
    times: 1,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
  return repeater;
}
