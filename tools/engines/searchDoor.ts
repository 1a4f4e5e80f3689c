/** `searchDoor.ts URL PORT`: takes requests over TLS, with a name and password, and passes them on to Elasticsearch. */
const [behind, port] = process.argv.slice(2);
const { DOOR_CERT: cert, DOOR_KEY: key, DOOR_ACCOUNT: account } = process.env;
const wanted = `Basic ${btoa(account!)}`;

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  tls: { cert: Bun.file(cert!), key: Bun.file(key!) },
  idleTimeout: 60,
  async fetch(request) {
    if (request.headers.get("authorization") !== wanted)
      return Response.json(
        { error: { type: "security_exception", reason: "missing authentication" }, status: 401 },
        { status: 401 },
      );
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.delete("authorization");
    headers.delete("host");
    const body = request.method === "GET" || request.method === "HEAD" ? null : await request.bytes();
    return fetch(behind + pathname + search, { method: request.method, headers, body, decompress: false });
  },
});
