/** Does the fuzzer find what it is there to find? It is set upon a small server with faults put into it, one of each kind. */
import { afterAll, describe, expect, test } from "bun:test";
import { addDays, createPrng, serviceDate } from "@chepiao/kernel";
import { type Read, readAnswer } from "./lib/answer.ts";
import { readDocument } from "./lib/document.ts";
import { drawRequest, type World } from "./lib/draw.ts";
import { createCounts, drawn, type Finding, fuzz, prngOf } from "./lib/fuzz.ts";
import { createKnown } from "./lib/known.ts";
import { createLedger } from "./lib/ledger.ts";
import { createLines } from "./lib/lines.ts";
import { mutate } from "./lib/mutations.ts";
import { bytesOf } from "./lib/request.ts";

const Problem = {
  type: "object",
  required: ["type", "title", "status", "code", "retry"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string" },
    retry: { type: "string" },
  },
};
const json = (schema: unknown) => ({ description: "", content: { "application/json": { schema } } });
const problem = {
  description: "",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};
const refused = { 400: problem, 401: problem, 403: problem, 404: problem, 413: problem, 414: problem, 415: problem };
const Thing = { type: "object", required: ["count"], properties: { count: { type: "integer" } } };
const Wanted = { ...Thing, additionalProperties: false };

const paths = {
  "/api/order/{orderNo}": {
    get: {
      operationId: "order.get",
      security: [{ bearer: [] }],
      parameters: [{ name: "orderNo", in: "path", required: true, schema: { type: "string" } }],
      responses: { 200: json(Thing), ...refused },
    },
  },
  "/api/things": {
    post: {
      operationId: "things.add",
      security: [],
      requestBody: { required: true, content: { "application/json": { schema: Wanted } } },
      responses: { 201: json(Thing), ...refused },
    },
  },
  "/api/order": {
    post: {
      operationId: "order.submit",
      security: [{ bearer: [] }],
      parameters: [{ name: "Idempotency-Key", in: "header", required: true, schema: { type: "string" } }],
      responses: { 202: json({ type: "object", properties: { orderNo: { type: "string" } } }), ...refused },
    },
  },
};
const document = readDocument({ paths, components: { schemas: { Problem } } });
const accounts = [1, 2].map((userId) => ({ userId, token: `token${userId}`, passengerIds: [] }));
const worldOf = (): World => ({
  document,
  accounts,
  spares: [...accounts],
  leavers: accounts,
  known: createKnown(),
  trips: { trains: [], dates: [addDays(serviceDate("2026-12-01"), 1)] },
});

const say = (status: number, body: unknown, type = "application/json") =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
const no = (status: number) =>
  say(status, { type: "t", title: "t", status, code: "No", retry: "never" }, "application/problem+json");

type Fault = (request: Request, body: string) => Response | null;

/** Answers everything as declared, but for its fault. */
function serveWith(fault: Fault) {
  let orderCount = 0;
  const byKey = new Map<string, string>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (!URL.canParse(request.url)) return no(400);
      const body = await request.text();
      const faulty = fault(request, body);
      if (faulty) return faulty;
      const { pathname } = new URL(request.url);
      if (request.method === "GET" && pathname.startsWith("/api/order/")) return say(200, { count: 1 });
      if (request.method === "POST" && pathname === "/api/things") return fits(body) ? say(201, { count: 1 }) : no(400);
      if (request.method === "POST" && pathname === "/api/order") {
        const key = `${request.headers.get("authorization")} ${request.headers.get("idempotency-key")}`;
        const orderNo = byKey.get(key) ?? `E${String(++orderCount).padStart(17, "0")}`;
        byKey.set(key, orderNo);
        return say(202, { orderNo });
      }
      return no(404);
    },
  });
  running.push(server);
  return server;
}
const running: Bun.Server<undefined>[] = [];
afterAll(() => running.forEach((server) => void server.stop(true)));

function fits(body: string): boolean {
  try {
    const value = JSON.parse(body) as { count?: unknown };
    return Number.isInteger(value.count) && Object.keys(value).length === 1;
  } catch {
    return false;
  }
}

async function findingsOf(fault: Fault, requests = 1_500): Promise<Finding[]> {
  const server = serveWith(fault);
  const findings: Finding[] = [];
  const lines = createLines(server.port!, 5_000, () => {});
  const url = `http://127.0.0.1:${server.port}`;
  const found = (finding: Finding) => void findings.push(finding);
  const settings = { seed: 7, requests, connections: 8, found, isUp: async () => {} };
  await fuzz({ world: worldOf(), lines, ledger: createLedger(), url, ...settings }, createCounts());
  lines.close();
  return findings;
}

const isGet = (request: Request) => request.method === "GET" && new URL(request.url).pathname.startsWith("/api/order/");
const isSubmit = (request: Request) => request.method === "POST" && new URL(request.url).pathname === "/api/order";
const faults: Record<string, { readonly fault: Fault; readonly kind: string; readonly says: RegExp }> = {
  "a 5xx that is not 503": {
    fault: (request) => (isGet(request) && request.url.includes("E9") ? no(500) : null),
    kind: "undeclared 5xx",
    says: /status 500/,
  },
  "a status that the operation does not declare": {
    fault: (request) => (isGet(request) ? say(206, { count: 1 }) : null),
    kind: "violation",
    says: /status 206 is not declared/,
  },
  "a body that is not as declared": {
    fault: (request) => (isGet(request) ? say(200, { count: "1" }) : null),
    kind: "violation",
    says: /\/count must be integer/,
  },
  "a field that the schema does not name": {
    fault: (request) => (isGet(request) ? say(200, { count: 1, secret: 1 }) : null),
    kind: "violation",
    says: /additional/i,
  },
  "a refusal in another shape": {
    fault: (request) => (isGet(request) ? say(404, { error: 1 }, "application/problem+json") : null),
    kind: "violation",
    says: /status 404/,
  },
  "a body that is taken though it does not fit": {
    fault: (request, body) =>
      request.method === "POST" && body.includes("count") && !fits(body) ? say(201, { count: 1 }) : null,
    kind: "violation",
    says: /a body that does not fit its schema/,
  },
  "a key that becomes two orders": {
    fault: (request) =>
      isSubmit(request) ? say(202, { orderNo: `E${String(Math.random()).slice(2, 19).padEnd(17, "0")}` }) : null,
    kind: "violation",
    says: /^I7: key/,
  },
  "an order that is shown to another account": {
    fault: () => null,
    kind: "violation",
    says: /an order of account/,
  },
};

describe("found are", () => {
  for (const [name, { fault, kind, says }] of Object.entries(faults)) {
    test(name, async () => {
      const seen = (await findingsOf(fault)).filter((finding) => finding.kind === kind && says.test(finding.what));
      expect(seen.length).toBeGreaterThan(0);
      expect(seen[0]!.request).toContain("curl");
    });
  }

  test("a connection that is hung up on", async () => {
    const server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket) {
          socket.end();
        },
      },
    });
    const lines = createLines(server.port, 1_000, () => {});
    expect(await lines.ask(Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n"), false)).toMatchObject({ kind: "hungUp" });
    lines.close();
    server.stop(true);
  });

  test("bytes that nobody asked for", async () => {
    const one = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n";
    for (const said of [`${one}aHTTP/1.1 200 OK\r\n`, `${one}a|HTTP/1.1 200 OK\r\n`]) {
      const server = Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        socket: {
          async data(socket) {
            for (const part of said.split("|")) {
              socket.write(part);
              await Bun.sleep(20);
            }
          },
        },
      });
      const surplus: string[] = [];
      const lines = createLines(server.port, 1_000, (sent, heard) => void surplus.push(`${sent.length} ${heard}`));
      const ask = Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      expect(await lines.ask(ask, false)).toMatchObject({ kind: "answer" });
      await Bun.sleep(60);
      expect(surplus).toEqual([`${ask.length} HTTP/1.1 200 OK\r\n`]);
      lines.close();
      server.stop(true);
    }
  });

  test("nothing, where only the account's own orders are shown", async () => {
    const owners = new Map<string, string>();
    const orders = new Set<string>();
    const findings = await findingsOf((request) => {
      const who = request.headers.get("authorization") ?? request.headers.get("cookie") ?? "";
      const account = /token\d/.exec(who)?.[0] ?? "";
      if (isSubmit(request)) {
        const key = `${account} ${request.headers.get("idempotency-key")}`;
        const orderNo = owners.get(key) ?? `E${String(orders.size + 1).padStart(17, "0")}`;
        orders.add(orderNo);
        owners.set(key, orderNo).set(orderNo, account);
        return say(202, { orderNo });
      }
      if (!isGet(request)) return null;
      const orderNo = new URL(request.url).pathname.split("/").at(-1)!;
      return owners.get(orderNo) === account ? say(200, { count: 1 }) : no(404);
    });
    expect(findings.map(({ what, request }) => `${what}\n${request}`)).toEqual([]);
  });
});

test("the same seed draws and changes the same requests, another seed others", () => {
  const all = (seed: number) =>
    Array.from({ length: 300 }, (_, task) => {
      const prng = prngOf(seed, task);
      const request = drawn(worldOf(), prng, 0.3);
      mutate(request, prng);
      return Bun.hash(bytesOf(request, "host"));
    });
  expect(all(1)).toEqual(all(1));
  expect(all(2)).not.toEqual(all(1));
  expect(new Set(all(1)).size).toBeGreaterThan(200);
});

test("a request without strange values fits its declaration", () => {
  const add = document.operations.find(({ id }) => id === "things.add")!;
  for (let n = 0; n < 200; n++) {
    const { body } = drawRequest(worldOf(), add, createPrng(n), 0);
    expect(add.mayAccept(JSON.parse(body!.toString()))).toBe(true);
  }
});

describe("an answer", () => {
  const read = (text: string, toHead = false, ended = false): Read =>
    readAnswer(Buffer.from(text, "latin1"), toHead, ended);
  const bodyOf = (answer: Read) => (typeof answer === "string" ? answer : answer.answer.body.toString());

  test("is whole when its length has come, and no sooner", () => {
    expect(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab")).toBe("more");
    expect(bodyOf(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"))).toBe("abc");
    expect(read("HTT")).toBe("more");
  });
  test("in chunks is put together", () => {
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    expect(bodyOf(read(`${head}2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n`))).toBe("abc");
    expect(read(`${head}2\r\nab\r\n`)).toBe("more");
    expect(read(`${head}zz\r\n`)).toBe("notHttp");
  });
  test("to HEAD ends with its head, and one before the last is skipped", () => {
    expect(read("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", true)).toMatchObject({ used: 38 });
    expect(bodyOf(read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"))).toBe("a");
  });
  test("without a length ends with the connection", () => {
    expect(read("HTTP/1.1 200 OK\r\n\r\nab")).toBe("more");
    expect(bodyOf(read("HTTP/1.1 200 OK\r\n\r\nab", false, true))).toBe("ab");
  });
  test("that is no HTTP is told", () => {
    expect(read("SSH-2.0\r\n")).toBe("notHttp");
    expect(read("HTTP/1.1 abc\r\n\r\n")).toBe("notHttp");
    expect(read("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")).toBe("notHttp");
    expect(read("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n")).toBe("notHttp");
  });
});
