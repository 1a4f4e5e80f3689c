/** Mails of a platform with a mail server: codes, and what became of orders, each once, also after a kill. */
import { afterAll, expect, test } from "bun:test";
import type { AddressInfo } from "node:net";
import type { LoginAnswer, Order, Payment } from "@chepiao/contracts";
import { serviceDate } from "@chepiao/kernel";
import { demoResidentId } from "@chepiao/services/user";
import { SMTPServer } from "smtp-server";
import { createCaller, untilWithin } from "./testing/asking.ts";
import { policySetting } from "./testing/policy.ts";
import { createWorld, freePort, startServer } from "./testing/world.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const until = untilWithin(90_000);

async function mailServer() {
  const taken: { readonly to: string; readonly text: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, { envelope }, done) {
      let text = "";
      stream.on("data", (part: Buffer) => (text += part.toString()));
      stream.on("end", () => {
        const isBase64 = /^content-transfer-encoding: base64/im.test(text);
        const body = text.slice(text.indexOf("\r\n\r\n"));
        // Quoted-printable breaks lines wherever they are long.
        const words = isBase64 ? Buffer.from(body, "base64").toString() : body.replaceAll("=\r\n", "");
        taken.push({ to: envelope.rcptTo[0]!.address, text: words });
        done();
      });
    },
  });
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  cleanUp.defer(() => server.close());
  return { port: (server.server.address() as AddressInfo).port, taken };
}

test("codes and what became of orders are mailed, once each, also where the platform was killed in between", async () => {
  const mails = await mailServer();
  const composition = { code: "SMALL", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 10 }] }] };
  const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  const settings = {
    ...policySetting({ account: { knownBy: "email" } }),
    SMTP_URL: `smtp://127.0.0.1:${mails.port}`,
    MAIL_FROM: "Tickets <noreply@tickets.example>",
  };
  const port = freePort();
  let server = await startServer(world, port, settings);
  cleanUp.defer(() => server.kill());
  const call = createCaller(() => server.url);

  async function enter(n: number, email: string) {
    const account = { username: `mailed${n}`, password: "correct horse battery" };
    await call(null, "POST", "/api/user/register", {
      ...account,
      realName: "李雷",
      documentType: "residentId",
      documentNumber: demoResidentId(serviceDate("1990-01-01"), n),
      email,
    });
    const login = await call<LoginAnswer>(null, "POST", "/api/user/login", account);
    return { token: login.token };
  }
  const mailsTo = (to: string) => mails.taken.filter((each) => each.to === to);
  const anna = await enter(1, "anna@example.com");
  await call(anna, "POST", "/api/user/contact/code");
  const [first] = await until(
    async () => mailsTo("anna@example.com"),
    (some) => some.length === 1,
  );
  const code = /\d{8}/.exec(first!.text)![0];
  await call(anna, "POST", "/api/user/contact/proof", { code });

  const { passengers } = await call<{ passengers: { passengerId: number }[] }>(anna, "GET", "/api/user/passengers");
  async function ticketed(from: string, to: string): Promise<Order> {
    const asked = { trainNumber: world.trains[0]!, originDate: world.date, from, to, seatClass: "second" };
    const { orderNo } = await call<Order>(anna, "POST", "/api/order", {
      ...asked,
      passengers: [{ passengerId: passengers[0]!.passengerId }],
    });
    const get = () => call<Order>(anna, "GET", `/api/order/${orderNo}`);
    await until(get, ({ state }) => state === "pendingPayment");
    const { payUrl } = await call<Payment>(anna, "POST", "/api/payment", { orderNo });
    const fields = new URLSearchParams({ action: "pay", behaviour: "normal" });
    await fetch(payUrl!, { method: "POST", body: fields, redirect: "manual" });
    return until(get, ({ state }) => state === "ticketed");
  }
  const toldOf = ({ orderNo }: Order) => mailsTo("anna@example.com").filter(({ text }) => text.includes(orderNo));
  const before = await ticketed("S0", "S1");
  const [told] = await until(
    async () => toldOf(before),
    (some) => some.length > 0,
  );
  expect(told!.text).toContain("is paid");
  await server.kill();
  server = await startServer(world, port, settings);
  const after = await ticketed("S1", "S2");
  await until(
    async () => toldOf(after),
    (some) => some.length > 0,
  );
  expect([toldOf(before).length, toldOf(after).length, mails.taken.length]).toEqual([1, 1, 3]);
}, 180_000);
