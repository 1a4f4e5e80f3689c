/** The street's door before a role, each on a real socket: what passes through, what does not, and what happens when a role is away. */
import { afterEach, describe, expect, test } from "bun:test";
import { type Problem, route } from "@chepiao/contracts";
import Type from "typebox";
import { insideOnly } from "../bus/inside.ts";
import { nobody, observeLines, secret } from "../bus/role.suite.ts";
import { auditAnswers } from "../http/answers.suite.ts";
import { noteRoutes, serveSample } from "../http/sample.suite.ts";
import { type HttpOptions, serveHttp } from "../http/serve.ts";
import { createGateway, type GatewayDeps } from "./gateway.ts";

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

function gatewayTo(
  addresses: readonly string[],
  over: Partial<GatewayDeps> = {},
  http: Partial<HttpOptions> = {},
  routes: GatewayDeps["roles"][number]["routes"] = [noteRoutes],
) {
  const { observe, entries } = observeLines("info");
  const roles = [{ role: "note", addresses, routes, pages: ["/pages/*"] as const }];
  const server = serveHttp({
    port: 0,
    hostname: "127.0.0.1",
    rooms: [],
    authenticate: () => null,
    observe,
    ready: () => [],
    doors: createGateway({ roles, secret, observe, trustProxy: false, ...over }),
    described: routes,
    ...http,
  });
  opened.push(() => server.stop());
  return { url: server.url, entries, server };
}

/** A role as it stands behind a gateway. */
function role() {
  const sample = serveSample({ around: insideOnly(secret), trustProxy: true });
  opened.push(() => sample.server.stop());
  return sample;
}

/** A role that does as it is told, and the requests it got. */
function puppet(answer: (request: Request, asked: number) => Response | Promise<Response>) {
  const requests: Request[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    idleTimeout: 30,
    fetch: (request) => answer(request, requests.push(request)),
  });
  opened.push(() => server.stop(true));
  return { url: `http://127.0.0.1:${server.port}`, requests };
}
const hang = () => new Promise<Response>(() => {});
const tokenOf = (who: string) => (who === "admin" ? null : who);
const post = (url: string, init: RequestInit = {}) =>
  fetch(`${url}/api/note`, {
    method: "POST",
    ...init,
    headers: {
      authorization: "Bearer passenger",
      "content-type": "application/json",
      "idempotency-key": "k",
      ...(init.headers as Record<string, string>),
    },
  });

test("every answer and refusal of a role is the same through the gateway", async () => {
  const { server, state } = role();
  const { url } = gatewayTo([server.url]);
  expect(await auditAnswers({ url, rooms: [{ routes: noteRoutes }], token: tokenOf })).toEqual([]);
  expect(state.changes).toBe(0);
});

test("a role's own door is shut to whoever does not come from inside, and no path of the street leads to calls between rooms", async () => {
  const { server } = role();
  const { url } = gatewayTo([server.url]);
  expect((await fetch(`${server.url}/api/note/5`)).status).toBe(403);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/api/note/5`, { headers: { "x-chepiao-inside": "guessed" } })).status).toBe(200);
  for (const path of ["/internal/echo/once", "/api/../internal/echo/once", "//internal/echo/once"])
    expect((await fetch(url + path, { method: "POST", body: "{}" })).status).toBe(404);
});

describe("what passes through", () => {
  const echo = (request: Request) => Response.json({ url: request.url, headers: request.headers });
  type Echo = { readonly url: string; readonly headers: Record<string, string> };
  const seenBy = async (url: string, headers: Record<string, string> = {}, path = "/api/note/5"): Promise<Echo> =>
    (await (await fetch(url + path, { headers })).json()) as Echo;

  test("path and query arrive as they were sent", async () => {
    const { url } = gatewayTo([puppet(echo).url]);
    for (const target of ["/api/note/named/%E5%8A%A8%2F1?q=a%20b+c&q=%ff", "/pages/a//b;c?%zz", "/api/note?"]) {
      const { url: seen } = await seenBy(url, {}, target);
      expect(seen.slice(seen.indexOf("/", 8))).toBe(target);
    }
  });
  test("the caller's host is kept, and his address is the one the gateway saw", async () => {
    const { url } = gatewayTo([puppet(echo).url]);
    const { headers } = await seenBy(url, {
      host: "tickets.example:8443",
      "x-forwarded-for": "6.6.6.6",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "evil.example",
      forwarded: "for=6.6.6.6",
      "x-real-ip": "6.6.6.6",
    });
    expect(headers).toMatchObject({
      host: "tickets.example:8443",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
    });
    for (const name of ["x-forwarded-host", "forwarded", "x-real-ip"]) expect(headers[name]).toBe(undefined as never);
  });
  test("behind a proxy that is believed, the address and scheme are those the proxy tells", async () => {
    const { url } = gatewayTo([puppet(echo).url], { trustProxy: true });
    const { headers } = await seenBy(url, { "x-forwarded-for": "6.6.6.6, 9.9.9.9", "x-forwarded-proto": "https" });
    expect(headers).toMatchObject({ "x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "https" });
  });
  test("a trace goes on one step further, and a request has a number that comes back with its answer", async () => {
    const { url } = gatewayTo([puppet(echo).url]);
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const { headers } = await seenBy(url, {
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      "x-request-id": "order-77",
    });
    expect(headers["traceparent"]).toMatch(new RegExp(`^00-${traceId}-(?!b7ad6b7169203331)[\\da-f]{16}-01$`));
    expect(headers["x-request-id"]).toBe("order-77");

    const answer = await fetch(`${url}/api/note/5`, { headers: { "x-request-id": "not one\tof ours" } });
    const made = ((await answer.json()) as Echo).headers;
    expect(made["traceparent"]!.slice(3, 35)).toBe(made["x-request-id"]!);
    expect(answer.headers.get("x-request-id")).toBe(made["x-request-id"]!);
    expect(answer.headers.get("x-chepiao-inside")).toBe(null);
  });
  test("an answer comes back as it is: status, cookies, redirects, and packed as it was", async () => {
    const text = "车票".repeat(1_000);
    const packed = Bun.gzipSync(text);
    const { url } = gatewayTo([
      puppet(({ url: asked }) => {
        if (asked.endsWith("/1")) {
          const cookies: [string, string][] = [
            ["set-cookie", "a=1; Path=/"],
            ["set-cookie", "b=2; HttpOnly"],
          ];
          return new Response(null, { status: 303, headers: [["location", "/orders"], ...cookies] });
        }
        return new Response(packed, { headers: { "content-encoding": "gzip", "content-type": "text/plain" } });
      }).url,
    ]);
    const moved = await fetch(`${url}/api/note/1`, { redirect: "manual" });
    expect([moved.status, moved.headers.get("location")]).toEqual([303, "/orders"]);
    expect(moved.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; HttpOnly"]);
    const raw = await fetch(`${url}/api/note/2`, { decompress: false });
    expect(raw.headers.get("content-encoding")).toBe("gzip");
    expect(Buffer.from(await raw.arrayBuffer())).toEqual(Buffer.from(packed));
    expect(await (await fetch(`${url}/api/note/2`)).text()).toBe(text);
  });
  test("HEAD is answered as the role does, with the length of what GET would give", async () => {
    const { server } = role();
    const { url } = gatewayTo([server.url]);
    const [head, get] = [await fetch(`${url}/api/note/5`, { method: "HEAD" }), await fetch(`${url}/api/note/5`)];
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("content-length")).toBe(String((await get.bytes()).length));
  });
  test("a body arrives whole, whether its length was said or not", async () => {
    const { server } = role();
    const { url } = gatewayTo([server.url]);
    const text = JSON.stringify({ text: "车".repeat(10_000) });
    expect((await post(url, { body: text })).status).toBe(202);
    expect((await post(url, { body: new Response(text).body!.pipeThrough(new TransformStream()) })).status).toBe(202);
    const endless = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(10_000)) });
    expect(((await (await post(url, { body: endless })).json()) as Problem).code).toBe("BodyTooLarge");
  });
  test("events come as they happen, and the role hears when their reader leaves", async () => {
    const { server, state } = role();
    const { url, entries } = gatewayTo([server.url]);
    const leaving = new AbortController();
    const response = await fetch(`${url}/api/note/5/events`, { signal: leaving.signal });
    const { value } = await response.body!.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("event: note\ndata: {}\n\n");
    leaving.abort();
    for (let look = 0; look < 200 && state.streamsEnded === 0; look++) await Bun.sleep(5);
    expect(state.streamsEnded).toBe(1);
    // That somebody leaves is no failure.
    expect(entries()).toEqual([]);
  });
});

describe("a role that is away", () => {
  const patience = { callsMin: 3, callsSeen: 6, aloneFirstMs: 200, aloneLastMs: 400 };

  test("is a problem document in the caller's language, with the time after which to try again", async () => {
    const { url } = gatewayTo([await nobody()]);
    for (const [language, title] of [
      ["en", "This service is away"],
      ["zh", "该服务暂时不可用"],
    ]) {
      const answer = await fetch(`${url}/api/note/5`, { headers: { "accept-language": language! } });
      expect(answer.status).toBe(503);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(answer.headers.get("x-request-id")).toMatch(/^[\da-f]{32}$/);
      const problem = (await answer.json()) as Problem;
      expect(problem).toMatchObject({ code: "ServiceUnavailable", retry: "later", status: 503 });
      expect(problem.title).toStartWith(title!);
      expect(JSON.stringify(problem)).not.toContain("127.0.0.1");
    }
  });
  test("does not touch the others", async () => {
    const { server } = role();
    const other = {
      other: route({ ...noteRoutes.get, path: "/api/other/:noteId", params: Type.Object({ noteId: Type.String() }) }),
    };
    const { url } = gatewayTo([], {
      patience,
      roles: [
        { role: "other", addresses: [await nobody()], routes: [other] },
        { role: "note", addresses: [server.url], routes: [noteRoutes] },
      ],
    });
    for (let n = 0; n < 5; n++) expect((await fetch(`${url}/api/other/1`)).status).toBe(503);
    expect((await fetch(`${url}/api/note/5`)).status).toBe(200);
  });
  test("in one of its copies, is not noticed: the others answer, also what may not be done twice", async () => {
    const { server } = role();
    const { url } = gatewayTo([await nobody(), server.url]);
    for (let n = 0; n < 4; n++) {
      expect((await fetch(`${url}/api/note/5`)).status).toBe(200);
      const forgotten = await fetch(`${url}/api/note/5`, {
        method: "DELETE",
        headers: { authorization: "Bearer operator" },
      });
      expect(forgotten.status).toBe(204);
    }
  });
  test("in the middle of a request: what may be repeated is, and what may not is not", async () => {
    const cut = cutting();
    const { method, path, ...rest } = noteRoutes.get;
    const press = route({ ...rest, method: "POST", path: "/api/press" });
    const { url } = gatewayTo([cut.url], {}, {}, [noteRoutes, { press }]);
    const keyed = await post(url, { body: "{}" });
    expect([keyed.status, cut.asked()]).toEqual([204, 2]);
    const plain = await fetch(`${url}/api/press`, { method: "POST", body: "{}" });
    expect([plain.status, cut.asked()]).toEqual([503, 3]);
    const read = await fetch(url + path.replace(":noteId", "5"), { method });
    expect([read.status, cut.asked()]).toEqual([204, 4]);
  });
  test("because it hangs, is given up in time, and asked no more until it answers", async () => {
    let isWell = false;
    const stuck = puppet(() => (isWell ? Response.json({}) : hang()));
    const { url, entries } = gatewayTo([stuck.url], { patience, patienceMs: 50 });
    const ask = async () => (await fetch(`${url}/api/note/5`, { method: "DELETE" })).status;
    for (let n = 0; n < 3; n++) expect(await ask()).toBe(503);
    expect(entries().filter(({ message }) => message === "note took too long").length).toBe(3);
    expect(await Promise.all(Array.from({ length: 20 }, ask))).toEqual(Array.from({ length: 20 }, () => 503));
    expect(stuck.requests.length).toBe(3);
    isWell = true;
    await Bun.sleep(220);
    expect(await ask()).toBe(200);
    const breaker = entries().filter(({ action }) => action === "breaker");
    expect(breaker.map(({ level }) => level)).toEqual(["WARN", "INFO"]);
  });
  test("is given up when the caller is: nobody reads the answer", async () => {
    let left = false;
    const stuck = puppet((request) => {
      request.signal.addEventListener("abort", () => (left = true));
      return hang();
    });
    const { url } = gatewayTo([stuck.url]);
    await fetch(`${url}/api/note/5`, { signal: AbortSignal.timeout(50) }).catch(() => {});
    for (let look = 0; look < 200 && !left; look++) await Bun.sleep(5);
    expect(left).toBe(true);
  });
});

/** A role that hangs up on every other request before it answers. */
function cutting() {
  let asked = 0;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data: (socket) => void (++asked % 2 === 1 ? socket.end() : socket.end("HTTP/1.1 204 No Content\r\n\r\n")),
    },
  });
  opened.push(async () => server.stop(true));
  return { url: `http://127.0.0.1:${server.port}`, asked: () => asked };
}

test("a gateway that is stopped lets what it has begun end, and ends its event streams", async () => {
  const { server } = role();
  const slow = puppet(async () => {
    await Bun.sleep(150);
    return Response.json({ slow: true });
  });
  const other = { slow: route({ ...noteRoutes.get, path: "/api/slow/:noteId" }) };
  const { url, server: gateway } = gatewayTo([], {
    roles: [
      { role: "slow", addresses: [slow.url], routes: [other] },
      { role: "note", addresses: [server.url], routes: [noteRoutes] },
    ],
  });
  const stream = await fetch(`${url}/api/note/5/events`);
  const reader = stream.body!.getReader();
  await reader.read();
  const begun = fetch(`${url}/api/slow/1`);
  await Bun.sleep(50);
  const stopped = gateway.stop();
  expect(await (await begun).json()).toEqual({ slow: true });
  expect((await reader.read()).done).toBe(true);
  await stopped;
});
