/** Gates by command, beside a platform that runs and one that does not: who went in is known once, and what does not fit is told. */
import { afterAll, expect, test } from "bun:test";
import type { Order, Problem } from "@chepiao/contracts";
import { createPrng, hourMs } from "@chepiao/kernel";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gateCommand } from "./commands/gate/index.ts";
import { runInFolder } from "./testing/command.ts";
import { buy, call, createAnswers, type Crowd, payAtBank } from "./testing/passengers.ts";
import { policySetting } from "./testing/policy.ts";
import { createWorld, freePort, type ServerProcess, startServer } from "./testing/world.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

const composition = { code: "GATES", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 5 }] }] };

test("who goes in is known once, also by gates that could ask nobody while the platform was down; staff find what does not fit", async () => {
  const world = await createWorld({ userCount: 1, passengersPerUser: 3, trainCount: 1, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  const port = freePort();
  let server: ServerProcess = await startServer(world, port, policySetting());
  cleanUp.defer(() => server.kill());
  const files = mkdtempSync(join(tmpdir(), "chepiao-gates-"));
  cleanUp.defer(() => rmSync(files, { recursive: true }));

  const [user] = world.users;
  const crowd: Crowd = {
    world,
    url: server.url,
    record: createAnswers(),
    seatClass: "second",
    bank: ["normal"],
    goOn: () => true,
  };
  const accepted = await buy(crowd, user!, "gates", {
    trainNumber: world.trains[0]!,
    originDate: world.date,
    from: "S0",
    to: "S2",
    seatClass: "second",
    passengers: user!.passengerIds.map((passengerId) => ({ passengerId })),
  });
  const path = `/api/order/${accepted!.orderNo}`;
  const orderOnce = async (isThere: (order: Order) => boolean): Promise<Order> => {
    for (const end = Date.now() + 90_000; ; await Bun.sleep(50)) {
      const order = (await call<Order>(crowd, user!, "GET", path))!.body;
      if (isThere(order) || Date.now() > end) return order;
    }
  };
  await orderOnce(({ state }) => state === "pendingPayment");
  await payAtBank(crowd, user!, accepted!.orderNo, createPrng(1));
  const { tickets, departAt } = await orderOnce(({ state }) => state === "ticketed");
  const [first, second, third] = tickets.map(({ ticketNo }) => ticketNo);
  const at = new Date(Date.parse(departAt) - hourMs).toISOString();

  const chepiao = (...args: readonly string[]) => runInFolder(gateCommand, world.dataDir, args);
  const saying = (text: string | RegExp, exit = 0) => ({
    exit,
    text: typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text),
  });
  expect(await chepiao("add", "A1", "--station", "S0")).toMatchObject(saying(/\nA1:[\w-]{43}$/));
  expect(await chepiao("add", "A1", "--station", "S0")).toMatchObject(saying("There is, or was, a gate A1", 1));
  expect(await chepiao("add", "A2", "--station", "S0")).toMatchObject({ exit: 0 });
  expect(await chepiao("add", "B1", "--station", "nowhere")).toMatchObject(saying("does not know", 1));
  expect(await chepiao("enter", first!, "--gate", "A9")).toMatchObject(saying("no gate A9", 1));
  expect(await chepiao("enter", first!)).toMatchObject({ exit: 2 });

  expect(await chepiao("enter", first!, "--gate", "A1", "--at", at)).toMatchObject(saying("✓"));
  expect((await orderOnce(({ tickets: [one] }) => one!.state === "used")).tickets[0]!.enteredAt).toBeDefined();
  expect(await chepiao("enter", first!, "--gate", "A2", "--at", at)).toMatchObject(
    saying(/has entered with it before\n[^]*A1/, 1),
  );
  const refused = await call<Problem>(crowd, user!, "POST", `${path}/refund`, { ticketNos: [first] });
  expect(refused!.body).toMatchObject({ code: "TicketNotRefundable", facts: { rule: "entered" } });
  expect(await chepiao("list", world.trains[0]!, world.date, "--station", "S0")).toMatchObject(
    saying(new RegExp(`${first}[^\\n]*"entered":true[^]*${second}[^\\n]*"entered":false`)),
  );

  // Both gates are cut off, the platform is down, and the events come twice.
  const event = (eventId: string, ticketNo: string | undefined) =>
    JSON.stringify({ eventId, act: "enter", ticketNo, at });
  const [one, other, wrong] = ["1", "2", "3"].map((name) => join(files, name));
  writeFileSync(one!, `${event("1", second)}\n\n${event("2", third)}\n`);
  writeFileSync(other!, `${event("1", second)}\n`);
  writeFileSync(
    wrong!,
    `{"eventId":"10"}\n${event("9", second)}\n${event("11", third).replace(at, "2026-12-31T23:59:60Z")}\n`,
  );
  const unread = /^1 events of gate A1 are kept[^]*Line 1 is no event[^]*Line 3: .* is no moment/;
  await server.kill();
  expect(await chepiao("upload", one!, "--gate", "A1")).toMatchObject(saying("pending: 2"));
  server = await startServer(world, port, policySetting());
  await orderOnce(({ tickets: all }) => all.every(({ state }) => state === "used"));
  expect(await chepiao("upload", one!, "--gate", "A1")).toMatchObject(saying("entered: 2"));
  expect(await chepiao("upload", other!, "--gate", "A2")).toMatchObject(saying("usedBefore: 1", 1));
  const { text } = await chepiao("conflicts");
  expect(text.match(/^✗ .*$/gm)).toEqual([
    `✗ ${second} enter at gate A2: somebody has entered with it before`,
    `✗ ${first} enter at gate A2: somebody has entered with it before`,
  ]);
  expect(await chepiao("conflicts", "--outcome", "givenBack")).toMatchObject(saying("No conflicts."));
  expect(await chepiao("conflicts", "--until", "2026-01-01T00:00:00Z")).toMatchObject(saying("No conflicts."));
  expect(await chepiao("conflicts", "--outcome", "entered")).toMatchObject(saying("usedBefore", 2));
  // A line that cannot be read keeps no other out, and a gate is heard of the time before it was retired.
  expect(await chepiao("upload", wrong!, "--gate", "A1")).toMatchObject(saying(unread, 1));
  expect(await chepiao("retire", "A1")).toMatchObject({ exit: 0 });
  writeFileSync(wrong!, `${event("12", third).replace(at, "2026-01-01T00:00:00Z")}\n${event("13", third)}\n`);
  expect(await chepiao("upload", wrong!, "--gate", "A1")).toMatchObject(
    saying(/^1 events [^]*usedBefore: 1[^]*Line 2 is from when gate A1 was retired/, 1),
  );
  expect(await chepiao("enter", third!, "--gate", "A1")).toMatchObject(saying("no gate A1", 1));
  expect(crowd.record.wrong).toEqual([]);
}, 240_000);
