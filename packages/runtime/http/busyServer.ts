/** A process of one thread whose work takes all of it: started by shedding.test.ts, and ended by it. */
import { route } from "@chepiao/contracts";
import { ok } from "@chepiao/kernel";
import Type from "typebox";
import { createLogger, createMetrics } from "../observe/index.ts";
import { serveHttp } from "./serve.ts";
import { createShedding } from "./shedding.ts";

const workMs = 40;
const spec = (name: string, shed: "first" | "never") =>
  route({
    method: "GET",
    path: `/api/work/${name}`,
    summary: "Works",
    room: "work",
    who: "anyone",
    anonymous: true,
    shed,
    answers: { 200: { description: "Done.", schema: Type.Object({}) } },
    refusals: [],
  });

const work = () => {
  for (const until = performance.now() + workMs; performance.now() < until;);
  return ok({ status: 200, body: {} });
};
const observe = { logger: createLogger({ level: "silent", write() {} }), metrics: createMetrics() };
const server = serveHttp({
  port: 0,
  hostname: "127.0.0.1",
  rooms: [
    {
      routes: { always: spec("always", "never"), least: spec("least", "first") },
      handlers: { always: work, least: () => ok({ status: 200, body: {} }) },
    },
  ],
  authenticate: () => null,
  observe,
  ready: () => [],
  shedding: createShedding({ lateMs: 100, observe }),
});
process.stdout.write(`${server.url}\n`);
