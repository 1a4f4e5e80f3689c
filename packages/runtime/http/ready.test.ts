/** Answers that a handler has ready: they spare the way through the rim, and nothing that its answers promise. */
import { expect, test } from "bun:test";
import { type Handler, refusal, route, type Reply } from "@chepiao/contracts";
import { ok, refuse } from "@chepiao/kernel";
import Type from "typebox";
import { securityHeaders } from "./replies.ts";
import { serveSample } from "./sample.suite.ts";
import type { HttpOptions } from "./serve.ts";

const routes = {
  page: route({
    method: "GET",
    path: "/api/page",
    summary: "A page that is kept under its address",
    room: "page",
    who: "anyone",
    anonymous: true,
    query: Type.Object({ name: Type.String({ maxLength: 5 }) }, { additionalProperties: false }),
    answers: { 200: { description: "The page.", schema: Type.Object({ name: Type.String(), asked: Type.Integer() }) } },
    refusals: ["StationUnknown"],
  }),
};

const replyOf = (body: object): Reply => ({
  status: 200,
  body: new TextEncoder().encode(JSON.stringify(body)),
  raw: "json",
});

function serve(options: Parameters<typeof serveSample>[0] = {}) {
  const pages = new Map<string, Reply>();
  const asked = { whole: 0, ready: 0 };
  const page: Handler<typeof routes.page> = ({ query: { name }, request }) => {
    asked.whole++;
    if (name === "none") return refuse(refusal("StationUnknown", { place: name }));
    pages.set(request.url, replyOf(name === "wrong" ? { name } : { name, asked: asked.whole }));
    return ok(replyOf({ name, asked: asked.whole }));
  };
  const ready = (url: string) => {
    asked.ready++;
    if (url.endsWith("=boom")) throw new Error("broken");
    return pages.get(url) ?? null;
  };
  const rooms: HttpOptions["rooms"] = [{ routes, handlers: { page: Object.assign(page, { ready }) } }];
  const { server, lines } = serveSample({ rooms, health: "details", ...options });
  const get = (name: string, init: RequestInit = {}) => fetch(`${server.url}/api/page?name=${name}`, init);
  return { get, asked, lines, server };
}

test("what is ready is sent with the headers of every answer, and counted", async () => {
  const { get, asked, server } = serve();
  const [first, second] = [await get("a"), await get("a")];
  expect(await second.json()).toEqual(await first.json());
  expect(asked).toEqual({ whole: 1, ready: 2 });
  for (const { headers } of [first, second]) {
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("cache-control")).toBe("no-store");
    for (const [name, value] of Object.entries(securityHeaders)) expect(headers.get(name)).toBe(value);
  }
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics.match(/http_requests_total\{.*route="\/api\/page".*\} \d+/g)).toEqual([
    expect.stringMatching(/status="200".* 2$/),
  ]);
  await server.stop();
});

test("HEAD answers as GET does, and TLS behind a proxy is told of", async () => {
  const { get, server } = serve({ trustProxy: true });
  await get("a");
  const head = await get("a", { method: "HEAD", headers: { "x-forwarded-proto": "https" } });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  expect(head.headers.get("strict-transport-security")).toContain("max-age");
  expect((await get("a")).headers.get("strict-transport-security")).toBe(null);
  await server.stop();
});

test("what is not ready goes the whole way, and is refused there in the caller's language", async () => {
  const { get, asked, server } = serve();
  const english = { headers: { "accept-language": "en" } };
  const tooLong = await get("too+long", english);
  expect([tooLong.status, tooLong.headers.get("content-language")]).toEqual([400, "en"]);
  expect((await get("none")).headers.get("content-language")).toBe("zh-CN");
  expect((await get("none", english)).headers.get("content-language")).toBe("en");
  expect(asked.whole).toBe(2);
  await server.stop();
});

test("an answer already on its way does not change with the page", async () => {
  const bytes = new TextEncoder().encode(`{"name":"a","asked":1}`);
  const response = new Response(bytes);
  bytes.fill(0x20);
  expect(await response.json()).toEqual({ name: "a", asked: 1 });
});

test("a failure is a 500 that is noted", async () => {
  const { get, lines, server } = serve();
  expect((await get("boom")).status).toBe(500);
  expect(lines.join()).toContain("broken");
  await server.stop();
});

test("where reading is noted, everything goes the whole way", async () => {
  const { get, asked, lines, server } = serve({ level: "debug" });
  await get("a");
  await get("a");
  expect(asked).toEqual({ whole: 2, ready: 0 });
  expect(lines.filter((line) => line.includes("/api/page")).length).toBe(2);
  await server.stop();
});

test("tests hold ready answers against their declaration too", async () => {
  const { get, server } = serve({ strictAnswers: true });
  expect((await get("wrong")).status).toBe(200);
  expect((await get("wrong")).status).toBe(500);
  await server.stop().then(
    () => expect().fail("it should have been found"),
    (error: Error) => expect(error.message).toContain("GET /api/page"),
  );
});
