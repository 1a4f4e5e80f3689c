/** A small made-up room behind a real socket, for the tests of the rim: every kind of input, nothing of the railway. */
import { anyType, type Handlers, refusal, route, type SessionView } from "@chepiao/contracts";
import { DateText, SeatClass } from "@chepiao/contracts";
import { ok, refuse } from "@chepiao/kernel";
import Type from "typebox";
import { createLogger, createMetrics, type LogLevel } from "../observe/index.ts";
import { type HttpOptions, type HttpServer, serveHttp } from "./serve.ts";

const strict = { additionalProperties: false } as const;
const Note = Type.Object({ noteId: Type.Integer(), text: Type.String() });
const NoteParams = Type.Object({ noteId: Type.Integer({ minimum: 1 }) });
const room = "note";

export const noteRoutes = {
  list: route({
    method: "GET",
    path: "/api/note",
    summary: "Find notes",
    room,
    who: "anyone",
    query: Type.Object(
      {
        day: Type.Optional(DateText),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
        open: Type.Optional(Type.Boolean()),
        q: Type.Optional(Type.String({ maxLength: 50 })),
      },
      strict,
    ),
    answers: {
      200: { description: "Notes.", schema: Type.Object({ notes: Type.Array(Note), asked: Type.Unknown() }) },
    },
    refusals: [],
  }),
  get: route({
    method: "GET",
    path: "/api/note/:noteId",
    summary: "One note",
    room,
    who: "anyone",
    params: NoteParams,
    answers: { 200: { description: "The note.", schema: Note } },
    refusals: ["OrderUnknown"],
  }),
  named: route({
    method: "GET",
    path: "/api/note/named/:name",
    summary: "By name",
    room,
    who: "anyone",
    anonymous: true,
    tagged: true,
    params: Type.Object({ name: Type.String({ maxLength: 20 }) }),
    answers: { 200: { description: "The name.", schema: Type.Object({ name: Type.String() }) } },
    refusals: [],
  }),
  write: route({
    method: "POST",
    path: "/api/note",
    summary: "Write a note",
    room,
    who: "passenger",
    idempotent: true,
    body: Type.Object(
      {
        text: Type.String({ minLength: 1, maxLength: 100_000 }),
        day: Type.Optional(DateText),
        seatClass: Type.Optional(SeatClass),
        phone: Type.Optional(Type.Union([Type.String({ pattern: "^1\\d{10}$" }), Type.Null()])),
        tags: Type.Optional(Type.Array(Type.Object({ name: Type.String() }, strict), { maxItems: 3 })),
      },
      strict,
    ),
    answers: { 202: { description: "Written.", schema: Type.Object({ key: Type.String(), userId: Type.Integer() }) } },
    refusals: ["SoldOut"],
  }),
  copy: route({
    method: "POST",
    path: "/api/note/copy",
    summary: "Whatever was sent, as it came",
    room,
    who: "anyone",
    body: "raw",
    answers: {
      200: { description: "The same bytes, of the same type.", contentType: anyType },
      400: { description: "There were none.", contentType: anyType },
    },
    refusals: [],
  }),
  forget: route({
    method: "DELETE",
    path: "/api/note/:noteId",
    summary: "Forget a note",
    room,
    who: "readAudit",
    params: NoteParams,
    answers: { 204: { description: "Forgotten." } },
    refusals: [],
  }),
  follow: route({
    method: "GET",
    path: "/api/note/:noteId/events",
    summary: "Follow a note",
    room,
    who: "anyone",
    params: NoteParams,
    answers: { 200: { description: "Events.", contentType: "text/event-stream" } },
    refusals: [],
  }),
  followOwn: route({
    method: "GET",
    path: "/api/note/:noteId/own-events",
    summary: "Follow a note of one's own",
    room,
    who: "passenger",
    params: NoteParams,
    answers: { 200: { description: "Events.", contentType: "text/event-stream" } },
    refusals: [],
  }),
  seen: route({
    method: "GET",
    path: "/api/note/seen",
    summary: "What the handler sees of its caller",
    room,
    who: "anyone",
    answers: {
      200: {
        description: "The caller.",
        schema: Type.Object({
          language: Type.String(),
          traceId: Type.String(),
          address: Type.String(),
          userId: Type.Unknown(),
        }),
      },
    },
    refusals: [],
  }),
  wrong: route({
    method: "GET",
    path: "/api/note/wrong/:how",
    summary: "A handler that is broken in some way",
    room,
    who: "anyone",
    params: Type.Object({ how: Type.String() }),
    answers: { 200: { description: "Never.", schema: Note } },
    refusals: ["TooManyRequests"],
  }),
};

/** How often a handler that changes something was reached. */
export type NoteState = { changes: number; streamsEnded: number; tell: (text: string) => void };

const secretPlace = "secret-place.ts";

function noteHandlers(state: NoteState): Handlers<typeof noteRoutes> {
  return {
    list: ({ query }) => ok({ status: 200, body: { notes: [], asked: query } }),
    get: ({ params }) =>
      params.noteId > 100
        ? refuse(refusal("OrderUnknown"))
        : ok({ status: 200, body: { noteId: params.noteId, text: "hello" } }),
    named: async ({ params, session }) =>
      ok({
        status: 200,
        body: { name: session === null ? params.name : "somebody" },
        tag: `W/"${params.name.length}"`,
      }),
    write: ({ session, idempotencyKey }) => {
      state.changes++;
      return ok({ status: 202, body: { key: idempotencyKey, userId: session.userId } });
    },
    copy: ({ body, request }) => {
      const type = request.headers.get("content-type") ?? "application/octet-stream";
      return ok({ status: body.length > 0 ? 200 : 400, raw: true, body, headers: { "content-type": type } });
    },
    forget: () => {
      state.changes++;
      return ok({ status: 204 });
    },
    follow: () => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue("event: note\ndata: {}\n\n"),
        cancel: () => void state.streamsEnded++,
      });
      return ok({ status: 200, raw: true, body, headers: { "content-type": "text/event-stream" } });
    },
    followOwn: () => {
      const body = new ReadableStream({
        start: (controller) => {
          controller.enqueue("event: note\ndata: 1\n\n");
          state.tell = (text) => controller.enqueue(text);
        },
        cancel: () => void state.streamsEnded++,
      });
      return ok({ status: 200, raw: true, body, headers: { "content-type": "text/event-stream" } });
    },
    seen: ({ language, traceId, clientAddress, session }) =>
      ok({ status: 200, body: { language, traceId, address: clientAddress, userId: session?.userId ?? null } }),
    wrong: ({ params: { how } }) => {
      if (how === "throws") throw new Error(`broken at ${secretPlace}`);
      if (how === "bigint") return ok({ status: 200, body: { noteId: 1n, text: "" } });
      if (how === "busy") return refuse(refusal("TooManyRequests", { retryAfterSeconds: 7 }));
      if (how === "undeclaredStatus") return ok({ status: 201, body: { noteId: 1, text: "" } });
      if (how === "undeclaredField") return ok({ status: 200, body: { noteId: 1, text: "", password: "x" } });
      if (how === "undeclaredRefusal") return refuse(refusal("SoldOut"));
      return Promise.reject(new Error(`broken later at ${secretPlace}`));
    },
  };
}

export const sessions: Readonly<Record<string, SessionView>> = {
  passenger: { sessionId: "s1", userId: 1, role: "passenger" },
  operator: { sessionId: "s2", userId: 2, role: "operator" },
  auditor: { sessionId: "s4", userId: 4, role: "auditor" },
  // Found only after a wait, as from a database.
  slow: { sessionId: "s3", userId: 3, role: "passenger" },
};

export type Sample = { readonly server: HttpServer; readonly state: NoteState; readonly lines: string[] };

export function serveSample(options: Partial<HttpOptions> & { readonly level?: LogLevel } = {}): Sample {
  const state: NoteState = { changes: 0, streamsEnded: 0, tell() {} };
  const lines: string[] = [];
  const logger = createLogger({ level: options.level ?? "info", write: (line) => void lines.push(line) });
  const server = serveHttp({
    port: 0,
    hostname: "127.0.0.1",
    rooms: [{ routes: noteRoutes, handlers: noteHandlers(state) }],
    authenticate: (token) => {
      const session = sessions[token] ?? null;
      return token === "slow" ? Promise.resolve(session) : session;
    },
    observe: { logger, metrics: createMetrics() },
    ready: () => [{ name: "database", ready: true }],
    ...options,
  });
  return { server, state, lines };
}
