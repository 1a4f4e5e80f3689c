/** A network that can be cut loses nothing that TCP would not lose. */
import { afterAll, expect, test } from "bun:test";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { openLink } from "./link.ts";

const opened = new AsyncDisposableStack();
afterAll(() => opened.disposeAsync());
const quietMs = 100;

/** Says back what it hears. */
async function echo(): Promise<number> {
  const server: Server = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.defer(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function linkToEcho() {
  const link = await openLink({ host: "127.0.0.1", port: await echo() });
  opened.use(link);
  return link;
}

/** Somebody who says something and remembers what is said back. */
function caller(port: number) {
  const socket: Socket = connect({ host: "127.0.0.1", port });
  let heard = "";
  let isClosed = false;
  socket.on("data", (bytes) => (heard += String(bytes)));
  socket.on("error", () => {});
  socket.on("close", () => (isClosed = true));
  opened.defer(() => void socket.destroy());
  return {
    say: (text: string) => void socket.write(text),
    leave: () => void socket.destroy(),
    heard: () => heard,
    isClosed: () => isClosed,
  };
}

async function until(isSo: () => boolean) {
  while (!isSo()) await Bun.sleep(5);
}

test("what both sides say passes", async () => {
  const { port } = await linkToEcho();
  const someone = caller(port);
  someone.say("hello");
  await until(() => someone.heard() === "hello");
});

test("while it is cut nothing passes and nobody is told; afterwards all of it arrives, in order", async () => {
  const link = await linkToEcho();
  const someone = caller(link.port);
  someone.say("one ");
  await until(() => someone.heard() === "one ");
  link.cut();
  someone.say("two ");
  someone.say("three");
  const late = caller(link.port);
  late.say("late");
  await Bun.sleep(quietMs);
  expect([someone.heard(), someone.isClosed(), late.heard(), late.isClosed()]).toEqual(["one ", false, "", false]);
  link.heal();
  await until(() => someone.heard() === "one two three" && late.heard() === "late");
});

test("who leaves while it is cut is not noticed before it heals, and then is", async () => {
  const link = await linkToEcho();
  const someone = caller(link.port);
  someone.say("hello");
  await until(() => someone.heard() === "hello");
  link.cut();
  someone.leave();
  await Bun.sleep(quietMs);
  link.heal();
  const other = caller(link.port);
  other.say("still there");
  await until(() => other.heard() === "still there");
});

test("a reset breaks connections, and new ones work at once", async () => {
  const link = await linkToEcho();
  const someone = caller(link.port);
  someone.say("hello");
  await until(() => someone.heard() === "hello");
  link.reset();
  await until(() => someone.isClosed());
  const again = caller(link.port);
  again.say("again");
  await until(() => again.heard() === "again");
});
