/** Mails over SMTP, to a server that keeps to it, and to some that do not. */
import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import type { Message } from "@chepiao/contracts";
import { MessageRefused } from "@chepiao/ports/messenger";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { createSmtpMessenger, type SmtpOptions } from "./index.ts";

const pem = (name: string) => readFileSync(resolve(import.meta.dir, "testing", name), "utf8");
const [cert, key] = [pem("localhost.pem"), pem("localhost.key.pem")];

let cleanUp = new AsyncDisposableStack();
afterEach(async () => {
  await cleanUp.disposeAsync();
  cleanUp = new AsyncDisposableStack();
});

function messenger(port: number, more: Partial<SmtpOptions> = {}, server: Partial<SmtpOptions["server"]> = {}) {
  const opened = createSmtpMessenger({
    server: {
      host: "127.0.0.1",
      port,
      username: "",
      password: "",
      security: "clear",
      tls: { ca: cert, minVersion: "TLSv1.2", rejectUnauthorized: true },
      ...server,
    },
    from: { name: "铁路 Railway", address: "noreply@tickets.example" },
    timeouts: { answerMs: 5_000, mailMs: 10_000 },
    ...more,
  });
  cleanUp.defer(() => opened.close());
  return opened;
}

const message = (messageId: string, to = "anna@example.com"): Message => ({
  messageId,
  channel: "mail",
  to,
  template: "emailProofCode",
  facts: { code: "12345678", minutes: 10 },
  language: "zh",
});

/** A server of the library, and the mails that it took. */
async function realServer(options: SMTPServerOptions = {}) {
  const taken: { readonly to: readonly string[]; readonly user: string; readonly isTls: boolean; text: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    cert,
    key,
    onData(stream, session, done) {
      let text = "";
      stream.on("data", (part: Buffer) => (text += part.toString()));
      stream.on("end", () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        taken.push({ to, user: String(session.user ?? ""), isTls: session.secure, text });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  cleanUp.defer(() => new Promise<void>((done) => server.close(() => done())));
  return { port: (server.server.address() as AddressInfo).port, taken };
}

const header = (text: string, name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(text)?.[1]?.trim();
const failure = (sending: Promise<void>) =>
  sending.then(
    () => null,
    (error: Error) => error,
  );

test("a mail is taken by its server with its words in any script, as one that no robot answers", async () => {
  const { port, taken } = await realServer();
  await messenger(port).send(message("m1"));
  expect(taken).toHaveLength(1);
  const [{ to, text }] = taken as [(typeof taken)[number]];
  expect(to).toEqual(["anna@example.com"]);
  expect(header(text, "Auto-Submitted")).toBe("auto-generated");
  expect(header(text, "From")).toMatch(/^=\?UTF-8\?.*\?= <noreply@tickets\.example>$/);
  const body = text.slice(text.indexOf("\r\n\r\n"));
  const words = Buffer.from(body.replaceAll(/\s/g, ""), "base64").toString();
  expect(words + body).toContain("12345678");
});

test("I7 the same message has the same Message-ID whenever it is sent, and another has another", async () => {
  const { port, taken } = await realServer();
  const one = messenger(port);
  await one.send(message("m1"));
  await messenger(port).send(message("m1"));
  await one.send(message("m2"));
  const ids = taken.map(({ text }) => header(text, "Message-ID"));
  expect(ids[0]).toMatch(/^<[\da-f]{40}@tickets\.example>$/);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]!);
});

test("an address is one recipient, whatever it looks like", async () => {
  const { port, taken } = await realServer();
  await messenger(port).send(message("m1", "anna+trips@example.com"));
  await failure(messenger(port).send(message("m2", "a@example.com, b@example.com")));
  await failure(messenger(port).send(message("m3", "a@example.com>\r\nRCPT TO:<b@example.com")));
  const others = taken.flatMap(({ to }) => to).filter((to) => to === "a@example.com" || to === "b@example.com");
  expect([taken[0]!.to, others]).toEqual([["anna+trips@example.com"], []]);
});

test("TLS from the first byte or after STARTTLS, with our log-in; a certificate that nobody vouches for is refused", async () => {
  const seen: string[] = [];
  const auth: SMTPServerOptions = {
    authOptional: false,
    onAuth({ username, password }, _, done) {
      seen.push(`${username}:${password}`);
      done(null, { user: username });
    },
  };
  const implicit = await realServer({ ...auth, secure: true, disabledCommands: [] });
  const account = { username: "chepiao", password: "geheim" };
  await messenger(implicit.port, {}, { ...account, security: "tls" }).send(message("m1"));
  const starting = await realServer({ ...auth, disabledCommands: [] });
  await messenger(starting.port, {}, { ...account, security: "startTls" }).send(message("m2"));
  expect([...implicit.taken, ...starting.taken]).toMatchObject([
    { user: "chepiao", isTls: true },
    { user: "chepiao", isTls: true },
  ]);
  expect(seen).toEqual(["chepiao:geheim", "chepiao:geheim"]);
  const unknown = { security: "tls", tls: { minVersion: "TLSv1.2", rejectUnauthorized: true } } as const;
  const error = await failure(messenger(implicit.port, {}, { ...account, ...unknown }).send(message("m3")));
  expect(error).not.toBeNull();
  expect(error).not.toBeInstanceOf(MessageRefused);
  expect([...implicit.taken, ...starting.taken]).toHaveLength(2);
});

test("where TLS is asked for, a server that does not offer STARTTLS hears nothing", async () => {
  const { port, taken } = await realServer();
  const error = await failure(messenger(port, {}, { security: "startTls" }).send(message("m1")));
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(MessageRefused);
  expect(taken).toEqual([]);
});

/** A server by its answers: to the greeting, and to what a line begins with. Null hangs up, "" says nothing. */
function scripted(answers: Readonly<Record<string, string | null>>) {
  const heard: string[] = [];
  const polite: Readonly<Record<string, string | null>> = {
    greeting: "220 here",
    EHLO: "250 here",
    MAIL: "250 ok",
    RCPT: "250 ok",
    DATA: "354 go on",
    end: "250 taken",
    QUIT: "221 bye",
    RSET: "250 ok",
    ...answers,
  };
  type Socket = { write(text: string): unknown; end(): unknown };
  const answer = (socket: Socket, word: string) => {
    const said = polite[word] ?? null;
    if (said === null) socket.end();
    else if (said !== "") socket.write(`${said}\r\n`);
  };
  const inText = new WeakSet<object>();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => answer(socket, "greeting"),
      data(socket, bytes) {
        for (const line of bytes
          .toString()
          .split("\r\n")
          .filter((each) => each !== "")) {
          if (inText.has(socket)) {
            if (line !== ".") continue;
            inText.delete(socket);
            heard.push("end");
            answer(socket, "end");
            continue;
          }
          const word = line.split(" ")[0]!;
          heard.push(word);
          answer(socket, word);
          if (word === "DATA" && polite["DATA"]?.startsWith("354")) inText.add(socket);
        }
      },
    },
  });
  cleanUp.defer(() => server.stop(true));
  return { port: server.port, heard };
}

test("a recipient that is not there refuses the message for good, without its address in what is said", async () => {
  for (const answers of [
    { RCPT: "550 5.1.1 <anna@example.com> unknown" },
    { RCPT: "552 5.2.2 anna@example.com is full" },
    { end: "554 5.6.0 not this text, anna@example.com" },
  ]) {
    const { port } = scripted(answers);
    const error = await failure(messenger(port).send(message("m1")));
    expect(error).toBeInstanceOf(MessageRefused);
    expect(error!.message).not.toContain("anna@example.com");
    expect(error!.message).toMatch(/^55\d 5\./);
  }
});

test("whatever a server refuses for now, or refuses us and not the recipient, may be tried again", async () => {
  for (const answers of [
    { greeting: "421 busy" },
    { greeting: "554 we take nothing" },
    { MAIL: "550 5.1.0 not from you" },
    { RCPT: "450 4.2.0 greylisted" },
    { RCPT: "452 4.2.2 full" },
    { RCPT: "530 5.7.0 log in first" },
    { RCPT: "550 5.7.1 too much from you" },
    { DATA: "451 later" },
    { end: "451 4.3.0 disk full" },
  ]) {
    const { port } = scripted(answers);
    const error = await failure(messenger(port).send(message("m1")));
    expect([error instanceof Error, error instanceof MessageRefused, answers]).toEqual([true, false, answers]);
  }
});

test("a connection that breaks anywhere fails that message alone: the next is taken over another", async () => {
  for (const step of ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "end"]) {
    const answers: Record<string, string | null> = { [step]: null };
    const { port, heard } = scripted(answers);
    const broken = messenger(port);
    const error = await failure(broken.send(message("m1")));
    expect([error instanceof Error, error instanceof MessageRefused, step]).toEqual([true, false, step]);
    // Nothing is handed over again by itself: whoever sends knows when.
    expect(heard.filter((word) => word === "DATA").length).toBeLessThanOrEqual(1);
  }
  const nobody = messenger(1);
  expect(await failure(nobody.send(message("m1")))).toBeInstanceOf(Error);
});

async function until(isSo: () => boolean) {
  while (!isSo()) await Bun.sleep(5);
}

test("a server that says nothing, or a little now and then, holds nobody up for longer than the time for a mail, and no connection", async () => {
  const timeouts = { answerMs: 150, mailMs: 400 };
  for (const step of ["greeting", "EHLO", "MAIL", "end"]) {
    const { port } = scripted({ [step]: "" });
    expect(await failure(messenger(port, { timeouts }).send(message("m1")))).toBeInstanceOf(Error);
  }
  let open = 0;
  const drip = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      close: () => void open--,
      open(socket) {
        open++;
        const dripping = setInterval(() => socket.write("220-still\r\n"), 50);
        cleanUp.defer(() => clearInterval(dripping));
      },
      data() {},
    },
  });
  cleanUp.defer(() => drip.stop(true));
  const slow = messenger(drip.port, { timeouts: { answerMs: 60_000, mailMs: 400 } });
  const failures = await Promise.all(["m1", "m2", "m3"].map((id) => failure(slow.send(message(id)))));
  expect(failures.map((error) => error?.message.includes("400 ms"))).toEqual([true, true, true]);
  await until(() => open === 0);
  const patient = messenger(drip.port, { timeouts: { answerMs: 60_000, mailMs: 60_000 } });
  const closed = failure(patient.send(message("m1")));
  await until(() => open === 1);
  patient.close();
  expect(await closed).toBeInstanceOf(Error);
  await until(() => open === 0);
});

test("what is closed sends nothing more", async () => {
  const { port, taken } = await realServer();
  const closed = messenger(port);
  await closed.send(message("m1"));
  closed.close();
  expect(await failure(closed.send(message("m2")))).toBeInstanceOf(Error);
  expect(taken).toHaveLength(1);
});
