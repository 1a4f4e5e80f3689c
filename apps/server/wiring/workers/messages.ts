/** What the thread that decides and its workers say to each other, apart from purchases, which have a line of their own. */
import type { LogLevel, Values } from "@chepiao/runtime";
import type { SeatsChange } from "@chepiao/services/inventory";
import type { SessionChange } from "@chepiao/ports/session-feed";
import type { Config } from "../../config.ts";

/** What a worker begins with. */
export type Setup = {
  readonly config: Config;
  readonly port: number;
  /** Files. */
  readonly keys: string;
  readonly database: string;
  readonly securityLog: string;
  /** The socket to which it passes on what it does not answer itself. */
  readonly core: string;
  readonly logLevel: LogLevel;
  readonly strictAnswers: boolean;
  /** Lines to the thread that writes SQL and to the order room. */
  readonly writer: MessagePort;
  readonly purchases: MessagePort;
};

/** What a worker is asked, by name: what it is handed, and what it answers. */
export type Asks = {
  /** Answered once it serves. */
  readonly open: { readonly given: Setup; readonly answer: null };
  readonly sessions: { readonly given: SessionChange; readonly answer: null };
  readonly metrics: { readonly given: null; readonly answer: Values };
  /** Answered once everything it had begun is answered. */
  readonly stop: { readonly given: null; readonly answer: null };
};

export type AskMessage = {
  [Name in keyof Asks]: { readonly kind: Name; readonly id: number; readonly given: Asks[Name]["given"] };
}[keyof Asks];
export type ToWorker = AskMessage | { readonly kind: "seats"; readonly changes: readonly SeatsChange[] };

export type FromWorker =
  | { readonly kind: "answer"; readonly id: number; readonly answer: Asks[keyof Asks]["answer"] }
  | { readonly kind: "failed"; readonly id: number; readonly error: string }
  /** Lines of the log. */
  | { readonly kind: "log"; readonly lines: string };
