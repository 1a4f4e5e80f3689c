/** From a request to the command it means. */
import { expect, test } from "bun:test";
import { type Call, deviceHeader, type orderRoutes, passHeader, type PurchaseRequest } from "@chepiao/contracts";
import { ok } from "@chepiao/kernel";
import { nobodyJudged, requestOf } from "../order.twin.ts";
import { createPurchaseHandler, type SubmitCommand } from "./command.ts";

/** The command that a request of that account means, and how often its address was looked for. */
async function commandOf(headers: Record<string, string> = {}, body: PurchaseRequest = requestOf(7), isIdle = true) {
  let looked = 0;
  const heard: SubmitCommand[] = [];
  const handler = createPurchaseHandler(
    async (command) => {
      heard.push(command);
      return ok({ status: 202 });
    },
    { ...nobodyJudged, isIdle: () => isIdle },
  );
  await handler({
    session: { sessionId: "S", userId: 7, role: "passenger" },
    body,
    idempotencyKey: "k",
    request: new Request("https://site.example/", { headers }),
    get clientAddress() {
      // Of a connection that has ended nothing is known.
      return looked++ === 0 ? "203.0.113.9" : "unknown";
    },
  } as Call<typeof orderRoutes.submit>);
  return { command: heard[0]!, looked: () => looked };
}

test("the command says what is bought, for whom, under which key", async () => {
  const { command } = await commandOf();
  expect(command).toMatchObject({ userId: 7, key: "k", lines: [requestOf(7)] });
});

test("several lines are one command; one line is the same, by itself or in a list", async () => {
  const connection = requestOf(7, { trainNumber: "G3" });
  const { command } = await commandOf({}, { lines: [requestOf(7), connection] });
  expect(command.lines).toEqual([requestOf(7), connection]);
  const listed = (await commandOf({}, { lines: [requestOf(7)] })).command;
  const { command: alone } = await commandOf();
  expect([listed.lines, listed.requestHash]).toEqual([alone.lines, alone.requestHash]);
  expect(command.requestHash).not.toBe(alone.requestHash);
});

test("it says who asks from where, and nobody looks for the address who does not want to know it", async () => {
  const { command, looked } = await commandOf({ [deviceHeader]: "phone 1", [passHeader]: "pass.signature" });
  expect([command.asker.device, command.asker.pass, looked()]).toEqual(["phone 1", "pass.signature", 0]);
  expect([command.asker.address, looked()]).toEqual(["203.0.113.9", 1]);
});

test("where somebody may be judged the address is looked for at once: whoever hangs up has it still", async () => {
  const { command, looked } = await commandOf({}, requestOf(7), false);
  expect(looked()).toBe(1);
  expect([command.asker.address, command.asker.address, looked()]).toEqual(["203.0.113.9", "203.0.113.9", 1]);
});

test("what a request does not say, or says at a length that nothing of ours has, is not said", async () => {
  for (const headers of [{}, { [deviceHeader]: "", [passHeader]: "x".repeat(513) }]) {
    const { asker } = (await commandOf(headers)).command;
    expect([asker.device, asker.pass]).toEqual([null, null]);
  }
});

test("a command that crosses to another thread says the same there", async () => {
  const { command } = await commandOf({ [passHeader]: "pass.signature" });
  const there = JSON.parse(JSON.stringify(command)) as SubmitCommand;
  expect(there.asker).toEqual({
    address: "203.0.113.9",
    device: null,
    pass: "pass.signature",
    proof: null,
    session: { sessionId: "S" },
  });
  expect(there).toMatchObject({ userId: 7, key: "k", requestHash: command.requestHash });
});
