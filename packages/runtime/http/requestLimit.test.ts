/** How much one asker may ask of a door, by addresses as a proxy tells them. */
import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { insideOnly } from "../bus/inside.ts";
import { guardOf, observeLines, signerWith } from "../bus/role.suite.ts";
import { createGateway } from "../gateway/index.ts";
import { accountHeader, createPassOn } from "./pass.ts";
import { createRequestLimit, type RequestLimitDeps, type RouteRule, type Throttled } from "./requestLimit.ts";
import { noteRoutes, type Sample, serveSample } from "./sample.suite.ts";
import type { HttpOptions } from "./serve.ts";

const opened: Sample[] = [];
afterEach(async () => {
  for (const { server } of opened.splice(0).reverse()) await server.stop();
});

function open(options: Parameters<typeof serveSample>[0]): string {
  const sample = serveSample(options);
  opened.push(sample);
  return sample.server.url;
}

/** One request a second of an address and two of an account, so ten and twenty at once. */
function limited(over: Partial<RequestLimitDeps> = {}, http: Partial<HttpOptions> = {}) {
  const time = { ms: 0 };
  const told: Throttled[] = [];
  const deps = { now: () => time.ms, told: (throttled: Throttled) => void told.push(throttled), ...over };
  const limit = createRequestLimit({ addressPerSecond: 1, accountPerSecond: 2, ...deps });
  const url = open({ trustProxy: true, limit, health: "details", ...http });
  const ask = (from: string, path = "/api/note/5", headers: Record<string, string> = {}) =>
    fetch(url + path, { headers: { "x-forwarded-for": from, ...headers } });
  /** How many of so many are let through. */
  const passed = async (count: number, from: string, path?: string, headers?: Record<string, string>) => {
    const answers = await Promise.all(Array.from({ length: count }, () => ask(from, path, headers)));
    return answers.filter(({ status }) => status !== 429).length;
  };
  return { url, time, told, ask, passed };
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const who = "/api/note/seen";

describe("one address", () => {
  test("is let through so often at once, and is then told how long to wait", async () => {
    const { ask, passed, time } = limited();
    expect(await passed(14, "203.0.113.5")).toBe(10);
    const refused = await ask("203.0.113.5", undefined, { "accept-language": "en" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await refused.json()).toMatchObject({ code: "TooManyRequests", title: expect.stringContaining("Too many") });
    time.ms += 1_000;
    expect(await passed(3, "203.0.113.5")).toBe(1);
    time.ms += 60_000;
    expect(await passed(14, "203.0.113.5")).toBe(10);
  });
  test("does not wait for what another one asks", async () => {
    const { passed } = limited();
    await passed(20, "203.0.113.5");
    expect(await passed(5, "203.0.113.6")).toBe(5);
  });
  test("of IPv6 is a whole /64", async () => {
    const { passed } = limited();
    expect(await passed(10, "2001:db8:1:2::1")).toBe(10);
    expect(await passed(5, "2001:db8:1:2:ffff::9")).toBe(0);
    expect(await passed(5, "2001:db8:1:3::1")).toBe(5);
  });
  const notices = { seen: { ...noteRoutes.seen, uncounted: true } } as const;
  async function expectUncounted(http: Partial<HttpOptions>) {
    const { passed } = limited({}, { described: [notices], ...http });
    expect(await passed(4, "203.0.113.5", "/page")).toBe(4);
    expect(await passed(4, "203.0.113.5", "/api/nothing")).toBe(4);
    expect(await passed(5, "203.0.113.5", "/api/openapi.json")).toBe(2);
    expect(await passed(20, "203.0.113.5", "/readyz")).toBe(20);
    expect(await passed(20, "203.0.113.5", "/healthz")).toBe(20);
    expect(await passed(20, "203.0.113.5", who)).toBe(20);
  }
  test("is counted for whatever it asks, pages and what there is not included; health and notices are let through", () =>
    expectUncounted({ extra: () => new Response("page") }));
  test("is let through with health and notices also where another thread answers them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "limit-"));
    const inner = join(folder, "core.sock");
    open({ inner, trustProxy: true });
    await expectUncounted({ rooms: [], passOn: createPassOn(inner) });
    rmSync(folder, { recursive: true });
  });
  test("is this machine's own: nobody is counted", async () => {
    const { url } = limited();
    const answers = await Promise.all(Array.from({ length: 30 }, () => fetch(`${url}/api/note/5`)));
    expect(answers.filter(({ status }) => status === 429)).toEqual([]);
  });
  test("is counted where a proxy vouches for it, also as this machine's own or with a port; what is no address is one asker", async () => {
    const { passed } = limited();
    expect([await passed(30, "127.0.0.1"), await passed(30, "::1")]).toEqual([10, 10]);
    expect(await passed(6, "203.0.113.7:50123")).toBe(6);
    expect(await passed(6, "203.0.113.7:50124")).toBe(4);
    expect(await passed(6, "[2001:db8:7:7::1]:443")).toBe(6);
    expect(await passed(6, "2001:db8:7:7::2")).toBe(4);
    expect(await passed(6, "a proxy's own words")).toBe(6);
    expect(await passed(6, "::zz, 999.x")).toBe(4);
  });
  test("may ask without end where no limit is set", async () => {
    const { passed } = limited({ addressPerSecond: null });
    expect(await passed(30, "203.0.113.5")).toBe(30);
  });
});

describe("an account that is logged in", () => {
  test("has a share of its own, wherever it is and however busy its address is", async () => {
    const { passed } = limited();
    // Known from its first request on, which counts for the address.
    expect(await passed(1, "203.0.113.5", who, bearer("passenger"))).toBe(1);
    expect(await passed(20, "203.0.113.5")).toBe(9);
    expect(await passed(12, "203.0.113.5", who, bearer("passenger"))).toBe(12);
    expect(await passed(12, "198.51.100.7", "/api/note/5", bearer("passenger"))).toBe(8);
  });
  test("is nobody where its token is made up: that counts for the address", async () => {
    const { ask } = limited();
    const answers = [];
    for (let n = 0; n < 14; n++) answers.push((await ask("203.0.113.5", who, bearer(`made-up-${n}`))).status);
    expect(answers.filter((status) => status === 429)).toHaveLength(4);
  });
  test("is found also where the look-up takes a while", async () => {
    const { passed } = limited();
    expect(await passed(1, "203.0.113.5", who, bearer("slow"))).toBe(1);
    await passed(20, "203.0.113.5");
    expect(await passed(5, "203.0.113.5", who, bearer("slow"))).toBe(5);
  });
});

describe("where a role or another thread finds out who asks", () => {
  async function expectLearned(http: Partial<HttpOptions>) {
    const { ask, passed } = limited({}, { rooms: [], authenticate: () => null, ...http });
    const first = await ask("203.0.113.5", who, bearer("passenger"));
    expect([first.status, first.headers.get(accountHeader)]).toEqual([200, null]);
    expect(await passed(20, "203.0.113.5")).toBe(9);
    expect(await passed(5, "203.0.113.5", who, bearer("passenger"))).toBe(5);
    expect(await passed(5, "203.0.113.5", who, bearer("made-up"))).toBe(0);
  }

  test("a gateway knows an account by what a role says with its answers, and keeps that to itself", async () => {
    const url = open({ around: insideOnly(guardOf({ withHeaders: true })), trustProxy: true });
    const { observe } = observeLines("info");
    const roles = [{ role: "note", addresses: [url], routes: [noteRoutes] }];
    await expectLearned({
      extraRoutes: createGateway({ roles, signerOf: () => signerWith(), observe, trustProxy: true }),
      described: [noteRoutes],
    });
  });
  test("a thread that passes requests on knows it by what the other one says", async () => {
    const folder = mkdtempSync(join(tmpdir(), "limit-"));
    const inner = join(folder, "core.sock");
    const publicUrl = open({ inner, trustProxy: true });
    await expectLearned({ passOn: createPassOn(inner) });
    // At its own door that thread says it to nobody.
    const answer = await fetch(publicUrl + who, { headers: bearer("passenger") });
    expect(answer.headers.get(accountHeader)).toBe(null);
    rmSync(folder, { recursive: true });
  });
});

describe("what is told, and kept", () => {
  test("who is turned away is told once a minute, with the account where there is one", async () => {
    const { passed, told, time } = limited();
    await passed(30, "203.0.113.5");
    await passed(30, "203.0.113.5");
    expect(told.map(({ clientAddress, userId }) => [clientAddress, userId])).toEqual([["203.0.113.5", null]]);
    time.ms += 180_000;
    await passed(30, "203.0.113.5");
    expect(told).toHaveLength(2);
    await passed(1, "203.0.113.9", who, bearer("passenger"));
    await passed(30, "203.0.113.9", who, bearer("passenger"));
    expect(told.at(-1)).toMatchObject({ userId: 1, clientAddress: "203.0.113.9" });
  });
  test("memory is bounded: beyond so many askers those that asked last are kept apart", async () => {
    const { passed } = limited({ askersMax: 4 });
    await passed(10, "203.0.113.1");
    for (let n = 2; n < 12; n++) await passed(1, `203.0.113.${n}`);
    expect(await passed(10, "203.0.113.1")).toBe(10);
    expect(await passed(3, "203.0.113.1")).toBe(0);
  });
  test("what is turned away is counted among the answers", async () => {
    const { passed, url } = limited();
    await passed(12, "203.0.113.5");
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toMatch(/http_requests_total\{[^}]*\(throttled\)[^}]*status="429"[^}]*\} 2/);
  });
});

describe("rules of a route", () => {
  type Who = RouteRule["who"];
  const ruleOf = (kind: Who, triesMax: number): RouteRule => ({
    who: kind,
    allowance: { triesMax, windowMs: triesMax * 1_000 },
    key: `${kind} ${triesMax} `,
    refused: 0,
  });
  function ruled(...rules: RouteRule[]) {
    const inForce = { rules };
    const counted: [route: string, address: string, userId: number | null][] = [];
    const limits = { addressPerSecond: null, accountPerSecond: null };
    const deps = {
      ...limits,
      rules: {
        of: (route: string) => ({
          get rules() {
            return route === "note.seen" ? inForce.rules : [];
          },
          count: (address: string, userId: number | null) => void counted.push([route, address, userId]),
        }),
      },
    };
    return { ...limited(deps), inForce, counted };
  }

  test("are for that route alone, and count who asks as they say", async () => {
    const { passed, counted, time } = ruled(ruleOf("address", 3));
    expect(await passed(5, "203.0.113.5", who)).toBe(3);
    expect(await passed(5, "203.0.113.6", who)).toBe(3);
    expect(await passed(30, "203.0.113.5")).toBe(30);
    time.ms += 1_000;
    expect(await passed(5, "203.0.113.5", who)).toBe(1);
    expect(counted.filter(([route]) => route === "note.seen")).toHaveLength(15);
    expect(counted.filter(([route]) => route === "note.get")).toHaveLength(30);
  });

  test("of accounts are nothing to who is not logged in; of both, an account is counted and nobody beside it", async () => {
    const anna = bearer("passenger");
    const { passed, ask, inForce, counted } = ruled(ruleOf("account", 3));
    // An account is known from its first answer on.
    await ask("203.0.113.5", who, anna);
    expect(await passed(9, "203.0.113.5", who)).toBe(9);
    expect(await passed(5, "203.0.113.6", who, anna)).toBe(3);
    expect(counted.at(-1)).toEqual(["note.seen", "203.0.113.6", expect.any(Number)]);
    inForce.rules = [ruleOf("both", 4)];
    expect(await passed(9, "203.0.113.5", who, anna)).toBe(4);
    expect(await passed(9, "203.0.113.5", who)).toBe(4);
  });

  test("are changed while it is asked: another rule begins anew, and one that comes back goes on", async () => {
    const first = ruleOf("address", 3);
    const { passed, inForce } = ruled(first);
    expect(await passed(5, "203.0.113.5", who)).toBe(3);
    inForce.rules = [ruleOf("address", 5)];
    expect(await passed(9, "203.0.113.5", who)).toBe(5);
    inForce.rules = [];
    expect(await passed(9, "203.0.113.5", who)).toBe(9);
    inForce.rules = [first];
    expect(await passed(5, "203.0.113.5", who)).toBe(0);
    expect(first.refused).toBe(7);
  });

  test("count what is let through: what one refuses uses up nothing of another", async () => {
    const { passed, ask } = ruled(ruleOf("address", 9), ruleOf("account", 3));
    await ask("203.0.113.5", who, bearer("passenger"));
    expect(await passed(20, "203.0.113.5", who, bearer("passenger"))).toBe(3);
    expect(await passed(20, "203.0.113.5", who)).toBe(5);
  });

  test("count each by itself, and accounts apart from addresses: however many others come, who is held back stays so", async () => {
    const all = { search: [ruleOf("address", 3)], order: [ruleOf("both", 3)] };
    const forgotten: string[] = [];
    const { passed, ask } = limited({
      addressPerSecond: null,
      accountPerSecond: null,
      askersMax: 4,
      forgotten: (kind) => void forgotten.push(kind),
      rules: {
        of: (route) => ({
          rules: route === "note.seen" ? all.order : route === "note.get" ? all.search : [],
          count() {},
        }),
      },
    });
    await ask("198.51.100.1", who, bearer("passenger"));
    expect(await passed(5, "198.51.100.1", who, bearer("passenger"))).toBe(3);
    for (let n = 0; n < 80; n++) await ask(`203.0.113.${n}`);
    for (let n = 0; n < 80; n++) await ask(`203.0.113.${n}`, who);
    expect(await passed(5, "198.51.100.1", who, bearer("passenger"))).toBe(0);
    expect(new Set(forgotten)).toEqual(new Set(["address"]));
  });

  test("let through whoever is never counted", async () => {
    const notices = { seen: { ...noteRoutes.seen, uncounted: true } } as const;
    const rules = { of: () => ({ rules: [ruleOf("address", 1)], count() {} }) };
    const { passed } = limited({ addressPerSecond: null, rules }, { described: [notices] });
    expect(await passed(9, "203.0.113.5", who)).toBe(9);
    expect(await passed(9, "203.0.113.5")).toBe(1);
  });
});
