/** A house that is not open yet, on a real socket. */
import { expect, test } from "bun:test";
import type { Problem } from "@chepiao/contracts";
import { createLogger, createMetrics } from "../observe/index.ts";
import { PortTaken } from "./listen.ts";
import { openStartupServer } from "./startupServer.ts";
import { expectMisaddressed, speak, withoutAddress } from "./raw.suite.ts";
import { noteRoutes, serveSample } from "./sample.suite.ts";
import { auditAnswers } from "./answers.suite.ts";

const observe = { logger: createLogger({ level: "silent", write: () => {} }), metrics: createMetrics() };
const startupServerOf = (why: { text: string }) =>
  openStartupServer({
    port: 0,
    hostname: "127.0.0.1",
    observe,
    health: "details",
    ready: () => [{ name: "mysql", ready: false, why: why.text }],
  });

test("it lives, says what it waits for and why, and turns everybody else away for a moment", async () => {
  const why = { text: "ECONNREFUSED" };
  const startupServer = startupServerOf(why);
  const url = `http://127.0.0.1:${startupServer.port}`;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: "notReady", waitingFor: ["mysql"], checks: [{ name: "mysql", ready: false, why: "ECONNREFUSED" }] },
  ]);
  why.text = "access denied";
  expect(await (await fetch(`${url}/readyz`)).text()).toContain("access denied");
  const turnedAway = await fetch(`${url}/api/note/5`, { headers: { "accept-language": "en" } });
  expect([turnedAway.status, turnedAway.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(((await turnedAway.json()) as Problem).code).toBe("ServiceUnavailable");
  expect(() =>
    openStartupServer({ port: startupServer.port, hostname: "127.0.0.1", observe, health: "details", ready: () => [] }),
  ).toThrow(PortTaken);
  await startupServer.stop();
  expect(await fetch(url).catch(() => "closed")).toBe("closed");
});

test.each(withoutAddress)("a request with %s is refused there, too", async (_, said) => {
  const startupServer = startupServerOf({ text: "ECONNREFUSED" });
  for (const target of ["/api/note", "/healthz"]) expectMisaddressed(await speak(startupServer.port, said(target)));
  await startupServer.stop();
});

test("when nothing is missing any more it is not ready either, until the doors are open", async () => {
  const checks = [
    { name: "mysql", ready: true },
    { name: "search", ready: false, optional: true as const },
  ];
  const startupServer = openStartupServer({
    port: 0,
    hostname: "127.0.0.1",
    observe,
    health: "details",
    ready: () => checks,
  });
  const url = `http://127.0.0.1:${startupServer.port}/readyz`;
  const answer = await fetch(url);
  expect([answer.status, ((await answer.json()) as { waitingFor: string[] }).waitingFor]).toEqual([
    503,
    ["search", "doors"],
  ]);
  const { server } = serveSample({ startupServer, ready: () => checks });
  expect((await fetch(url)).status).toBe(200);
  await server.stop();
});

test("at the public listener it says whether it is ready and nothing else, before and after it opens", async () => {
  let ready = false;
  const checks = () => [{ name: "mysql", ready, why: "ECONNREFUSED 10.0.0.7:3306" }];
  const startupServer = openStartupServer({ port: 0, hostname: "127.0.0.1", observe, health: "status", ready: checks });
  const url = `http://127.0.0.1:${startupServer.port}`;
  const said = async () => {
    const answer = await fetch(`${url}/readyz`);
    return [answer.status, await answer.json(), (await fetch(`${url}/metrics`)).status];
  };
  expect(await said()).toEqual([503, { status: "notReady" }, 503]);
  // What the house is told besides changes nothing of it.
  const { server } = serveSample({ startupServer, ready: checks, health: "details" });
  expect(await said()).toEqual([503, { status: "notReady" }, 404]);
  ready = true;
  expect(await said()).toEqual([200, { status: "ready" }, 404]);
  await server.stop();
});

test("the house opens behind the same door, which is never shut in between", async () => {
  const startupServer = startupServerOf({ text: "" });
  const url = `http://127.0.0.1:${startupServer.port}/api/note/5`;
  const seen = new Set<unknown>();
  let goOn = true;
  const knocking = (async () => {
    while (goOn) seen.add(await fetch(url, { keepalive: false }).then(({ status }) => status, String));
  })();
  await Bun.sleep(30);
  const { server } = serveSample({ startupServer });
  await Bun.sleep(30);
  goOn = false;
  await knocking;
  expect([...seen]).toEqual([503, 200]);
  expect(server.port).toBe(startupServer.port);
  expect(await auditAnswers({ url: server.url, rooms: [{ routes: noteRoutes }], token: () => null })).toEqual([]);
  await server.stop();
  expect(await fetch(url).catch(() => "closed")).toBe("closed");
});

test("before it closes it says for a while that it is leaving, and goes on answering", async () => {
  const { server } = serveSample({ noticeMs: 100, health: "details" });
  const stopped = server.stop();
  const ready = await fetch(`${server.url}/readyz`);
  expect([ready.status, ((await ready.json()) as { waitingFor: string[] }).waitingFor]).toEqual([503, ["http"]]);
  expect((await fetch(`${server.url}/api/note/5`)).status).toBe(200);
  await stopped;
});

test("what is optional is told, and does not make the house unready", async () => {
  const ready = () => [{ name: "order", ready: false, why: "ECONNREFUSED", optional: true as const }];
  const { server } = serveSample({ ready, health: "details" });
  const answer = await fetch(`${server.url}/readyz`);
  expect([answer.status, await answer.json()]).toMatchObject([200, { status: "ready", waitingFor: ["order"] }]);
  await server.stop();
});
