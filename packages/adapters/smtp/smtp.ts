/**
 * Mails over SMTP, by nodemailer. A mail server has taken a message once it has answered the end of its text; where the connection breaks before that
 * answer nobody knows, and the message is handed over again with the same Message-ID, by which servers and readers drop the second.
 */
import { createHash } from "node:crypto";
import type { EngineAddress, TlsOptions } from "@chepiao/adapters/engine-address";
import { type Message, wordsOfMessage } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import { MessageRefused, type Messenger } from "@chepiao/ports/messenger";
import type { Transporter } from "nodemailer";

export type SmtpOptions = {
  readonly server: Pick<EngineAddress, "host" | "port" | "username" | "password"> & {
    /** TLS from the first byte, or after STARTTLS, before which nothing is said; in clear on this machine alone. */
    readonly security: "tls" | "startTls" | "clear";
    readonly tls: TlsOptions;
  };
  readonly from: { readonly name: string; readonly address: string };
  /** At once; each carries one mail after the other. */
  readonly connections?: number;
  /** For a server to answer anything, and for a mail from being handed over to being taken. */
  readonly timeouts?: { readonly answerMs: number; readonly mailMs: number };
};

export type SmtpMessenger = Messenger & {
  /** Ends connections, and mails on their way with them. */
  close(): void;
};

export const mailTimeouts = { answerMs: 20 * secondMs, mailMs: 45 * secondMs } as const;
export const smtpConnections = 8;

export function createSmtpMessenger(options: SmtpOptions): SmtpMessenger {
  const { from, timeouts = mailTimeouts } = options;
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  let pool: Promise<Transporter> | null = null;
  let isClosed = false;

  return {
    channels: ["mail"],
    async send(message) {
      if (isClosed) throw new Error("the connection to the mail server was closed");
      pool ??= open(options, timeouts.answerMs);
      // A server that says a little now and then would keep a connection for ever: the mail's own is given up.
      const signal = AbortSignal.timeout(timeouts.mailMs);
      try {
        const transport = await pool;
        await transport.sendMail({ ...mailOf(message, from, domain), signal });
      } catch (error) {
        throw signal.aborted && !isClosed ? tooLate(timeouts.mailMs) : failureOf(error as SmtpError, message.to);
      }
    },
    close() {
      isClosed = true;
      void pool?.then((transport) => transport.close({ force: true })).catch(() => {});
    },
  };
}

/** Loaded with the first mail: most processes send none. */
async function open({ server, connections = smtpConnections }: SmtpOptions, answerMs: number): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  const { host, port, username, password, security, tls } = server;
  return createTransport({
    pool: true,
    maxConnections: connections,
    // Whoever hands mails over tries again, and knows when.
    maxRequeues: 0,
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "startTls",
    ignoreTLS: security === "clear",
    tls,
    ...(username === "" ? {} : { auth: { user: username, pass: password } }),
    connectionTimeout: answerMs,
    greetingTimeout: answerMs,
    socketTimeout: answerMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

const mailOf = (message: Message, from: SmtpOptions["from"], domain: string) => ({
  from,
  // As an object: a text would be read as a list of addresses.
  to: { name: "", address: message.to },
  ...wordsOfMessage(message),
  messageId: `<${createHash("sha256").update(message.messageId).digest("hex").slice(0, 40)}@${domain}>`,
  // RFC 3834: no answers of robots.
  headers: { "Auto-Submitted": "auto-generated" },
});

/** As nodemailer says it. */
type SmtpError = Error & {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
};

const tooLate = (mailMs: number) => new Error(`the mail server did not take a mail within ${mailMs} ms`);

/** Without the address, which servers repeat: what failed is logged and kept. */
function failureOf(error: SmtpError, to: string): Error {
  const shown = (error.response ?? error.message).replaceAll(/\s+/g, " ").split(to).join("…").slice(0, saidLengthMax);
  if (isOfRecipient(error)) return new MessageRefused(shown);
  const step = [error.code, error.command].filter((each) => each !== undefined).join(", ");
  return new Error(step === "" ? shown : `${shown} (${step})`);
}
const saidLengthMax = 200;

/**
 * A server that wants us to log in, or has heard too much from us (5.7.x), says nothing about that recipient; nor does one that refuses the
 * sender. What is left are mailboxes that are not there, and texts that are not taken.
 */
function isOfRecipient({ responseCode = 0, command, response = "" }: SmtpError): boolean {
  if (responseCode < 500 || responseCode > 599 || (command !== "RCPT TO" && command !== "DATA")) return false;
  return !unsaidOfRecipient.includes(responseCode) && !/^\d{3}[ -]5\.7\./.test(response);
}
const unsaidOfRecipient: readonly number[] = [500, 501, 502, 503, 504, 530, 534, 535, 538];
