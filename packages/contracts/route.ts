/**
 * How an HTTP route is declared: once, as data. The same declaration validates requests, types the handler and the browser's
 * client, and becomes the OpenAPI document.
 */
import type { Static, TSchema } from "typebox";
import type { RefusalCode, Refusal } from "./refusals.ts";
import type { EpochMs, Result } from "@chepiao/kernel";
import type { Right } from "./rights.ts";
import type { Role } from "./vocabulary.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** The content type of an answer in a language that its handler chooses. */
export const anyType = "*/*";

export type AnswerSpec = {
  readonly description: string;
  /** Body of the answer; none for 204 and redirects. */
  readonly schema?: TSchema;
  /** Other than JSON: `text/event-stream`, `text/html`; where the handler chooses, `anyType`. */
  readonly contentType?: string;
};

export type RouteSpec = {
  readonly method: Method;
  /** With `:name` for parameters, as the router wants them. */
  readonly path: string;
  readonly summary: string;
  /** The room that answers; also the OpenAPI tag and the log's `service`. */
  readonly room: string;
  /** Who may call: any client, any account, or staff whose role has that right. */
  readonly who: "anyone" | "passenger" | Right;
  /** Everybody gets the same answer: no session is looked up. Spares the busiest routes the cost; only with `who: "anyone"`. */
  readonly anonymous?: true;
  readonly params?: TSchema;
  readonly query?: TSchema;
  /** The JSON it takes; `"raw"` where the sender's own language comes as bytes, whatever their type, for the handler to read. */
  readonly body?: TSchema | "raw";
  /**
   * When a process that has more to do than it can gives it up: of the first what is pleasant to have, next what shows what is for sale, and
   * what is left out here last. What somebody waits for who has bought, paying while seats are held for it, and what costs money if it is not
   * heard, it never gives up.
   */
  readonly shed?: "first" | "next" | "never";
  /** Its callers are few and have much to say: no address is held to how much it asks here. */
  readonly uncounted?: true;
  /** The `Idempotency-Key` header is required. */
  readonly idempotent?: true;
  /** Its answers have a tag, by which a caller that has one asks whether it is still the same. Only for GET. */
  readonly tagged?: true;
  readonly answers: { readonly [status: number]: AnswerSpec };
  /** Refusals of its own; those that any route may give are added by the adapter. */
  readonly refusals: readonly RefusalCode[];
};

/** Keeps the literal types of a declaration while checking its shape. */
export const route = <const R extends RouteSpec>(spec: R): R => spec;

type Part<R, K extends "params" | "query" | "body"> = R extends { readonly [P in K]: "raw" }
  ? Uint8Array<ArrayBuffer>
  : R extends { readonly [P in K]: infer S extends TSchema }
    ? Static<S>
    : undefined;

/**
 * The cookie that a browser's session lies in. Over TLS its name keeps every other host of the domain, and every page that came
 * without TLS, from setting one (RFC 6265bis, 4.1.3.2); without TLS browsers take no such name.
 */
export const sessionCookieOf = (secure: boolean): string => (secure ? "__Host-chepiao_session" : "chepiao_session");

export type SessionView = {
  readonly sessionId: string;
  readonly userId: number;
  readonly role: Role;
  /** When its owner logged in; left out by roles of versions before. */
  readonly openedAt?: EpochMs;
};

/** What a handler is handed: already validated, authenticated and typed by its route. */
export type Call<R extends RouteSpec> = {
  readonly params: Part<R, "params">;
  readonly query: Part<R, "query">;
  readonly body: Part<R, "body">;
  readonly session: R extends { readonly anonymous: true }
    ? null
    : R["who"] extends "anyone"
      ? SessionView | null
      : SessionView;
  readonly idempotencyKey: R extends { readonly idempotent: true } ? string : undefined;
  readonly language: "zh" | "en";
  readonly traceId: string;
  readonly clientAddress: string;
  /** It came over TLS, as far as we can know. */
  readonly secure: boolean;
  readonly request: Request;
};

export type Reply = {
  readonly status: number;
  /** JSON value, or a ready body (stream, HTML) together with its content type in `headers`. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body is sent as it is rather than as JSON; `"json"` where it is JSON already, as text or bytes, which are copied at once. */
  readonly raw?: true | "json";
  /**
   * What the answer says, as an entity tag of HTTP (`W/"…"`): who asks again and shows it is answered 304 and no body while it would be
   * the same. One reply has one tag for as long as it is.
   */
  readonly tag?: string;
};

export type Handler<R extends RouteSpec> = ((
  call: Call<R>,
) => Promise<Result<Reply, Refusal>> | Result<Reply, Refusal>) & {
  /**
   * The answer to a request for this very address, where the handler has given one before and knows that it still holds; null
   * sends the request the whole way. Only for routes that are `anonymous`: nothing else of the request is looked at.
   */
  readonly ready?: (url: string) => Reply | null;
};
/** One handler for every route of a room: a missing or surplus one does not compile. */
export type Handlers<Routes extends Record<string, RouteSpec>> = {
  readonly [Name in keyof Routes]: Handler<Routes[Name]>;
};

/** The JSON a route answers with on success. */
export type AnswerOf<R extends RouteSpec, S extends keyof R["answers"]> = S extends keyof R["answers"]
  ? R["answers"][S] extends { readonly schema: infer T extends TSchema }
    ? Static<T>
    : undefined
  : never;
