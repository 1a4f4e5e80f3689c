/** A door of the same house: whatever comes in by it is answered as if it had come in by the main one. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, createMetrics } from "../observe/index.ts";
import { auditAnswers } from "./answers.suite.ts";
import { createPassOn } from "./pass.ts";
import { expectMisaddressed, speak, withoutAddress } from "./raw.suite.ts";
import { noteRoutes, serveSample, sessions } from "./sample.suite.ts";
import { serveHttp } from "./serve.ts";

const folder = mkdtempSync(join(tmpdir(), "chepiao-pass-"));
const inner = join(folder, "core.sock");
const packed = Bun.gzipSync("told once, sent packed");
const house = serveSample({
  inner,
  strictAnswers: true,
  extra(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/packed") return new Response(packed, { headers: { "content-encoding": "gzip" } });
    if (pathname === "/elsewhere") return new Response(null, { status: 302, headers: { location: "/site" } });
    return pathname === "/site" ? new Response(`at ${request.headers.get("host")}, ${request.url}`) : null;
  },
});
const doorLines: string[] = [];
const door = openDoor(inner);
afterAll(async () => {
  await door.stop();
  await house.server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function openDoor(socket: string) {
  const observe = {
    logger: createLogger({ level: "info", write: (line) => void doorLines.push(line) }),
    metrics: createMetrics(),
  };
  return serveHttp({
    port: 0,
    hostname: "127.0.0.1",
    rooms: [],
    authenticate: () => null,
    observe,
    ready: () => [],
    passOn: createPassOn(socket),
  });
}

const ask = (path: string, init?: BunFetchRequestInit) => fetch(door.url + path, init);
const post = (body: NonNullable<RequestInit["body"]>) =>
  ask("/api/note", {
    method: "POST",
    body,
    headers: { authorization: "Bearer passenger", "idempotency-key": "k", "content-type": "application/json" },
  });

test("what must be refused is refused as declared, by the house", async () => {
  const token = (role: string) => (Object.hasOwn(sessions, role) ? role : null);
  expect(await auditAnswers({ url: door.url, rooms: [{ routes: noteRoutes }], token })).toEqual([]);
  expect((await ask("/api/nothing")).status).toBe(404);
  expect((await ask("/readyz")).status).toBe(200);
});

test.each(withoutAddress)("a request with %s is refused at the door", async (_, said) => {
  house.lines.length = 0;
  for (const target of ["/site", "/api/note?x=/site"]) expectMisaddressed(await speak(door.port, said(target)));
  expect(house.lines).toEqual([]);
});

describe("the house hears", () => {
  test("the address, language and trace of whoever asks", async () => {
    const traceId = "a".repeat(32);
    const seen = await ask("/api/note/seen", {
      headers: { "accept-language": "en", traceparent: `00-${traceId}-${"b".repeat(16)}-01` },
    });
    expect(await seen.json()).toEqual({ language: "en", traceId, address: "127.0.0.1", userId: null });
  });
  test("no address that a caller made up, by whichever door", async () => {
    for (const url of [door.url, house.server.url]) {
      const headers = { "x-chepiao-peer": "6.6.6.6", "x-forwarded-for": "6.6.6.6" };
      const seen = await fetch(`${url}/api/note/seen`, { headers });
      expect(((await seen.json()) as { address: string }).address).toBe("127.0.0.1");
    }
  });
  test("no field that Connection names, and still the address that the door saw", async () => {
    const named =
      "Connection: x-chepiao-peer, host, accept-language\r\nX-Chepiao-Peer: 6.6.6.6\r\nAccept-Language: en\r\n";
    const seen = await speak(door.port, `GET /api/note/seen HTTP/1.1\r\nHost: a\r\n${named}\r\n`);
    expect(JSON.parse(seen.body)).toMatchObject({ address: "127.0.0.1", language: "zh" });
  });
  test("by which name it was called", async () => {
    const site = await ask("/site?a=%20", { headers: { host: "tickets.example:81" } });
    expect(await site.text()).toBe("at tickets.example:81, http://tickets.example:81/site?a=%20");
  });
  test("bodies whole, whether their length was said or not", async () => {
    const text = JSON.stringify({ text: "车".repeat(10_000) });
    expect((await post(text)).status).toBe(202);
    expect((await post(new Response(text).body!.pipeThrough(new TransformStream()))).status).toBe(202);
    const endless = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(10_000)) });
    expect((await post(endless)).status).toBe(413);
    house.state.changes = 0;
  });
  test("that the reader of a stream has left", async () => {
    const leaving = new AbortController();
    const events = await ask("/api/note/5/events", { signal: leaving.signal });
    expect(new TextDecoder().decode((await events.body!.getReader().read()).value)).toBe("event: note\ndata: {}\n\n");
    const before = house.state.streamsEnded;
    leaving.abort();
    for (let poll = 0; poll < 200 && house.state.streamsEnded === before; poll++) await Bun.sleep(5);
    expect(house.state.streamsEnded).toBe(before + 1);
  });
  test("nothing in its log of readers who leave, which is no failure of ours", async () => {
    doorLines.length = 0;
    const before = house.state.streamsEnded;
    const readers = Array.from({ length: 20 }, async () => {
      const leaving = new AbortController();
      const events = await ask("/api/note/5/events", { signal: leaving.signal });
      await events.body!.getReader().read();
      leaving.abort();
    });
    await Promise.all(readers);
    for (let poll = 0; poll < 200 && house.state.streamsEnded < before + 20; poll++) await Bun.sleep(5);
    await Bun.sleep(50);
    expect(house.state.streamsEnded).toBe(before + 20);
    expect(doorLines).toEqual([]);
  });
});

describe("the caller gets", () => {
  test("redirects and packed bodies as they are", async () => {
    const elsewhere = await ask("/elsewhere", { redirect: "manual" });
    expect([elsewhere.status, elsewhere.headers.get("location")]).toEqual([302, "/site"]);
    const raw = await ask("/packed", { decompress: false });
    expect([raw.headers.get("content-encoding"), Buffer.from(await raw.bytes())]).toEqual([
      "gzip",
      Buffer.from(packed),
    ]);
  });
  test("the headers of HEAD", async () => {
    const [head, get] = [await ask("/api/note/5", { method: "HEAD" }), await ask("/api/note/5")];
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String((await get.bytes()).length)]);
  });
  test("a problem document where the house is away", async () => {
    const single = openDoor(join(folder, "nobody.sock"));
    const away = await fetch(`${single.url}/api/note`, { headers: { "accept-language": "en" } });
    expect([away.status, away.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
    await single.stop();
  });
});

test("a door that closes lets what it passed on come back, and ends streams", async () => {
  const slow = serveSample({
    inner: join(folder, "slow.sock"),
    ready: async () => {
      await Bun.sleep(150);
      return [];
    },
  });
  const closing = openDoor(join(folder, "slow.sock"));
  const events = (await fetch(`${closing.url}/api/note/1/events`)).body!.getReader();
  await events.read();
  const late = fetch(`${closing.url}/readyz`);
  await Bun.sleep(30);
  await closing.stop();
  expect((await late).status).toBe(200);
  expect((await events.read()).done).toBe(true);
  for (let poll = 0; poll < 200 && slow.state.streamsEnded === 0; poll++) await Bun.sleep(5);
  expect(slow.state.streamsEnded).toBe(1);
  await slow.server.stop();
});
