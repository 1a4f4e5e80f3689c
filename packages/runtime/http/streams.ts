/** Open answers: server-sent events and other streams. They are kept open while quiet and ended in good order when we stop. */

/**
 * Keeps an answer open that goes on for long, and ends it in good order when the server stops. `mayGoOn` is asked before each piece:
 * a user who has logged out, was logged out or disabled is told nothing more.
 */
export type Streamed = (request: Request, response: Response, mayGoOn?: () => Promise<boolean>) => Response;

export type Streams = {
  readonly count: number;
  /** Passes a stream on, watching for its end. `left` is aborted once its reader has gone: then it breaks, and nothing is wrong. */
  hold(response: Response, left: AbortSignal, mayGoOn?: () => Promise<boolean>): Response;
  /** Ends every stream as if its source had: a browser then connects again, elsewhere. */
  endAll(): void;
};

export function createStreams(onError: (error: unknown) => void): Streams {
  const ends = new Set<() => void>();
  return {
    get count() {
      return ends.size;
    },
    hold(response, left, mayGoOn) {
      if (!response.body) return response;
      const broke = (error: unknown) => {
        if (!left.aborted) onError(error);
      };
      const reader = response.body.getReader();
      let end = () => {};
      const leave = () => ends.delete(end);
      const stop = () => void reader.cancel().catch(broke);
      const body = new ReadableStream({
        start(controller) {
          end = () => {
            leave();
            controller.close();
            stop();
          };
          ends.add(end);
        },
        async pull(controller) {
          try {
            const { done, value } = await reader.read();
            // Who cannot be asked about is told nothing either; a browser then comes back and is answered in full.
            const goesOn = done || !mayGoOn || (await mayGoOn().catch(() => false));
            if (!ends.has(end)) return;
            if (!goesOn) return end();
            if (done) {
              leave();
              controller.close();
            } else controller.enqueue(value);
          } catch (error) {
            if (!ends.has(end)) return;
            leave();
            broke(error);
            controller.error(error);
          }
        },
        cancel() {
          leave();
          stop();
        },
      });
      return new Response(body, { status: response.status, headers: response.headers });
    },
    endAll() {
      for (const end of ends) end();
    },
  };
}
