/** The rules of the rim, each against a real socket. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { Problem } from "@chepiao/contracts";
import { ok } from "@chepiao/kernel";
import { createConnection } from "node:net";
import { assertPortFree, CannotListen, PortTaken } from "./listen.ts";
import { expectMisaddressed, speak, withoutAddress } from "./raw.suite.ts";
import { securityHeaders } from "./replies.ts";
import { noteRoutes, serveSample, sessions } from "./sample.suite.ts";
import type { HttpOptions } from "./serve.ts";

const sample = serveSample({
  health: "details",
  async extra(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === "/site") return new Response("<p>site</p>");
    if (pathname !== "/bank") return null;
    return new Response(`${(await request.text()).length} from ${server.requestIP(request)?.address}`);
  },
});
afterAll(() => sample.server.stop());
beforeEach(() => {
  sample.state.changes = 0;
  sample.lines.length = 0;
});

const ask = (path: string, init?: RequestInit) => fetch(sample.server.url + path, init);
const bearer = (token = "passenger") => ({ authorization: `Bearer ${token}` });
const post = (body: unknown, headers: Record<string, string> = {}) =>
  ask("/api/note", {
    method: "POST",
    headers: { ...bearer(), "idempotency-key": "k1", "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

async function problemIn(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await response.json()) as Problem;
  expect(problem.status).toBe(response.status);
  expect(problem.type).toBe(`urn:chepiao:problem:${problem.code}`);
  expect(problem.traceId).toMatch(/^[\da-f]{32}$/);
  return problem;
}

/** Status, code and the paths of the fields it names. */
async function refusedWith(response: Response): Promise<string> {
  const { code, fields = [] } = await problemIn(response);
  return [response.status, code, ...fields.map(({ path }) => path || "(all)")].join(" ");
}

describe("addresses and methods", () => {
  test("an address that nothing takes is a 404 problem", async () => {
    expect(await refusedWith(await ask("/api/nothing"))).toBe("404 NotFound");
    expect(await refusedWith(await ask("/nothing"))).toBe("404 NotFound");
    expect(await refusedWith(await ask("/api/note/1/"))).toBe("404 NotFound");
  });
  test("a method that an address does not take is a 405 that says which it takes", async () => {
    const response = await ask("/api/note/5", { method: "PUT" });
    expect(response.headers.get("allow")).toBe("GET, DELETE, HEAD");
    expect(await refusedWith(response)).toBe("405 MethodNotAllowed");
    expect((await ask("/healthz", { method: "POST" })).status).toBe(405);
  });
  test("nothing is echoed: TRACE is a method that nothing takes", async () => {
    const shown = await new Promise<string>((resolve) => {
      const socket = createConnection(Number(new URL(sample.server.url).port), "127.0.0.1");
      let text = "";
      socket.on("data", (bytes) => (text += bytes.toString()));
      socket.on("close", () => resolve(text));
      socket.write("TRACE /api/note/5 HTTP/1.1\r\nHost: a\r\nCookie: secret=1\r\nConnection: close\r\n\r\n");
    });
    expect(shown).toMatch(/^HTTP\/1.1 40[05]/);
    expect(shown).not.toContain("secret");
  });
  test("HEAD answers as GET does, without the body", async () => {
    const response = await ask("/api/note/5", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
  test("what is mounted beside the routes is asked, and gets the security headers it lacks", async () => {
    const response = await ask("/site");
    expect(await response.text()).toBe("<p>site</p>");
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
  });
});

describe("what is mounted beside the routes and reads bodies itself", () => {
  const chunked = (letters: number) => new Response("a".repeat(letters)).body!.pipeThrough(new TransformStream());
  const send = (body: NonNullable<RequestInit["body"]>) => ask("/bank", { method: "POST", body });

  test("gets what a route may be sent, and sees who sends it", async () => {
    for (const body of ["a".repeat(65_536), chunked(65_536)])
      expect(await (await send(body)).text()).toBe("65536 from 127.0.0.1");
    expect(await (await ask("/bank", { method: "POST" })).text()).toBe("0 from 127.0.0.1");
  });
  test("is never asked to take more, whether the length is told or not", async () => {
    for (const body of ["a".repeat(65_537), chunked(65_537)])
      expect(await refusedWith(await send(body))).toBe("413 BodyTooLarge");
  });
  test("hears nothing of somebody who hangs up in the middle, and neither does the log", async () => {
    const socket = createConnection(sample.server.port, "127.0.0.1");
    socket.write("POST /bank HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\naaaaa\r\n");
    await Bun.sleep(50);
    socket.destroy();
    await Bun.sleep(50);
    expect(sample.lines).toEqual([]);
  });
  test("is spared by the socket itself what is beyond all measure", async () => {
    const said = "POST /bank HTTP/1.1\r\nhost: x\r\ncontent-length: 4000000\r\n\r\n";
    expect(await speak(sample.server.port, said)).toMatchObject({ status: 413, body: "" });
  });
});

describe("a request that does not say whom it asks", () => {
  test.each(withoutAddress)(
    "with %s, is refused before anybody looks at it, and is no line in the log",
    async (_, said) => {
      for (const target of ["/", "/site", "/healthz", "/api/note", "/api/note?x=/api/note/5", "/api/docs"])
        expectMisaddressed(await speak(sample.server.port, said(target)));
      expect(sample.lines).toEqual([]);
      expect(sample.state.changes).toBe(0);
    },
  );
  test("is told so in its language, and counted", async () => {
    const { body } = await speak(sample.server.port, "PATCH / HTTP/1.0\r\nAccept-Language: en\r\n\r\n");
    expect((JSON.parse(body) as Problem).fields).toEqual([{ path: "/host", message: "has the wrong form." }]);
    await speak(sample.server.port, "BREW / HTTP/1.0\r\n\r\n");
    const text = await (await ask("/metrics")).text();
    expect(text).toMatch(
      /http_requests_total\{service="gateway-service",method="PATCH",route="\(no address\)",status="400"\} \d+/,
    );
    expect(text).not.toContain("BREW");
  });
  test("does not spoil the next one, whatever name that has", async () => {
    for (const host of ["a", "b", "[::1]:81", "a"]) {
      expect((await speak(sample.server.port, `GET /site HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status).toBe(200);
      expectMisaddressed(await speak(sample.server.port, `GET /site HTTP/1.1\r\nHost: ${host}/\r\n\r\n`));
    }
    expect((await speak(sample.server.port, "GET http://c/site HTTP/1.0\r\nHost: a\r\n\r\n")).status).toBe(200);
  });
});

describe("queries and paths", () => {
  test("text in a query becomes the number or flag that is declared", async () => {
    const response = await ask("/api/note?limit=5&open=true&q=a%20b+c&day=2028-02-29");
    expect(await response.json()).toMatchObject({ asked: { limit: 5, open: true, q: "a b c", day: "2028-02-29" } });
  });
  test.each([
    ["?limit=0", "400 MalformedRequest /limit"],
    ["?limit=abc", "400 MalformedRequest /limit"],
    ["?limit=1.5", "400 MalformedRequest /limit"],
    ["?limit=99999999999999999999", "400 MalformedRequest /limit"],
    ["?limit=", "400 MalformedRequest /limit"],
    ["?open=yes", "400 MalformedRequest /open"],
    ["?day=2026-02-29", "400 MalformedRequest /day"],
    ["?day=2026-13-01", "400 MalformedRequest /day"],
    ["?day=20261201", "400 MalformedRequest /day"],
    ["?other=1", "400 MalformedRequest /other"],
    ["?__proto__=1", "400 MalformedRequest /__proto__"],
    ["?limit=1&limit=2", "400 MalformedRequest /limit"],
    ["?q=%zz", "400 MalformedRequest /q"],
    ["?q=%ff", "400 MalformedRequest /q"],
    [`?q=${"a".repeat(51)}`, "400 MalformedRequest /q"],
    [`?q=${"a".repeat(5_000)}`, "414 QueryTooLong"],
  ])("the query %p is refused", async (query, expected) => {
    expect(await refusedWith(await ask(`/api/note${query}`))).toBe(expected);
  });
  test("a route that declares no query takes none", async () => {
    expect(await refusedWith(await ask("/api/note/5?x=1"))).toBe("400 MalformedRequest /x");
  });
  test("a path is decoded, and its parts are checked as declared", async () => {
    expect(await (await ask(`/api/note/named/${encodeURIComponent("动车 1/2")}`)).json()).toEqual({ name: "动车 1/2" });
    expect(await (await ask("/api/note/named/%EF%BF%BD")).json()).toEqual({ name: "\uFFFD" });
    expect(await refusedWith(await ask("/api/note/named/%ff"))).toBe("400 MalformedRequest /name");
    expect(await refusedWith(await ask("/api/note/abc"))).toBe("400 MalformedRequest /noteId");
    expect(await refusedWith(await ask("/api/note/0"))).toBe("400 MalformedRequest /noteId");
  });
  test("an unknown id is the refusal that its route declares", async () => {
    expect(await refusedWith(await ask("/api/note/101"))).toBe("404 OrderUnknown");
  });
});

describe("bodies", () => {
  afterAll(() => expect(sample.state.changes).toBe(0));
  test.each([
    ["not json", "400 MalformedRequest (all)"],
    ['{"text": "a",}', "400 MalformedRequest (all)"],
    ["", "400 MalformedRequest (all)"],
    ["[]", "400 MalformedRequest (all)"],
    ["null", "400 MalformedRequest (all)"],
    ["[".repeat(60_000), "400 MalformedRequest (all)"],
    ["{}", "400 MalformedRequest /text"],
    ['{"text": 1}', "400 MalformedRequest /text"],
    ['{"text": ""}', "400 MalformedRequest /text"],
    ['{"text":"a","more":1}', "400 MalformedRequest /more"],
    ['{"text":"a","__proto__":{}}', "400 MalformedRequest /__proto__"],
    ['{"text":"a","a/b~":1}', "400 MalformedRequest /a~1b~0"],
    ['{"text":"a","day":"2026-02-30"}', "400 MalformedRequest /day"],
    ['{"text":"a","seatClass":"third"}', "400 MalformedRequest /seatClass"],
    ['{"text":"a","phone":"1"}', "400 MalformedRequest /phone"],
    ['{"text":"a","tags":[{"name":"x","y":1}]}', "400 MalformedRequest /tags/0/y"],
    [
      '{"text":"a","tags":[{},{},{},{}]}',
      "400 MalformedRequest /tags /tags/0/name /tags/1/name /tags/2/name /tags/3/name",
    ],
  ])("the body %p is refused and changes nothing", async (body, expected) => {
    const given = (await refusedWith(await post(body))).split(" ");
    expect([...given.slice(0, 2), ...given.slice(2).sort()].join(" ")).toBe(expected);
    expect(sample.state.changes).toBe(0);
  });
  test("malformed JSON is refused with the place at which it breaks", async () => {
    const { fields } = await problemIn(await post('{\n  "text": "a",}', { "accept-language": "en" }));
    expect(fields).toEqual([{ path: "", message: "is not valid JSON (2:15)." }]);
  });
  test("a body of more than 64 KiB is refused, whether its length is told or not", async () => {
    const long = JSON.stringify({ text: "a".repeat(65_536) });
    expect(await refusedWith(await post(long))).toBe("413 BodyTooLarge");
    const chunks = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 70; i++) controller.enqueue(new TextEncoder().encode("a".repeat(1_024)));
        controller.close();
      },
    });
    const headers = { ...bearer(), "idempotency-key": "k1", "content-type": "application/json" };
    expect(await refusedWith(await ask("/api/note", { method: "POST", headers, body: chunks }))).toBe(
      "413 BodyTooLarge",
    );
  });
  test.each(["/api/note", "/bank"])(
    "who still writes when %s refuses his body hears so, and may ask again",
    async (path) => {
      const socket = createConnection(sample.server.port, "127.0.0.1");
      let heard = "";
      let broken: unknown = null;
      socket.on("data", (chunk) => (heard += chunk.toString()));
      socket.on("error", (error) => (broken = error));
      const head =
        "host: x\r\nauthorization: Bearer passenger\r\nidempotency-key: k\r\ncontent-type: application/json\r\n";
      socket.write(`POST ${path} HTTP/1.1\r\n${head}transfer-encoding: chunked\r\n\r\n`);
      for (let n = 0; n < 96; n++) {
        socket.write(`8000\r\n${" ".repeat(0x8000)}\r\n`);
        await Bun.sleep(1);
      }
      socket.write("0\r\n\r\nGET /site HTTP/1.1\r\nhost: x\r\n\r\n");
      for (let poll = 0; poll < 400 && !heard.includes("<p>site</p>") && !broken; poll++) await Bun.sleep(5);
      socket.destroy();
      expect(broken).toBe(null);
      expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 413", "HTTP/1.1 200"]);
      expect(heard).toContain("BodyTooLarge");
    },
  );
  describe("that a route takes raw", () => {
    const notText = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const copied = (body: BodyInit, type?: string) =>
      ask("/api/note/copy", { method: "POST", body, headers: type === undefined ? {} : { "content-type": type } });
    const chunked = (byteCount: number) =>
      new ReadableStream({
        start(controller) {
          for (let sent = 0; sent < byteCount; sent += 256) controller.enqueue(notText);
          controller.close();
        },
      });

    test.each(["application/x-www-form-urlencoded", "application/json", "text/xml; charset=gbk", "image/png"])(
      "arrive byte for byte when sent as %p, and so does the answer",
      async (type) => {
        const response = await copied(notText, type);
        expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
        expect(await response.bytes()).toEqual(notText);
        expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      },
    );
    test("arrive whole when their length was not told", async () => {
      expect((await (await copied(chunked(2_048))).bytes()).length).toBe(2_048);
    });
    test("may be empty, for the handler to judge", async () => {
      expect((await copied("")).status).toBe(400);
    });
    test("are counted, and refused beyond 64 KiB, whether their length is told or not", async () => {
      expect((await copied(new Uint8Array(65_536))).status).toBe(200);
      expect(await refusedWith(await copied(new Uint8Array(65_537)))).toBe("413 BodyTooLarge");
      expect((await copied(chunked(65_536))).status).toBe(200);
      expect(await refusedWith(await copied(chunked(65_792)))).toBe("413 BodyTooLarge");
    });
  });
  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=gbk",
    "multipart/form-data",
  ])("a body sent as %p is refused", async (type) =>
    expect(await refusedWith(await post("{}", { "content-type": type }))).toBe("415 UnsupportedMediaType"),
  );
  test("a route that declares no body takes an empty one, or none", async () => {
    const send = (body?: string) =>
      ask("/api/note/5", {
        method: "DELETE",
        headers: { ...bearer("auditor"), "content-type": "application/json" },
        ...(body === undefined ? {} : { body }),
      });
    expect(await refusedWith(await send('{"force":true}'))).toBe("400 MalformedRequest (all)");
    expect((await send("{}")).status).toBe(204);
    expect((await send()).status).toBe(204);
    sample.state.changes = 0;
  });
  test("what is said of a field is said in the language asked for, and never repeats what was sent", async () => {
    const said = async (language: string) =>
      (await problemIn(await post({ text: 1, seatClass: "hunter2" }, { "accept-language": language }))).fields;
    expect(await said("zh-CN")).toEqual([
      { path: "/text", message: "应为文本。" },
      {
        path: "/seatClass",
        message: "应为以下之一：business, first, second, softSleeper, hardSleeper, hardSeat, standing。",
      },
    ]);
    expect(await said("en-GB, zh;q=0.5")).toEqual([
      { path: "/text", message: "must be text." },
      {
        path: "/seatClass",
        message: "must be one of: business, first, second, softSleeper, hardSleeper, hardSeat, standing.",
      },
    ]);
  });
});

describe("who may call", () => {
  test("a good request with a token is answered, also where the session has to be waited for", async () => {
    expect((await post({ text: "a", day: "2026-12-01", phone: null })).status).toBe(202);
    expect(await (await post({ text: "a" }, bearer("slow"))).json()).toEqual({ key: "k1", userId: 3 });
  });
  test("without a session that is known it is a 401 that says how to log in", async () => {
    for (const headers of [
      {},
      bearer("nobody"),
      { authorization: "Basic abc" },
      { cookie: "chepiao_session=" },
    ] as Record<string, string>[]) {
      const response = await ask("/api/note", { method: "POST", headers });
      expect(response.headers.get("www-authenticate")).toStartWith("Bearer");
      expect(await refusedWith(response)).toBe("401 NotLoggedIn");
    }
  });
  test("staff are let in by their rights, and buy like anybody", async () => {
    const forget = (token: string) => ask("/api/note/5", { method: "DELETE", headers: bearer(token) });
    for (const token of ["passenger", "operator"])
      expect(await refusedWith(await forget(token))).toBe("403 NotAllowed");
    expect((await forget("auditor")).status).toBe(204);
    expect((await post({ text: "a" }, bearer("auditor"))).status).toBe(202);
  });
  test("a cookie acts only from a page of the same origin", async () => {
    const cookie = "other=1; chepiao_session=passenger";
    const write = (headers: Record<string, string>) =>
      ask("/api/note", {
        method: "POST",
        headers: { cookie, "idempotency-key": "k", "content-type": "application/json", ...headers },
        body: '{"text":"a"}',
      });
    expect((await write({ "sec-fetch-site": "same-origin" })).status).toBe(202);
    expect((await write({ origin: sample.server.url })).status).toBe(202);
    for (const headers of [
      {},
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "null" },
    ] as Record<string, string>[]) {
      expect(await refusedWith(await write(headers))).toBe("403 NotAllowed");
    }
    expect(await (await ask("/api/note/seen", { headers: { cookie } })).json()).toMatchObject({ userId: 1 });
  });
  test("an anonymous route looks nobody up, whatever token comes with the request", async () => {
    const response = await ask("/api/note/named/x", { headers: bearer() });
    expect(await response.json()).toEqual({ name: "x" });
  });
  test("an idempotency key is 1 to 64 printable ASCII characters", async () => {
    for (const key of ["", "a".repeat(65), "ключ"]) {
      const headers: Record<string, string> = { ...bearer(), "content-type": "application/json" };
      if (key) headers["idempotency-key"] = Buffer.from(key).toString("latin1");
      const response = await ask("/api/note", { method: "POST", headers, body: '{"text":"a"}' });
      expect(await refusedWith(response)).toBe("400 IdempotencyKeyMissing");
    }
    expect((await post({ text: "a" }, { "idempotency-key": "a".repeat(64) })).status).toBe(202);
  });
});

describe("what a handler sees of its caller", () => {
  const seen = async (headers: Record<string, string>) =>
    (await (await ask("/api/note/seen", { headers })).json()) as { language: string; traceId: string; address: string };
  test.each([
    ["", "zh"],
    ["*", "zh"],
    ["fr", "zh"],
    ["en", "en"],
    ["en-US,en;q=0.9", "en"],
    ["en;q=0.4, zh-TW;q=0.8", "zh"],
    ["zh;q=0, en;q=0.1", "en"],
    ["english", "zh"],
    ["en;q=x", "en"],
  ])("Accept-Language %p means %p", async (accepted, language) => {
    expect((await seen({ "accept-language": accepted })).language).toBe(language);
  });
  test("a trace goes on where it is well formed and begins where it is not", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    expect((await seen({ traceparent: `00-${trace}-00f067aa0ba902b7-01` })).traceId).toBe(trace);
    for (const traceparent of [`00-${"0".repeat(32)}-00f067aa0ba902b7-01`, "nonsense", `00-${trace}`]) {
      expect((await seen({ traceparent })).traceId).toMatch(/^(?!4bf92f)[\da-f]{32}$/);
    }
  });
  test("the address is the socket's; a proxy is believed only where we said so", async () => {
    const forwarded = { "x-forwarded-for": "1.1.1.1, 203.0.113.7", "x-forwarded-proto": "https" };
    expect((await seen(forwarded)).address).toBe("127.0.0.1");
    const behind = serveSample({ trustProxy: true });
    const response = await fetch(`${behind.server.url}/api/note/seen`, { headers: forwarded });
    expect(response.headers.get("strict-transport-security")).toStartWith("max-age=");
    expect(await response.json()).toMatchObject({ address: "203.0.113.7" });
    const plain = await fetch(`${behind.server.url}/api/note/seen`);
    expect(plain.headers.has("strict-transport-security")).toBe(false);
    await behind.server.stop();
  });
});

describe("over TLS", () => {
  const trusts = {
    "a proxy that is believed says so": { trust: true, headers: { "x-forwarded-proto": "https" } },
    "the site's own address says so": { trust: { proxy: false, https: true }, headers: {} },
  } as const;
  for (const [why, { trust, headers }] of Object.entries(trusts)) {
    test(`${why}: the session is in the cookie that no other host can set, and the plain one is nobody's`, async () => {
      const { server } = serveSample({ trustProxy: trust });
      const write = async (cookie: string) => {
        const given = { cookie, "sec-fetch-site": "same-origin", "idempotency-key": "k" };
        const response = await fetch(`${server.url}/api/note`, {
          method: "POST",
          headers: { ...given, "content-type": "application/json", ...headers },
          body: '{"text":"a"}',
        });
        expect(response.headers.get("strict-transport-security")).toStartWith("max-age=");
        return response.status;
      };
      expect(await write("__Host-chepiao_session=passenger")).toBe(202);
      expect(await write("chepiao_session=operator; __Host-chepiao_session=passenger")).toBe(202);
      expect(await write("chepiao_session=passenger")).toBe(401);
      for (const path of ["/healthz", "/api/openapi.json", "/nothing"]) {
        const response = await fetch(server.url + path, { headers });
        expect({ path, hsts: response.headers.has("strict-transport-security") }).toEqual({ path, hsts: true });
      }
      await server.stop();
    });
  }
  test("what claims to have come over TLS by itself is not believed: then the plain name is the one", async () => {
    const { server } = serveSample({ trustProxy: { proxy: false, https: false } });
    const asked = async (cookie: string) => {
      const response = await fetch(`${server.url}/api/note`, {
        method: "POST",
        headers: {
          cookie,
          "x-forwarded-proto": "https",
          "sec-fetch-site": "same-origin",
          "idempotency-key": "k",
          "content-type": "application/json",
        },
        body: '{"text":"a"}',
      });
      return [response.status, response.headers.has("strict-transport-security")];
    };
    expect(await asked("chepiao_session=passenger")).toEqual([202, false]);
    expect(await asked("__Host-chepiao_session=passenger")).toEqual([401, false]);
    await server.stop();
  });
});

describe("answers", () => {
  test("security headers are on every kind of answer, and nothing of the API is cached", async () => {
    for (const path of [
      "/api/note",
      "/api/note/101",
      "/api/nothing",
      "/api/note/wrong/throws",
      "/healthz",
      "/readyz",
      "/metrics",
      "/api/openapi.json",
      "/api/docs",
    ]) {
      const { headers } = await ask(path);
      for (const name of Object.keys(securityHeaders))
        expect([path, name, headers.has(name)]).toEqual([path, name, true]);
      expect(headers.get("content-security-policy")).toStartWith("default-src 'none'");
    }
    expect((await ask("/api/note")).headers.get("cache-control")).toBe("no-store");
  });
  test.each(["throws", "rejects", "bigint"])(
    "a handler that %s is a 500 without its reasons, which are in the log",
    async (how) => {
      const response = await ask(`/api/note/wrong/${how}`);
      const text = await response.clone().text();
      expect(await refusedWith(response)).toBe("500 Internal");
      expect(text).not.toMatch(/secret-place|stack|\.ts|Error/);
      const line = JSON.parse(sample.lines.at(-1)!) as { level: string; traceId: string; error: { stack: string } };
      expect(line.level).toBe("ERROR");
      expect(line.error.stack).toContain(".ts");
      expect(text).toContain(line.traceId);
    },
  );
  test("a refusal that names its wait says so in Retry-After", async () => {
    const response = await ask("/api/note/wrong/busy");
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "7"]);
  });
  test("a caller that hangs up is no error of ours", async () => {
    const socket = createConnection(sample.server.port, "127.0.0.1");
    socket.write("POST /api/note HTTP/1.1\r\nhost: x\r\nauthorization: Bearer passenger\r\nidempotency-key: k\r\n");
    socket.write("content-type: application/json\r\ncontent-length: 1000\r\n\r\n{");
    await Bun.sleep(50);
    socket.destroy();
    await Bun.sleep(50);
    expect(sample.lines.filter((line) => line.includes('"ERROR"'))).toEqual([]);
    expect(sample.state.changes).toBe(0);
  });
});

describe("an answer that has a tag", () => {
  const asked = (shown: string) => ask("/api/note/named/abc", { headers: { "if-none-match": shown } });

  test("says so, and may be kept by whoever asks each time whether it still holds", async () => {
    const response = await ask("/api/note/named/abc");
    expect([response.status, response.headers.get("etag"), response.headers.get("cache-control")]).toEqual([
      200,
      'W/"3"',
      "no-cache",
    ]);
  });
  test.each(['W/"3"', '"3"', "*", '"1", W/"3" , "x"'])("is not sent again to who shows %p", async (shown) => {
    const response = await asked(shown);
    expect([response.status, await response.text(), response.headers.get("etag")]).toEqual([304, "", 'W/"3"']);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-type")).toBeNull();
  });
  test.each(["", 'W/"4"', "3", '"33"', "W/", `${'"x",'.repeat(2_000)}"3"`])(
    "is sent to who shows %p",
    async (shown) => {
      const response = await asked(shown);
      expect([response.status, await response.json()]).toEqual([200, { name: "abc" }]);
    },
  );
});

describe("health and drain", () => {
  test("alive is always alive; ready names what is not", async () => {
    let database = false;
    const other = serveSample({
      health: "details",
      ready: () => [{ name: "database", ready: database, why: "starting" }],
    });
    expect((await fetch(`${other.server.url}/healthz`)).status).toBe(200);
    const waiting = await fetch(`${other.server.url}/readyz`);
    expect([waiting.status, await waiting.json()]).toMatchObject([
      503,
      { status: "notReady", waitingFor: ["database"] },
    ]);
    database = true;
    expect((await fetch(`${other.server.url}/readyz`)).status).toBe(200);
    await other.server.stop();
  });
  describe("at the public listener", () => {
    const why = "ECONNREFUSED 10.0.0.7:6379";
    const open = (ready: boolean, detailsAt?: HttpOptions["detailsAt"]) =>
      serveSample({ detailsAt, ready: () => [{ name: "redis", ready, ...(ready ? {} : { why }) }] }).server;

    test("only whether we are ready is told, and there are no metrics", async () => {
      for (const ready of [true, false]) {
        const { url, detailsUrl, stop } = open(ready);
        const answer = await fetch(`${url}/readyz`);
        expect([answer.status, await answer.json()]).toEqual(
          ready ? [200, { status: "ready" }] : [503, { status: "notReady" }],
        );
        expect((await fetch(`${url}/healthz`)).status).toBe(200);
        for (const method of ["GET", "HEAD", "POST"])
          expect((await fetch(`${url}/metrics`, { method })).status).toBe(404);
        expect(detailsUrl).toBe(null);
        await stop();
      }
    });
    test("the rest has a port of its own where one is given, with nothing else on it", async () => {
      const { url, detailsUrl, stop } = open(false, { port: 0, hostname: "127.0.0.1" });
      const ready = await fetch(`${detailsUrl}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([
        503,
        { status: "notReady", waitingFor: ["redis"], checks: [{ name: "redis", ready: false, why }] },
      ]);
      expect((await fetch(`${detailsUrl}/healthz`)).status).toBe(200);
      await fetch(`${url}/api/note/5`);
      expect(await (await fetch(`${detailsUrl}/metrics`)).text()).toContain(
        'route="/api/note/:noteId",status="200"} 1',
      );
      for (const path of ["/", "/api/note/5", "/api/docs"])
        expect([path, (await fetch(detailsUrl + path)).status]).toEqual([path, 404]);
      expect((await fetch(`${detailsUrl}/metrics`, { method: "POST" })).status).toBe(405);
      await stop();
      expect(await fetch(`${detailsUrl}/healthz`).catch(() => "refused")).toBe("refused");
    });
    test("and it is given back where the public one is taken", async () => {
      const free = open(true, { port: 0, hostname: "127.0.0.1" });
      const { port } = new URL(free.detailsUrl!);
      await free.stop();
      const at = { port: Number(port), hostname: "127.0.0.1" };
      expect(() => serveSample({ port: sample.server.port, detailsAt: at })).toThrow(PortTaken);
      await open(true, at).stop();
      expect(() => open(true, { port: sample.server.port, hostname: "127.0.0.1" })).toThrow(PortTaken);
    });
  });
  test("metrics count requests by service, method, route and status under the document's names", async () => {
    await ask("/api/note/5");
    await ask("/api/note/101");
    const text = await (await ask("/metrics")).text();
    const labels = (status: number) =>
      `{service="note-service",method="GET",route="/api/note/:noteId",status="${status}"}`;
    expect(text).toContain(`http_requests_total${labels(200)}`);
    expect(text).toContain(`http_requests_total${labels(404)}`);
    expect(text).toMatch(/http_request_duration_seconds_bucket\{service="note-service",.*le="3"\} \d+/);
    expect(text).toContain(`http_request_duration_seconds_count${labels(200)}`);
  });
  test("stopping lets an answer on its way leave, ends streams and frees the port", async () => {
    const other = serveSample({
      health: "details",
      ready: async () => {
        await Bun.sleep(150);
        return [];
      },
    });
    const { url, port } = other.server;
    const stream = await fetch(`${url}/api/note/1/events`);
    const reader = stream.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("event: note");
    const slow = fetch(`${url}/readyz`);
    await Bun.sleep(30);
    const stopped = other.server.stop();
    expect(await (await slow).json()).toMatchObject({ waitingFor: ["http"] });
    expect((await reader.read()).done).toBe(true);
    await stopped;
    expect(other.state.streamsEnded).toBe(1);
    expect(await fetch(`${url}/healthz`).catch(() => "refused")).toBe("refused");
    const again = serveSample({ port });
    await again.server.stop();
  });
  test("a stream is told nothing more once its session has ended, is another or cannot be looked at", async () => {
    type Session = (typeof sessions)[string];
    const mine = sessions["passenger"]!;
    const afterwards: readonly (Session | null | Error)[] = [
      null,
      { ...mine, sessionId: "s9" },
      new Error("the database is away"),
    ];
    for (const after of afterwards) {
      const answer: { session: Session | null | Error } = { session: mine };
      const own = serveSample({
        authenticate: async () => {
          if (answer.session instanceof Error) throw answer.session;
          return answer.session;
        },
      });
      const stream = await fetch(`${own.server.url}/api/note/1/own-events`, {
        headers: { authorization: "Bearer passenger" },
      });
      const reader = stream.body!.getReader();
      const next = async () => {
        const { done, value } = await reader.read();
        return done ? "ended" : new TextDecoder().decode(value);
      };
      expect(await next()).toContain("data: 1");
      own.state.tell("data: 2\n\n");
      expect(await next()).toContain("data: 2");
      answer.session = after;
      own.state.tell("data: 3\n\n");
      expect(await next()).toBe("ended");
      for (let i = 0; i < 50 && own.state.streamsEnded === 0; i++) await Bun.sleep(10);
      expect(own.state.streamsEnded).toBe(1);
      await own.server.stop();
    }
  });
  test("a process has so many streams open and no more: the next is asked to come again, those before go on", async () => {
    const few = serveSample({ streamsMax: 2 });
    const follow = () => fetch(`${few.server.url}/api/note/1/events`, { headers: { "accept-language": "en" } });
    const [one, two] = [await follow(), await follow()];
    const third = await follow();
    expect([third.status, third.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await third.json()).toMatchObject({ code: "Overloaded", status: 503 });
    // Its source was not left running.
    expect(few.state.streamsEnded).toBe(1);
    expect(new TextDecoder().decode((await two.body!.getReader().read()).value)).toContain("event: note");
    await one.body!.cancel();
    let again = await follow();
    for (let i = 0; i < 50 && again.status !== 200; i++) {
      await Bun.sleep(10);
      again = await follow();
    }
    expect(again.status).toBe(200);
    await few.server.stop();
  });
  test("a reader that leaves a stream ends its source", async () => {
    const leaving = new AbortController();
    const stream = await ask("/api/note/1/events", { signal: leaving.signal });
    await stream.body!.getReader().read();
    const before = sample.state.streamsEnded;
    leaving.abort();
    for (let i = 0; i < 50 && sample.state.streamsEnded === before; i++) await Bun.sleep(10);
    expect(sample.state.streamsEnded).toBe(before + 1);
  });
  test("an address of another machine is told as such", () => {
    expect(() => serveSample({ hostname: "192.0.2.1" })).toThrow(CannotListen);
  });
  test("a port in use is told as such, also where it could be shared", async () => {
    expect(() => serveSample({ port: sample.server.port })).toThrow(PortTaken);
    const shared = serveSample({ reusePort: true });
    expect(() => assertPortFree(shared.server.port, "127.0.0.1")).toThrow(PortTaken);
    const other = serveSample({ reusePort: true, port: shared.server.port });
    expect(other.server.port).toBe(shared.server.port);
    for (const { server } of [shared, other]) await server.stop();
    expect(() => assertPortFree(shared.server.port, "127.0.0.1")).not.toThrow();
  });
});

describe("the access log", () => {
  test("has a line for every unsafe request and every failure, and none for reading", async () => {
    await ask("/api/note");
    await post({ text: "a" });
    await post({});
    await ask("/api/note/wrong/throws");
    const lines = sample.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ level, message, status }) => `${String(level)} ${String(message)} ${String(status)}`)).toEqual([
      "INFO POST /api/note 202 success",
      "INFO POST /api/note 400 MalformedRequest refused",
      "ERROR GET /api/note/wrong/:how 500 Internal failed",
    ]);
    expect(lines[0]).toMatchObject({
      service: "note-service",
      action: "write",
      userId: 1,
      duration: expect.any(Number),
    });
  });
  test("has a line for a look that the role does not allow, with whose it was", async () => {
    const closed = { ...noteRoutes.get, who: "readAudit" } as const;
    const other = serveSample({ rooms: [{ routes: { closed }, handlers: { closed: () => ok({ status: 204 }) } }] });
    const poll = (headers: Record<string, string> = {}) => fetch(`${other.server.url}/api/note/5`, { headers });
    expect((await poll(bearer())).status).toBe(403);
    // Who is not logged in is only asked to.
    expect([(await poll()).status, (await poll(bearer("auditor"))).status]).toEqual([401, 204]);
    expect(other.lines.map((line) => JSON.parse(line) as Record<string, unknown>)).toMatchObject([
      { message: "GET /api/note/:noteId 403 NotAllowed", level: "INFO", status: "refused", userId: 1 },
    ]);
    expect(other.lines).toHaveLength(1);
    await other.server.stop();
  });
  test("has a line for reading too where it writes DEBUG", async () => {
    const other = serveSample({ level: "debug" });
    await fetch(`${other.server.url}/api/note`);
    expect(other.lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(["DEBUG"]);
    await other.server.stop();
  });
});
