/** A verifier elsewhere: the port's rules over a real socket, and everything that may come of asking. */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { ServiceUnavailable } from "@chepiao/contracts";
import { epochMs, minuteMs, secondMs } from "@chepiao/kernel";
import { createManualClock, type ManualClock } from "@chepiao/ports/clock";
import {
  createMemoryIdentityVerifier,
  type Identity,
  type IdentityVerdict,
  type MemoryIdentityVerifier,
} from "@chepiao/ports/identity-verifier";
import { identityVerifierSuite } from "@chepiao/ports/identity-verifier/identityVerifier.suite.ts";
import { createSeededRandom } from "@chepiao/ports/random";
import { createHttpIdentity, createIdentityService } from "./index.ts";

const key = "a key that both ends have, and nobody else";
const anna = { name: "Anna Schmidt", documentType: "passport", documentNumber: "C01X00T47" } as const;
const path = "/verify";
const start = epochMs(Date.UTC(2026, 10, 22));

/** A register behind the protocol, and the platform that asks it through `change`, which may do to an answer what a network may. */
function setUp(change: (answer: Response, request: Request) => Response | Promise<Response> = (answer) => answer) {
  const clock = createManualClock(start);
  const register = createMemoryIdentityVerifier([anna], "unknown");
  const service = createIdentityService({ path, keys: [key], verifier: register, clock });
  let asked = 0;
  const identity = createHttpIdentity({
    url: `http://verifier.example${path}`,
    key,
    clock,
    random: createSeededRandom(1),
    async ask(request) {
      asked++;
      return change((await service.fetch(request))!, request);
    },
  });
  return { clock, register, service, identity, asked: () => asked };
}

const thrownBy = (asked: Promise<IdentityVerdict>) =>
  asked.then(
    (verdict) => `it said ${verdict}`,
    (error: unknown) => error,
  );
const isAway = async (asked: Promise<IdentityVerdict>) =>
  expect(await thrownBy(asked)).toBeInstanceOf(ServiceUnavailable);
async function isBroken(asked: Promise<IdentityVerdict>, says: string) {
  const error = await thrownBy(asked);
  expect(error).not.toBeInstanceOf(ServiceUnavailable);
  expect(String(error)).toContain(says);
}

const servers: { stop(closeNow?: boolean): Promise<void> }[] = [];
afterAll(async () => void (await Promise.all(servers.map((each) => each.stop(true)))));

identityVerifierSuite("over HTTP", () => {
  const clock = createManualClock(start);
  const register = createMemoryIdentityVerifier([anna], "unknown");
  const service = createIdentityService({ path, keys: [key], verifier: register, clock });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => (await service.fetch(request))!,
  });
  servers.push(server);
  return {
    verifier: createHttpIdentity({ url: new URL(path, server.url).href, key, clock, random: createSeededRandom(1) }),
    known: anna,
    nobody: { ...anna, documentNumber: "C99X99T99" },
    leave: () => void server.stop(true),
  };
});

describe("what is asked", () => {
  test("is signed as the page for railways says, and is a number of its own", async () => {
    const seen: Headers[] = [];
    const { identity } = setUp((answer, { headers }) => {
      seen.push(headers);
      return answer;
    });
    await identity.verify(anna);
    await identity.verify(anna);
    const [headers, next] = seen as [Headers, Headers];
    expect(headers.get("x-nonce")).not.toBe(next.get("x-nonce"));
    const body = `{"name":"Anna Schmidt","documentType":"passport","documentNumber":"C01X00T47"}`;
    const digest = new Bun.CryptoHasher("sha256").update(body).digest("hex");
    const lines = ["chepiao identity question 1", headers.get("x-at"), headers.get("x-nonce"), digest];
    expect(headers.get("x-signature")).toBe(createHmac("sha256", key).update(lines.join("\n")).digest("hex"));
  });

  test("goes nowhere else, whatever the verifier answers", async () => {
    let arrived = 0;
    const elsewhere = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch() {
        arrived++;
        return new Response("{}");
      },
    });
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => Response.redirect(elsewhere.url.href, 307),
    });
    servers.push(elsewhere, server);
    const identity = createHttpIdentity({
      url: server.url.href,
      key,
      clock: createManualClock(start),
      random: createSeededRandom(1),
    });
    await isAway(identity.verify(anna));
    expect(arrived).toBe(0);
  });
});

describe("an answer is not believed", () => {
  const signature = "0".repeat(64);
  const forged = (says: string, signed: string) =>
    new Response(says, { status: 200, headers: { "x-signature": signed } });
  test.each([
    ["without a signature", () => Response.json({ verdict: "matches" }), "is not signed"],
    ["with another's", () => forged('{"verdict":"matches"}', signature), "is not signed"],
    [
      "that was changed on the way",
      (answer: Response) => forged('{"verdict":"matches"}', answer.headers.get("x-signature")!),
      "is not signed",
    ],
    ["that does not end", () => new Response("x".repeat(100_000)), "has no end"],
  ])("%s", async (_, change, says) => {
    const { identity } = setUp(change);
    await isBroken(identity.verify({ ...anna, name: "Somebody Else" }), says);
  });

  test("to another question", async () => {
    const kept: Response[] = [];
    const { identity } = setUp((answer) => {
      kept.push(answer);
      return kept[0]!.clone();
    });
    expect(await identity.verify(anna)).toBe("matches");
    await isBroken(identity.verify({ ...anna, name: "Somebody Else" }), "is not signed");
  });

  test("that means nothing to us", async () => {
    const { clock, register } = setUp();
    register.verify = async () => "perhaps" as IdentityVerdict;
    const service = createIdentityService({ path, keys: [key], verifier: register, clock });
    const identity = createHttpIdentity({
      url: `http://v${path}`,
      key,
      clock,
      random: createSeededRandom(1),
      ask: service.fetch,
    });
    await isBroken(identity.verify(anna), "none that we know");
  });
});

describe("a question is not answered", () => {
  let clock: ManualClock;
  let register: MemoryIdentityVerifier;
  const ask = async (shownKey: string, more: { behindMs?: number; identity?: Partial<Identity> } = {}) => {
    const service = createIdentityService({
      path,
      keys: [key, "the next key, while it is changed"],
      verifier: register,
      clock,
    });
    const asking = createManualClock(epochMs(start - (more.behindMs ?? 0)));
    const identity = createHttpIdentity({
      url: `http://v${path}`,
      key: shownKey,
      clock: asking,
      random: createSeededRandom(1),
      ask: service.fetch,
    });
    return identity.verify({ ...anna, ...more.identity });
  };
  beforeEach(() => {
    clock = createManualClock(start);
    register = createMemoryIdentityVerifier([anna], "unknown");
  });

  test("that strangers ask, or at another time, or about nobody", async () => {
    await isBroken(ask("another key"), "401");
    await isBroken(ask(key, { behindMs: 6 * minuteMs }), "401");
    await isBroken(ask(key, { identity: { name: "" } }), "400");
    await isBroken(ask(key, { identity: { name: "x".repeat(5_000) } }), "413");
    expect(register.asked).toBe(0);
    expect(await ask(key, { behindMs: 4 * minuteMs })).toBe("matches");
    expect(await ask("the next key, while it is changed")).toBe("matches");
  });

  test("at another address or by another method", async () => {
    const service = createIdentityService({ path, keys: [key], verifier: register, clock });
    expect(await service.fetch(new Request("http://v/other", { method: "POST" }))).toBeNull();
    expect((await service.fetch(new Request(`http://v${path}`)))!.status).toBe(405);
  });
});

test("whoever does not answer in time is away, and its late answer counts for nothing", async () => {
  const { clock, identity } = setUp(() => new Promise(() => {}));
  const asked = thrownBy(identity.verify(anna));
  await clock.advance(4 * secondMs);
  expect(await asked).toBeInstanceOf(ServiceUnavailable);
});

test("a body that begins and does not end is not waited for", async () => {
  const { clock, identity } = setUp(
    () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(8)) })),
  );
  const asked = thrownBy(identity.verify(anna));
  await clock.advance(4 * secondMs);
  expect(await asked).toBeInstanceOf(ServiceUnavailable);
});

test("a verifier that fails again and again is asked ever more seldom, and at once again when it answers", async () => {
  let isThere = false;
  const { clock, identity, asked } = setUp((answer) => (isThere ? answer : new Response(null, { status: 502 })));
  for (let second = 0; second < 120; second++) {
    await isAway(identity.verify(anna));
    await clock.advance(secondMs);
  }
  // Three, then after 1, 2, 4, 8, 16, 32 and 60 seconds.
  expect(asked()).toBeGreaterThan(5);
  expect(asked()).toBeLessThan(12);
  isThere = true;
  await clock.advance(minuteMs);
  expect(await identity.verify(anna)).toBe("matches");
  const before = asked();
  for (let n = 0; n < 10; n++) await identity.verify(anna);
  expect(asked()).toBe(before + 10);
});

test("a verifier that names a time is not asked before it", async () => {
  let isBusy = true;
  const { clock, identity, asked } = setUp((answer) =>
    isBusy ? new Response(null, { status: 429, headers: { "retry-after": "20" } }) : answer,
  );
  await isAway(identity.verify(anna));
  isBusy = false;
  await clock.advance(19 * secondMs);
  await isAway(identity.verify(anna));
  expect(asked()).toBe(1);
  await clock.advance(secondMs);
  expect(await identity.verify(anna)).toBe("matches");
});

test("one person of whom nothing can be said holds up nobody else", async () => {
  let tries = 0;
  const { identity } = setUp((answer) => (++tries <= 2 ? new Response(null, { status: 503 }) : answer));
  await isAway(identity.verify(anna));
  await isAway(identity.verify(anna));
  expect(await identity.verify(anna)).toBe("matches");
});

test("so many are asked about at once, and no more", async () => {
  const { identity, asked } = setUp(() => new Promise(() => {}));
  for (let n = 0; n < 64; n++) void thrownBy(identity.verify(anna));
  await isAway(identity.verify(anna));
  expect(asked()).toBe(64);
});
