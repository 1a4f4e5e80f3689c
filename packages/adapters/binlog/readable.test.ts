/** A server whose binlog cannot be read is named, with why. */
import { expect, test } from "bun:test";
import { createServer, type AddressInfo } from "node:net";
import { createSystemClock } from "@chepiao/adapters/system";
import { binlogsReadable } from "./index.ts";

test("where no binlog can be read it is told which server, and that a proxy has none", async () => {
  const listener = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  const place = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const poll = binlogsReadable({ primaries: [`mysql://a:b@${place}/chepiao`] }, createSystemClock());
  const told = await poll.then(
    () => "readable",
    (error: Error) => error.message,
  );
  listener.close();
  expect(told).toStartWith(`${place} shows no binlog (behind a proxy, MYSQL_BINLOGS names its primaries): `);
});
