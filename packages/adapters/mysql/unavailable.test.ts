/** A database that is not there, or goes away in the midst of something: what whoever asked it is told. Needs no MySQL. */
import { afterAll, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { createSystemClock } from "@chepiao/adapters/system";
import { ServiceUnavailable } from "@chepiao/contracts";
import { epochMs, type OrderId, type UserId } from "@chepiao/kernel";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { lostBeforeCommit } from "@chepiao/adapters/sql";
import { openMysql } from "./database.ts";
import { clearer, type MysqlUnavailable } from "./errors.ts";
import { mysqlReady } from "./migrate.ts";
import { createMysqlStores, type MysqlStores } from "./stores.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const now = epochMs(1_000_000);

const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => "it went well").catch((error) => error);

/** Whatever a person may be waiting for. */
const questions: Readonly<Record<string, (stores: MysqlStores) => Promise<unknown>>> = {
  "an order": ({ orders }) => orders.load(1 as OrderId),
  "the orders of an account": ({ orders }) => orders.ofUser(1 as UserId, { limit: 1 }),
  "word to others": ({ orders }) => orders.enqueue([], now),
  "what is accepted becoming rows": ({ orders }) => orders.accept([sampleOrder()], now),
  "an account": ({ users }) => users.byId(1 as UserId),
  "its passengers": ({ users }) => users.passengers(1 as UserId),
  "sums of payments": ({ payments }) => payments.totals(),
  "the timetable": ({ timetable }) => timetable.version(),
};

async function openStoresAt(port: number): Promise<MysqlStores> {
  const database = openMysql(`mysql://chepiao:chepiao@127.0.0.1:${port}/chepiao`);
  cleanUp.use(database);
  return cleanUp.use(createMysqlStores({ database, clock: createSystemClock(), report: () => {} }));
}

/** Takes connections, and says nothing but goodbye. */
async function rudeServer(): Promise<number> {
  const server: Server = createServer((socket: Socket) => void setTimeout(() => socket.destroy(), 10));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  cleanUp.defer(() => void server.close());
  return (server.address() as { port: number }).port;
}

const places = [
  ["where nobody listens", async () => 1],
  ["that closes every connection", rudeServer],
] as const;

for (const [place, portOf] of places) {
  const stores = await openStoresAt(await portOf());
  test.each(Object.entries(questions))(`a database ${place}: who asks for %s hears that it is away`, async (_, ask) => {
    const failure = await failureOf(ask(stores));
    expect(failure).toBeInstanceOf(ServiceUnavailable);
    const { refusal, message } = failure as ServiceUnavailable;
    expect(refusal).toEqual({ code: "ServiceUnavailable", facts: { retryAfterSeconds: 1 } });
    expect(message).toMatch(/^MySQL at 127\.0\.0\.1:\d+\/chepiao is away: it (refuses|closed) /);
    expect(message).not.toContain("chepiao:chepiao");
  });
}

test("a proxy that lost a server in the midst of a transaction says so in its own words: it is away, and nothing is done", () => {
  const words = [
    { code: "ER_INTERNAL_ERROR", message: "No operations allowed after connection is closed." },
    {
      message: "Runtime exception: [com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure]",
    },
  ];
  for (const said of words) {
    const error = clearer(Object.assign(new Error(), said, { sqlState: "HY000" }), "MySQL", true);
    expect(error).toBeInstanceOf(ServiceUnavailable);
    expect((error as MysqlUnavailable).code).toBe(lostBeforeCommit);
  }
  const somebodysName = { code: "ER_DUP_ENTRY", message: "Duplicate entry 'link failure' for key 'username'" };
  const duplicate = Object.assign(new Error(), somebodysName);
  expect(clearer(duplicate, "MySQL", true)).toBe(duplicate);
});

test("a proxy that gets no connection to a server is away, whatever it calls that", () => {
  const message = "HikariPool-5 - Connection is not available, request timed out after 2000ms.";
  for (const said of [
    { code: "ER_INTERNAL_ERROR", sqlState: "HY000", message: `Internal error: ${message}` },
    { sqlState: "HY000", message: `Internal error: ${message}` },
    { sqlState: "08000", message },
  ]) {
    const error = clearer(Object.assign(new Error(), said), "MySQL");
    expect(error).toBeInstanceOf(ServiceUnavailable);
    expect(error.message).toContain("cannot reach a server behind it");
  }
  const ours = Object.assign(new Error(), {
    code: "ER_DUP_ENTRY",
    message: "Duplicate entry 'connection is not available'",
  });
  expect(clearer(ours, "MySQL")).toBe(ours);
});

test("readiness says which database is away", async () => {
  await using database = openMysql("mysql://chepiao:chepiao@127.0.0.1:1/chepiao");
  expect(String(await failureOf(mysqlReady(database)))).toContain(
    "MySQL at 127.0.0.1:1/chepiao is away: it refuses connections; is it running?",
  );
});
