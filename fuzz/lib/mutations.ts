/**
 * What can be done to a request on its way: each mutation changes it in place. One after which the request may mean another operation,
 * or none, or may end before our own code reads it, says so: `strict` is then over.
 */
import type { Prng } from "@chepiao/kernel";
import { disturb, textOf } from "./draw.ts";
import { readJson } from "./document.ts";
import { type FuzzRequest, withoutHeader } from "./request.ts";
import { strangeText } from "./values.ts";

type Mutation = (request: FuzzRequest, prng: Prng) => void;

const loose = (request: FuzzRequest): void => {
  request.strict = false;
};
const set = (request: FuzzRequest, name: string, value: string): void => {
  withoutHeader(request, name);
  request.headers.push([name, value]);
};
const bodyText = ({ body }: FuzzRequest): string => body?.toString() ?? "{}";
const setBody = (request: FuzzRequest, body: string | Buffer): void => {
  request.body = Buffer.from(body as string);
};
/** What a line of the head can carry. */
const inHead = (text: string): string => text.replaceAll(/[\0\r\n]/g, "").toWellFormed();

const headerMutations: Readonly<Record<string, Mutation>> = {
  "accept-language": (request, prng) =>
    set(
      request,
      "accept-language",
      prng.pick(["en", "zh;q=0", "*;q=9", "en;q=x,,;;", "de,".repeat(500), inHead(strangeText(prng))]),
    ),
  traceparent: (request, prng) =>
    set(
      request,
      "traceparent",
      prng.pick(["00-0-0-0", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, inHead(strangeText(prng))]),
    ),
  accept: (request, prng) => set(request, "accept", prng.pick(["text/html", "*/*;q=0", "application/xml", ""])),
  "forwarded address": (request, prng) =>
    set(
      request,
      "x-forwarded-for",
      prng.pick(["::1", "1.2.3.4, 5.6.7.8", ":::::", "unknown", inHead(strangeText(prng))]),
    ),
  "forwarded proto": (request, prng) =>
    set(request, "x-forwarded-proto", prng.pick(["https", "HTTPS", "https,http", "gopher"])),
  "many headers": (request, prng) => {
    for (let n = 20 + prng.below(40); n > 0; n--) request.headers.push([`x-${n}`, "y"]);
  },
  "too many headers": (request, prng) => {
    loose(request);
    for (let n = prng.pick([100, 250, 1_000]); n > 0; n--) request.headers.push([`x-${n}`, "y"]);
  },
  "long header": (request, prng) => {
    loose(request);
    request.headers.push(["x-long", "z".repeat(prng.pick([4_000, 9_000, 17_000, 70_000]))]);
  },
  "letters beyond ASCII in a header": (request, prng) => {
    request.headers.push(["x-device-id", inHead(strangeText(prng))]);
  },
  "device and pass": (request, prng) => {
    request.headers.push(
      ["x-device-id", "d".repeat(prng.pick([1, 512, 513]))],
      ["x-queue-pass", inHead(strangeText(prng))],
    );
  },
  "if-none-match": (request, prng) =>
    set(request, "if-none-match", prng.pick(["*", `"a"`, 'W/"a", "b"', inHead(strangeText(prng))])),
  range: (request, prng) => set(request, "range", prng.pick(["bytes=0-0", "bytes=-1", "bytes=9-1", "lines=1-2"])),
  "content type": (request, prng) => {
    const types = [
      "text/plain",
      "application/json; charset=utf-8",
      "application/json;charset=utf-16",
      "APPLICATION/JSON",
    ];
    set(
      request,
      "content-type",
      prng.pick([...types, "multipart/form-data", "application/x-www-form-urlencoded", ",", ""]),
    );
  },
  "no content type": (request) => withoutHeader(request, "content-type"),
  "content encoding": (request, prng) =>
    set(request, "content-encoding", prng.pick(["gzip", "br", "deflate", "identity", "zstd"])),
  host: (request, prng) => {
    loose(request);
    set(
      request,
      "host",
      prng.pick([
        "",
        "x",
        "[::1]:9",
        "a b",
        "localhost:99999",
        "evil.example",
        "\u00e9.example",
        "..",
        "a".repeat(300),
      ]),
    );
  },
  connection: (request, prng) => {
    set(
      request,
      "connection",
      prng.pick(["close", "keep-alive, x-forwarded-for", "host, authorization", "content-type"]),
    );
  },
  expect: (request) => {
    loose(request);
    set(request, "expect", "100-continue");
  },
  upgrade: (request, prng) => {
    loose(request);
    set(request, "connection", "upgrade");
    set(request, "upgrade", prng.pick(["websocket", "h2c", "TLS/1.0"]));
  },
};

const sessionMutations: Readonly<Record<string, Mutation>> = {
  "strange authorization": (request, prng) => {
    request.account = null;
    const token = strangeText(prng);
    set(
      request,
      "authorization",
      inHead(prng.pick(["Bearer", "Bearer ", `Bearer ${token}`, `Basic ${token}`, `Bearer ${"t".repeat(513)}`])),
    );
  },
  "strange cookie": (request, prng) => {
    request.account = null;
    withoutHeader(request, "authorization");
    const value = inHead(strangeText(prng));
    set(
      request,
      "cookie",
      prng.pick([
        `chepiao_session=${value}`,
        "chepiao_session",
        `;;=;${value}`,
        "chepiao_session=;chepiao_session=a",
        `a=${"b".repeat(3_000)}`,
      ]),
    );
  },
  "cookie from elsewhere": (request, prng) => {
    if (!request.account) return;
    withoutHeader(request, "authorization");
    set(request, "cookie", `a=b; chepiao_session=${request.account.token}`);
    const site = prng.pick(["cross-site", "same-site", "none", "same-origin", "x"]);
    set(request, prng.pick(["sec-fetch-site", "origin"]), site);
  },
  "no session": (request) => {
    request.account = null;
    withoutHeader(request, "authorization");
    withoutHeader(request, "cookie");
  },
};

const addressMutations: Readonly<Record<string, Mutation>> = {
  "another method": (request, prng) => {
    loose(request);
    request.method = prng.pick(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]);
  },
  head: (request) => {
    if (request.method !== "GET") loose(request);
    request.method = "HEAD";
  },
  "strange query": (request, prng) => {
    const parts = [
      "x=1",
      "=",
      "&&",
      "a",
      "%",
      "%zz=1",
      "a=%ff",
      "a=%C0%AE",
      "from=a&from=b",
      "limit=1&limit=2",
      "__proto__=1",
      "a=" + "b".repeat(900),
      "+=+",
      "a=%00",
      "?",
      "😀=😀",
    ];
    request.target += (request.target.includes("?") ? "&" : "?") + prng.pick(parts);
  },
  "long query": (request, prng) => {
    request.target += `${request.target.includes("?") ? "&" : "?"}q=${"a".repeat(prng.pick([4_000, 4_097, 9_000, 15_000, 40_000]))}`;
  },
  "strange path": (request, prng) => {
    loose(request);
    const [path = "", ...query] = request.target.split("?");
    const at = prng.below(path.length + 1);
    const odd = prng.pick([
      "/",
      "//",
      "/..",
      "/%2e%2e/",
      "%2F",
      "%00",
      "%ff",
      "%C0%AE",
      "%25",
      "%",
      ";a=b",
      ".",
      "é",
      "票",
      "\\",
      "%0d%0a",
      "#",
      "/*",
      ":x",
      "A".repeat(300),
    ]);
    request.target = [path.slice(0, at) + odd + path.slice(at), ...query].join("?");
  },
  "path in capitals": (request) => {
    loose(request);
    request.target = request.target.toUpperCase();
  },
  "absolute form": (request, prng) => {
    loose(request);
    request.target = prng.pick(["http://x", "https://localhost", "http://[::1]", "HTTP://u:p@h:1"]) + request.target;
  },
};

const bodyMutations: Readonly<Record<string, Mutation>> = {
  "a strange value": (request, prng) => {
    const value = request.body && readJson(request.body);
    if (typeof value !== "object" || value === null) return;
    for (let times = 1 + prng.below(3); times > 0; times--) disturb(value, prng);
    setBody(request, textOf(value));
  },
  "cut off": (request, prng) =>
    setBody(request, (request.body ?? Buffer.alloc(0)).subarray(0, prng.below((request.body?.length ?? 0) + 1))),
  "bytes changed": (request, prng) => {
    const body = Buffer.from(request.body ?? "{}");
    for (let times = 1 + prng.below(4); times > 0 && body.length > 0; times--)
      body[prng.below(body.length)] = prng.below(256);
    request.body = body;
  },
  "deep JSON": (request, prng) => {
    const depth = prng.pick([50, 1_000, 10_000, 30_000]);
    const [open, close] = prng.pick([
      ["[", "]"],
      ['{"a":', "}"],
    ] as const);
    const isClosed = prng.chance(0.5);
    setBody(
      request,
      `${open.repeat(Math.min(depth, 60_000 / open.length / 2))}1${isClosed ? close.repeat(Math.min(depth, 60_000 / open.length / 2)) : ""}`,
    );
  },
  "huge numbers": (request, prng) =>
    setBody(
      request,
      bodyText(request).replaceAll(/-?\d+/g, () =>
        prng.pick([
          "1e400",
          "-1e400",
          "9".repeat(400),
          "0.".padEnd(300, "0") + "1",
          "1E+2",
          "-0",
          "00",
          "1.",
          "9007199254740993",
        ]),
      ),
    ),
  "keys twice": (request) =>
    setBody(
      request,
      bodyText(request).replace(/^\{/, '{"orderNo":1,"passengers":[],"__proto__":{"x":1},"username":[],'),
    ),
  "another shape": (request, prng) =>
    setBody(
      request,
      prng.pick([
        "",
        " ",
        "null",
        "[]",
        '""',
        "0",
        "true",
        "{}",
        "[{}]",
        "{}{}",
        "\ufeff{}",
        "'a'",
        "NaN",
        "{a:1}",
        "[,]",
        '"\\u0000"',
        '"\\ud800"',
      ]),
    ),
  "with a mark in front": (request) => setBody(request, `\ufeff${bodyText(request)}`),
  "in UTF-16": (request) => setBody(request, Buffer.from(bodyText(request), "utf16le")),
  "as long as it may be": (request, prng) =>
    setBody(request, bodyText(request).padEnd(prng.pick([65_535, 65_536, 65_537]), " ")),
  "too long": (request, prng) => setBody(request, bodyText(request).padEnd(prng.pick([70_000, 70_000, 200_000]), " ")),
  "far too long": (request, prng) => {
    if (!prng.chance(0.02)) return;
    loose(request);
    setBody(request, bodyText(request).padEnd(prng.pick([2 ** 20, 3 * 2 ** 20]), " "));
  },
  "in chunks": (request, prng) => {
    request.body ??= Buffer.alloc(0);
    request.chunkBytes = prng.pick([1, 7, 100, 4_096]);
    if (request.body.length / request.chunkBytes > 5_000) request.chunkBytes = 4_096;
  },
  "a body where none is read": (request, prng) => {
    if (request.method === "GET") loose(request);
    request.body ??= Buffer.from(prng.pick(["{}", "x", "[1]"]));
  },
};

const groups = [headerMutations, sessionMutations, addressMutations, bodyMutations].map((group) =>
  Object.entries(group),
);

export function mutate(request: FuzzRequest, prng: Prng): void {
  for (let times = 1 + prng.below(3); times > 0; times--) {
    const [name, change] = prng.pick(prng.pick(groups));
    change(request, prng);
    request.how.push(name);
  }
  // By then a session that was to be spared may be meant by another method.
  if (!request.strict) request.account = null;
}

/** The same request, to be changed. */
export const copyOf = (request: FuzzRequest): FuzzRequest => ({
  ...request,
  headers: request.headers.map(([name, value]) => [name, value]),
  how: [...request.how],
});
