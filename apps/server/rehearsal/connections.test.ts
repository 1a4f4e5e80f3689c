/** Connections that a crowd shares: every request has one answer, however it comes, and one that breaks is told. */
import { afterAll, expect, test } from "bun:test";
import { createConnections, type Heard, readAnswer } from "./connections.ts";

const cleanUp = new DisposableStack();
afterAll(() => cleanUp.dispose());

test("an answer is read once it is whole, with a length or in chunks", () => {
  const answers: readonly (readonly [string, Heard])[] = [
    ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n票", { status: 200, body: "票" }],
    ["HTTP/1.1 204 No Content\r\ndate: now\r\n\r\n", { status: 204, body: "" }],
    [
      "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
      { status: 202, body: "abc0123456789" },
    ],
  ];
  for (const [text, heard] of answers) {
    const bytes = Buffer.from(text.replace("Length: 4", "Length: 3"));
    const whole = [...bytes.keys()].map((n) => readAnswer(bytes.subarray(0, n))).filter((each) => each !== null);
    // What has neither length nor chunks ends with its head.
    expect(whole).toEqual([]);
    expect(readAnswer(bytes)).toEqual(heard);
  }
});

test("more requests than connections are all answered, each with its own", async () => {
  const server = Bun.serve({ port: 0, fetch: (request) => new Response(new URL(request.url).pathname) });
  cleanUp.defer(() => void server.stop(true));
  const connections = cleanUp.use(createConnections(new URL(server.url), 3));
  const paths = Array.from({ length: 50 }, (_, n) => `/${n}`);
  const heard = await Promise.all(
    paths.map(
      (path) =>
        new Promise<Heard>((resolve) => connections.send(`GET ${path} HTTP/1.1\r\nhost: here\r\n\r\n`, resolve)),
    ),
  );
  expect(heard).toEqual(paths.map((body) => ({ status: 200, body })));
  expect(connections.open()).toBe(0);
});

test("a connection that breaks, or that nobody takes, is told, and the next request goes on", async () => {
  let isFirst = true;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        if (isFirst) socket.terminate();
        else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        isFirst = false;
      },
    },
  });
  const connections = cleanUp.use(createConnections(new URL(`http://127.0.0.1:${server.port}`), 1));
  const ask = () => new Promise<Heard>((resolve) => connections.send("GET / HTTP/1.1\r\nhost: here\r\n\r\n", resolve));
  expect([await ask(), await ask()]).toEqual([
    { status: 0, body: "" },
    { status: 200, body: "ok" },
  ]);
  server.stop(true);
  expect((await ask()).status).toBe(0);
});
