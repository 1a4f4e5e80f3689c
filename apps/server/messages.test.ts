/** Messages go to the mail server that the operator named; what nobody carries is shown to practise with, or not sent. */
import { expect, test } from "bun:test";
import type { AddressInfo } from "node:net";
import type { Message, MessageChannel } from "@chepiao/contracts";
import { epochMs, type ZoneName } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemorySentMessages } from "@chepiao/ports/messenger";
import { createMemoryVault } from "@chepiao/ports/vault";
import { SMTPServer } from "smtp-server";
import { readConfig } from "./config.ts";
import { wireMessages } from "./wiring/messages.ts";

const live = { PUBLIC_URL: "https://tickets.example" };
const mail = { SMTP_URL: "smtp://localhost", MAIL_FROM: "Tickets <noreply@tickets.example>" };
const wire = (environment: Record<string, string>) =>
  wireMessages({
    config: readConfig(environment),
    messages: createMemorySentMessages(),
    vault: createMemoryVault(),
    clock: createManualClock(epochMs(0)),
    zone: async () => "UTC" as ZoneName,
  });

test("who is carried: all where it is practised, mails where there is a server, else nobody", () => {
  const carried = (environment: Record<string, string>) => wire(environment).messenger?.channels ?? null;
  expect(carried({})).toEqual(["mail", "sms"]);
  expect(carried(live)).toBeNull();
  expect(carried({ ...live, ...mail })).toEqual(["mail"]);
  expect(carried(mail)).toEqual(["mail", "sms"]);
});

test("half of a mail server is refused, and so is an address that is none", () => {
  for (const wrong of [
    { SMTP_URL: mail.SMTP_URL },
    { MAIL_FROM: mail.MAIL_FROM },
    { ...mail, SMTP_URL: "mail.example:25" },
    { ...mail, SMTP_URL: "smtp://mail.example?starttls=no" },
    { ...mail, MAIL_FROM: "Tickets" },
    { ...mail, MAIL_FROM: "Tickets <a@tickets.example>, b@tickets.example" },
    { ...mail, MAIL_FROM: "Tickets <a@tickets.example>\r\nBcc: b@tickets.example" },
  ])
    expect(() => readConfig(wrong)).toThrow(/MAIL_FROM|SMTP_URL/);
  expect(readConfig({ ...mail, MAIL_FROM: "noreply@tickets.example" }).mailFrom).toEqual({
    name: "",
    address: "noreply@tickets.example",
  });
});

test("where there is a mail server, codes go there and are shown to nobody", async () => {
  const taken: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, session, done) {
      taken.push(...session.envelope.rcptTo.map(({ address }) => address));
      stream.resume().on("end", done);
    },
  });
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const { port } = server.server.address() as AddressInfo;
  const { messenger, practised } = wire({ ...mail, SMTP_URL: `smtp://127.0.0.1:${port}` });
  const code = (channel: MessageChannel, to: string): Message => ({
    messageId: to,
    channel,
    to,
    template: "passwordResetCode",
    facts: { code: "12345678", minutes: 10 },
    language: "en",
  });
  await messenger!.send(code("mail", "anna@example.com"));
  await messenger!.send(code("sms", "13900000001"));
  const shownTo = async (to: string) => {
    const url = `http://localhost/sandbox/messages/inbox?to=${encodeURIComponent(to)}`;
    return (await (await practised!.fetch(new Request(url)))!.text()).includes("12345678");
  };
  expect([taken, await shownTo("anna@example.com"), await shownTo("13900000001")]).toEqual([
    ["anna@example.com"],
    false,
    true,
  ]);
  server.close();
});
