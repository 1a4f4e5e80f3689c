/** One call to another role: when it is tried again, when not, and what its caller hears. */
import { afterEach, describe, expect, test } from "bun:test";
import { ServiceUnavailable } from "@chepiao/contracts";
import { callerOf, type Asked, echoCalls, nobody, secret, serveRole, signedFor, signerWith } from "./role.suite.ts";
import { currentTrace, inTrace, traceOf } from "./trace.ts";

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((role) => role.stop()));
});

const echo = {
  calls: echoCalls,
  handlers: {
    repeatable: ({ text }: { text: string }) => ({ text }),
    once: ({ text }: { text: string }) => ({ text }),
  },
};
function serve(instead?: Parameters<typeof serveRole>[1]) {
  const role = serveRole([echo], instead);
  running.push(role);
  return role;
}
const failing = (status: number) => new Response("{}", { status });
const hang = () => new Promise<Response>(() => {});
const unavailable = (error: unknown) => error instanceof ServiceUnavailable;
const failureOf = (asked: Promise<unknown>) =>
  asked.then(
    () => null,
    (error: unknown) => error,
  );

test("what is asked is answered, over one connection that is kept", async () => {
  const role = serve();
  const { ask } = callerOf([role.url]);
  for (const text of ["a", "b", "车票"]) expect(await ask(echoCalls.once, { text })).toEqual({ text });
  expect(new Set(role.asked.map(({ port }: Asked) => port)).size).toBe(1);
});

describe("who is not of the platform", () => {
  test("is turned away, whatever he asks", async () => {
    const role = serve();
    const body = '{"text":"a"}';
    const { path } = echoCalls.once;
    const post = (headers: Record<string, string>) => fetch(role.url + path, { method: "POST", body, headers });
    expect((await post({})).status).toBe(403);
    expect((await post({ "x-chepiao-inside": secret })).status).toBe(403);
    expect((await post(signedFor(path, body, signerWith({ secret: secret.toUpperCase() })))).status).toBe(403);
    expect((await post(signedFor(path, body))).status).toBe(200);
  });
  test("hears that the keys differ, and does not try again", async () => {
    const role = serve();
    const { ask } = callerOf([role.url], { sign: signerWith({ secret: "of another platform" }) });
    const failure = await failureOf(ask(echoCalls.repeatable, { text: "a" }));
    expect(unavailable(failure)).toBe(true);
    expect(String(failure)).toContain("same keys");
    expect(role.asked.length).toBe(1);
  });
});

describe("a call that is not answered", () => {
  test("is tried again with pauses until it is, where it may be made twice", async () => {
    const role = serve((asked) => (asked <= 2 ? failing(503) : null));
    const { ask } = callerOf([role.url]);
    expect(await ask(echoCalls.repeatable, { text: "a" })).toEqual({ text: "a" });
    expect(role.asked.length).toBe(3);
  });
  test("is not tried again where it may not", async () => {
    const role = serve((asked) => (asked <= 2 ? failing(500) : null));
    const { ask } = callerOf([role.url]);
    expect(unavailable(await failureOf(ask(echoCalls.once, { text: "a" })))).toBe(true);
    expect(role.asked.length).toBe(1);
  });
  test("goes to the next replica where there is one", async () => {
    const role = serve();
    const { ask } = callerOf([await nobody(), role.url]);
    for (let n = 0; n < 4; n++) expect(await ask(echoCalls.repeatable, { text: "a" })).toEqual({ text: "a" });
  });
  test("ends when its time is over, and no try begins after that", async () => {
    const role = serve(hang);
    const { ask, entries } = callerOf([role.url]);
    const startedMs = performance.now();
    const failure = await failureOf(ask(echoCalls.repeatable, { text: "a" }));
    const tookMs = performance.now() - startedMs;
    expect(String(failure)).toContain("it took too long");
    expect(tookMs).toBeWithin(echoCalls.repeatable.timeoutMs - 10, 2 * echoCalls.repeatable.timeoutMs + 1_000);
    expect(role.asked.length).toBeLessThanOrEqual(2);
    expect(entries().at(-1)).toMatchObject({ level: "WARN", status: "failed", action: echoCalls.repeatable.path });
  });
  test("says who was away, but not to the public", async () => {
    const { ask } = callerOf([await nobody()]);
    const failure = (await failureOf(ask(echoCalls.once, { text: "a" }))) as ServiceUnavailable;
    expect(failure.message).toMatch(/^echo is away: .*ECONNREFUSED$/);
    expect(failure.refusal).toEqual({ code: "ServiceUnavailable", facts: { retryAfterSeconds: 1 } });
  });
});

describe("an answer that is not of the contract", () => {
  test.each([
    ["no JSON", () => new Response("<html>")],
    ["another shape", () => Response.json({ text: 5 })],
    ["nothing", () => new Response("")],
    ["a redirect", () => Response.redirect("http://127.0.0.1:1/", 307)],
  ])("is none: %s", async (_, instead) => {
    const role = serve(instead);
    const { ask } = callerOf([role.url]);
    expect(await failureOf(ask(echoCalls.once, { text: "a" }))).toBeInstanceOf(Error);
  });
  test("may have more fields than we know: the other side may be newer", async () => {
    const role = serve(() => Response.json({ text: "a", more: 1 }));
    expect(await callerOf([role.url]).ask(echoCalls.once, { text: "b" })).toMatchObject({ text: "a" });
  });
});

describe("a question that is not of the contract", () => {
  test("is our own mistake: it is not tried again and nobody is blamed", async () => {
    const role = serve();
    const { ask, replicas } = callerOf([role.url]);
    for (let n = 0; n < 10; n++) {
      const failure = await failureOf(ask(echoCalls.repeatable, { text: 5 } as never));
      expect(unavailable(failure)).toBe(false);
      expect(String(failure)).toContain("400");
    }
    expect(role.asked.length).toBe(10);
    expect(replicas.open()).toEqual([]);
  });
  test("is refused by whoever is asked, also without a length or far too long", async () => {
    const role = serve();
    const { path } = echoCalls.once;
    const post = (text: string, body: BodyInit = text) =>
      fetch(role.url + path, { method: "POST", body, headers: signedFor(path, text) });
    const text = '{"text":"a"}';
    expect((await post("{")).status).toBe(400);
    expect((await post(text, new Response(text).body!.pipeThrough(new TransformStream()))).status).toBe(413);
    expect((await post("x".repeat(9 * 2 ** 20))).status).toBe(413);
  });
});

describe("a replica that does not answer", () => {
  const breakerSettings = { callsMin: 3, callsSeen: 6, openFirstMs: 200, openLastMs: 400 };

  test("is left alone: callers hear so at once, and it is not asked", async () => {
    const role = serve(() => failing(500));
    const { ask, replicas, entries } = callerOf([role.url], { breakerSettings });
    for (let n = 0; n < 3; n++) await failureOf(ask(echoCalls.once, { text: "a" }));
    expect(replicas.open()).toEqual([role.url]);
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(ask(echoCalls.once, { text: "a" }))));
    expect(failures.every(unavailable)).toBe(true);
    expect(role.asked.length).toBe(3);
    expect(entries().filter(({ action }) => action === "breaker").length).toBe(1);
  });
  test("is asked for what it can do: each call is left alone by itself", async () => {
    const role = serve(() => (role.asked.at(-1)!.path === echoCalls.once.path ? failing(500) : null));
    const { ask, entries } = callerOf([role.url], { breakerSettings });
    for (let n = 0; n < 3; n++) await failureOf(ask(echoCalls.once, { text: "a" }));
    expect(await ask(echoCalls.repeatable, { text: "b" })).toEqual({ text: "b" });
    expect(entries().find(({ action }) => action === "breaker")!.message).toContain(echoCalls.once.path);
  });
  test("is tried with one call when its time is up, and asked again once that is answered", async () => {
    let isWell = false;
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const role = serve(async () => {
      if (!isWell) return failing(500);
      await gate;
      return null;
    });
    const { ask, replicas } = callerOf([role.url], { breakerSettings });
    for (let n = 0; n < 3; n++) await failureOf(ask(echoCalls.once, { text: "a" }));
    isWell = true;
    await Bun.sleep(220);
    const first = ask(echoCalls.once, { text: "first" });
    const others = await Promise.all(Array.from({ length: 20 }, () => failureOf(ask(echoCalls.once, { text: "a" }))));
    expect(others.every(unavailable)).toBe(true);
    open();
    expect(await first).toEqual({ text: "first" });
    expect(role.asked.length).toBe(4);
    expect(replicas.open()).toEqual([]);
    expect(await ask(echoCalls.once, { text: "b" })).toEqual({ text: "b" });
  });
  test("is left alone for longer when that one call fails, too", async () => {
    const role = serve(() => failing(500));
    const { ask, replicas } = callerOf([role.url], { breakerSettings });
    for (let n = 0; n < 3; n++) await failureOf(ask(echoCalls.once, { text: "a" }));
    await Bun.sleep(220);
    await failureOf(ask(echoCalls.once, { text: "a" }));
    expect(role.asked.length).toBe(4);
    expect(replicas.open()).toEqual([role.url]);
    await failureOf(ask(echoCalls.once, { text: "a" }));
    expect(role.asked.length).toBe(4);
  });
  test("does not hold up the others of its role", async () => {
    const [sick, well] = [serve(() => failing(500)), serve()];
    const { ask } = callerOf([sick.url, well.url], { breakerSettings });
    for (let n = 0; n < 20; n++) await failureOf(ask(echoCalls.once, { text: "a" }));
    expect(sick.asked.length).toBe(3);
    expect(well.asked.length).toBe(17);
  });
});

describe("a trace", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const incoming = new Headers({ traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: "vendor=1" });

  test("goes on with what is asked within it, one step further, and stands in the lines of both sides", async () => {
    const role = serve();
    const { ask, entries } = callerOf([role.url]);
    await inTrace(traceOf(incoming), () => ask(echoCalls.once, { text: "a" }));
    const [{ headers }] = role.asked as [Asked];
    expect(headers.get("traceparent")).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`));
    expect(headers.get("traceparent")).not.toContain("b7ad6b7169203331");
    expect(headers.get("tracestate")).toBe("vendor=1");
    expect(role.entries().at(-1)).toMatchObject({ traceId });

    await role.stop();
    await failureOf(inTrace(traceOf(incoming), () => ask(echoCalls.once, { text: "a" })));
    expect(entries().at(-1)).toMatchObject({ traceId, level: "WARN" });
  });
  test("is what the room that answers works in", async () => {
    const seen: (string | undefined)[] = [];
    const handler = async ({ text }: { text: string }) => {
      await Bun.sleep(1);
      seen.push(currentTrace()?.traceId);
      return { text };
    };
    const role = serveRole([{ calls: echoCalls, handlers: { repeatable: handler, once: handler } }]);
    running.push(role);
    const { ask } = callerOf([role.url]);
    await inTrace(traceOf(incoming), () => ask(echoCalls.once, { text: "a" }));
    expect(seen).toEqual([traceId]);
  });
  test("begins where nobody sent one, or one that is not well formed", () => {
    for (const traceparent of [null, "", "rubbish", `00-${"0".repeat(32)}-b7ad6b7169203331-01`]) {
      const trace = traceOf(new Headers(traceparent === null ? {} : { traceparent, tracestate: "x=1" }));
      expect(trace).toMatchObject({ flags: "00", state: null });
      expect(trace.traceId).toMatch(/^(?!0+$)[\da-f]{32}$/);
    }
    expect(currentTrace()).toBe(null);
  });
});
