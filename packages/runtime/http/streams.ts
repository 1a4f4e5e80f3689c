/** Open answers: server-sent events and other streams. They are kept open while quiet and ended in good order when we stop. */

/** Keeps an answer open that goes on for long, and ends it in good order when the server stops. */
export type Streamed = (request: Request, response: Response) => Response;

export type Streams = {
  readonly count: number;
  /** Passes a stream on, watching for its end. */
  hold(response: Response): Response;
  /** Ends every stream as if its source had: a browser then connects again, elsewhere. */
  endAll(): void;
};

export function createStreams(onError: (error: unknown) => void): Streams {
  const ends = new Set<() => void>();
  return {
    get count() {
      return ends.size;
    },
    hold(response) {
      if (!response.body) return response;
      const reader = response.body.getReader();
      let end = () => {};
      const leave = () => ends.delete(end);
      const stop = () => void reader.cancel().catch(onError);
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
            if (!ends.has(end)) return;
            if (done) {
              leave();
              controller.close();
            } else controller.enqueue(value);
          } catch (error) {
            if (!ends.has(end)) return;
            leave();
            onError(error);
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
