/** The public listener before a role, each on a real socket: what passes through, what does not, and what happens when a role is away. */
import { afterEach, describe, expect, test } from "bun:test";
import { type Problem, route } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import Type from "typebox";
import { insideOnly } from "../bus/inside.ts";
import { guardOf, nobody, observeLines, secret, signerWith } from "../bus/role.suite.ts";
import { auditAnswers } from "../http/answers.suite.ts";
import { expectMisaddressed, speak, withoutAddress } from "../http/raw.suite.ts";
import { noteRoutes, serveSample, sessions } from "../http/sample.suite.ts";
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
    extraRoutes: createGateway({ roles, signerOf: () => signerWith(), observe, trustProxy: false, ...over }),
    described: routes,
    ...http,
  });
  opened.push(() => server.stop());
  return { url: server.url, entries, server };
}

/** A role as it stands behind a gateway. */
function role() {
  const sample = serveSample({ around: insideOnly(guardOf({ withHeaders: true })), trustProxy: true });
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
const tokenOf = (who: string) => (Object.hasOwn(sessions, who) ? who : null);
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

test("a role's own door is shut to whoever does not come from inside, and no path of the public leads to calls between rooms", async () => {
  const { server } = role();
  const { url } = gatewayTo([server.url]);
  expect((await fetch(`${server.url}/api/note/5`)).status).toBe(403);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/api/note/5`, { headers: { "x-chepiao-inside": "guessed" } })).status).toBe(200);
  for (const path of ["/internal/echo/once", "/api/../internal/echo/once", "//internal/echo/once"])
    expect((await fetch(url + path, { method: "POST", body: "{}" })).status).toBe(404);
});

describe("of what is written by hand, nothing comes to a role but what its routes take", () => {
  const hidden = "/internal/echo/once";
  const written = (target: string, more = "", host = "a") =>
    `POST ${target} HTTP/1.1\r\nHost: ${host}\r\n${more}content-length: 2\r\n\r\n{}`;
  function before() {
    const heard: { readonly target: string; readonly headers: Headers }[] = [];
    const asked = puppet(({ url, headers }) => {
      heard.push({ target: url.slice(url.indexOf("/", 8)), headers: new Headers(headers) });
      return Response.json({});
    });
    const { server, entries } = gatewayTo([asked.url]);
    return { say: (said: string) => speak(server.port, said), heard, entries };
  }

  test.each(withoutAddress)("%s is refused", async (_, said) => {
    const { say, heard, entries } = before();
    for (const target of [`/api/note?x=${hidden}`, `/pages/../../..${hidden}`, `/pages/a?${hidden}`])
      expectMisaddressed(await say(said(target)));
    expect(heard).toEqual([]);
    expect(entries()).toEqual([]);
  });
  test.each([
    `/pages/..${hidden}`,
    `/pages/../..${hidden}`,
    `/pages/a/../..${hidden}`,
    `/pages/%2e%2e${hidden}`,
    `/pages/.%2E/%2e.${hidden}`,
    String.raw`/pages/..\..\internal\echo\once`,
    String.raw`/pages\..\internal/echo/once`,
    String.raw`/pages/..\internal/echo/once`,
    `http://a/pages/..${hidden}`,
    `http://a/pages/%2e%2e${hidden}`,
    `/pages/./..//..${hidden}`,
  ])("the path %p is refused", async (target) => {
    const { say, heard } = before();
    const { status, body } = await say(written(target));
    expect([status, (JSON.parse(body) as Problem).code]).toEqual([404, "NotFound"]);
    expect(heard).toEqual([]);
  });
  test("a path whose dots lead to another route of the same role is not that route", async () => {
    const { say, heard } = before();
    expect((await say("GET /api/note/.. HTTP/1.1\r\nHost: a\r\n\r\n")).status).toBe(404);
    expect((await say("GET /api/note/5/../6/events HTTP/1.1\r\nHost: a\r\n\r\n")).status).toBe(405);
    expect(heard).toEqual([]);
  });
  test("a slash or backslash that is encoded is no separator and goes on as it came", async () => {
    const { say, heard } = before();
    const targets = ["/pages/..%2f..%2finternal%2fecho%2fonce", "/pages/..%5c..%5cinternal", `/pages/a?..${hidden}`];
    for (const target of targets) expect((await say(written(target))).status).toBe(200);
    expect(heard.map(({ target }) => target)).toEqual(targets);
  });
  test("an absolute target is the path that it names, asked of the Host", async () => {
    const { say, heard } = before();
    expect((await say(written("http://other.example/api/note?a=1", "", "tickets.example"))).status).toBe(200);
    expect(heard.map(({ target, headers }) => [target, headers.get("host")])).toEqual([
      ["/api/note?a=1", "tickets.example"],
    ]);
  });
  test.each([
    ["two lengths", "content-length: 3\r\n"],
    ["a length and chunks", "transfer-encoding: chunked\r\n"],
  ])("a body of %s is refused", async (_, more) => {
    const { say, heard } = before();
    expect((await say(written("/api/note", more))).status).toBe(400);
    expect(heard).toEqual([]);
  });
  test("fields that Connection names are not passed on, and those that we set cannot be named away", async () => {
    const { say, heard } = before();
    const own = "x-chepiao-inside, X-Forwarded-For, x-forwarded-proto, x-request-id, traceparent, host";
    const fields = `Connection: close, ${own}, X-Mine,b d\r\nConnection: keep-alive, x-more\r\nx-mine: 1\r\nx-more: 2\r\nx-kept: 3\r\n`;
    expect((await say(written("/api/note", `${fields}x-forwarded-for: 6.6.6.6\r\n`, "tickets.example"))).status).toBe(
      200,
    );
    const { headers } = heard[0]!;
    expect([headers.get("x-mine"), headers.get("x-more"), headers.get("x-kept")]).toEqual([null, null, "3"]);
    expect(headers.get("x-chepiao-inside")).toMatch(/^v1;tests calls echo;/);
    expect(JSON.stringify([...headers])).not.toContain(secret);
    expect(headers.get("x-forwarded-for")).toBe("127.0.0.1");
    expect(headers.get("x-forwarded-proto")).toBe("http");
    expect(headers.get("host")).toBe("tickets.example");
    expect(headers.get("connection") ?? "").not.toContain("x-");
    expect(headers.get("traceparent")).toMatch(/^00-/);
  });
});

describe("what passes through", () => {
  test("that an answer is as before, with its tag and no body", async () => {
    const { server } = role();
    const { url } = gatewayTo([server.url]);
    const first = await fetch(`${url}/api/note/named/abc`);
    const headers = { "if-none-match": first.headers.get("etag")! };
    const again = await fetch(`${url}/api/note/named/abc`, { headers });
    expect([first.status, again.status, again.headers.get("etag"), await again.text()]).toEqual([
      200,
      304,
      'W/"3"',
      "",
    ]);
  });
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
  test("fields that a role names in Connection stay between the two", async () => {
    const { url } = gatewayTo([
      puppet(() => new Response("{}", { headers: { connection: "x-mine", "x-mine": "1", "x-kept": "2" } })).url,
    ]);
    const { headers } = await fetch(`${url}/api/note/5`);
    expect([headers.get("x-mine"), headers.get("x-kept")]).toEqual([null, "2"]);
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
  test("what is raw arrives byte for byte under its own type, and so does its answer", async () => {
    const { server } = role();
    const { url } = gatewayTo([server.url]);
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const type = "application/x-www-form-urlencoded; charset=gbk";
    const stream = new Response(bytes).body!.pipeThrough(new TransformStream());
    for (const body of [bytes, stream]) {
      const answer = await fetch(`${url}/api/note/copy`, { method: "POST", body, headers: { "content-type": type } });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
      expect(await answer.bytes()).toEqual(bytes);
    }
  });
  test("events come as they happen, and the role hears when their reader leaves", async () => {
    const { server, state } = role();
    const { url, entries } = gatewayTo([server.url]);
    const leaving = new AbortController();
    const response = await fetch(`${url}/api/note/5/events`, { signal: leaving.signal });
    const { value } = await response.body!.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("event: note\ndata: {}\n\n");
    leaving.abort();
    for (let poll = 0; poll < 200 && state.streamsEnded === 0; poll++) await Bun.sleep(5);
    expect(state.streamsEnded).toBe(1);
    // That somebody leaves is no failure.
    expect(entries()).toEqual([]);
  });
});

describe("what a gateway signs", () => {
  const roleWith = (over: Parameters<typeof guardOf>[0]) => {
    const sample = serveSample({ around: insideOnly(guardOf({ withHeaders: true, ...over })), trustProxy: true });
    opened.push(() => sample.server.stop());
    return sample;
  };

  test("is refused by a clock that is far from its own: passengers hear that the service is away, operators why", async () => {
    const { server, state } = roleWith({ clock: { now: () => epochMs(Date.now() + 95_000) } });
    const { url, entries } = gatewayTo([server.url]);
    const answer = await fetch(`${url}/api/note/5`);
    expect([answer.status, ((await answer.json()) as Problem).code]).toEqual([503, "ServiceUnavailable"]);
    expect(answer.headers.get("x-chepiao-refused")).toBe(null);
    expect((await post(url, { body: JSON.stringify({ text: "a" }) })).status).toBe(503);
    expect(state.changes).toBe(0);
    const [first] = entries().filter(({ action }) => action === "forward");
    expect(first).toMatchObject({
      level: "WARN",
      message: expect.stringContaining("note has a clock 95 s ahead of ours"),
    });
  });
  test("is signed anew each time, opens nothing a second time, and nothing else than was meant", async () => {
    const { server } = role();
    const heard: { readonly headers: Headers; readonly text: string }[] = [];
    const between = puppet(async (request) => {
      heard.push({ headers: new Headers(request.headers), text: await request.text() });
      return Response.json({});
    });
    const { url } = gatewayTo([between.url]);
    await post(url, { body: JSON.stringify({ text: "a" }) });
    await post(url, { body: JSON.stringify({ text: "a" }) });
    const shown = between.requests.map(({ headers }) => headers.get("x-chepiao-inside"));
    expect(new Set(shown).size).toBe(2);
    const target = `${server.url}/api/note`;
    type Heard = (typeof heard)[number];
    const replay = async (of: Heard, change: Record<string, string> = {}, body = of.text) => {
      const headers = new Headers(of.headers);
      for (const [name, value] of Object.entries(change)) headers.set(name, value);
      return (await fetch(target, { method: "POST", headers, body })).status;
    };
    const [first, second] = heard as [Heard, Heard];
    expect(await replay(first, { authorization: "Bearer operator" })).toBe(403);
    expect(await replay(first, { "x-forwarded-for": "6.6.6.6" })).toBe(403);
    expect(await replay(first, {}, JSON.stringify({ text: "b" }))).toBe(403);
    expect([await replay(second), await replay(second)]).toEqual([202, 403]);
  });
});

describe("a role that is away", () => {
  const breakerSettings = { callsMin: 3, callsSeen: 6, openFirstMs: 200, openLastMs: 400 };

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
      breakerSettings,
      roles: [
        { role: "other", addresses: [await nobody()], routes: [other] },
        { role: "note", addresses: [server.url], routes: [noteRoutes] },
      ],
    });
    for (let n = 0; n < 5; n++) expect((await fetch(`${url}/api/other/1`)).status).toBe(503);
    expect((await fetch(`${url}/api/note/5`)).status).toBe(200);
  });
  test("in one of its replicas, is not noticed: the others answer, also what may not be done twice", async () => {
    const { server } = role();
    const { url } = gatewayTo([await nobody(), server.url]);
    for (let n = 0; n < 4; n++) {
      expect((await fetch(`${url}/api/note/5`)).status).toBe(200);
      const forgotten = await fetch(`${url}/api/note/5`, {
        method: "DELETE",
        headers: { authorization: "Bearer auditor" },
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
    const { url, entries } = gatewayTo([stuck.url], { breakerSettings, answerWithinMs: 50 });
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
  test("is not one that refuses in time because somebody behind it is away: it is asked each time", async () => {
    const refusing = puppet(() => new Response("{}", { status: 503 }));
    const { url, entries } = gatewayTo([refusing.url], { breakerSettings });
    for (let n = 0; n < 8; n++) expect((await fetch(`${url}/api/note/5`, { method: "DELETE" })).status).toBe(503);
    expect(refusing.requests.length).toBe(8);
    expect(entries().filter(({ action }) => action === "breaker")).toEqual([]);
  });
  test("is given up when the caller is: nobody reads the answer", async () => {
    let left = false;
    const stuck = puppet((request) => {
      request.signal.addEventListener("abort", () => (left = true));
      return hang();
    });
    const { url } = gatewayTo([stuck.url]);
    await fetch(`${url}/api/note/5`, { signal: AbortSignal.timeout(50) }).catch(() => {});
    for (let poll = 0; poll < 200 && !left; poll++) await Bun.sleep(5);
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
