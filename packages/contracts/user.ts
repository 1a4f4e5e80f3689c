/** `/api/user`: accounts, sessions and saved passengers. */
import Type, { type Static } from "typebox";
import { route } from "./route.ts";
import { DocumentType, Instant, Role, TicketType } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const Username = Type.String({ minLength: 3, maxLength: 50, pattern: "^[A-Za-z][A-Za-z0-9_.-]*$" });
const Password = Type.String({ minLength: 8, maxLength: 128 });
const PersonName = Type.String({ minLength: 1, maxLength: 50, pattern: "\\S" });
/** Full-width forms, spaces and dashes are taken too: they are ways of writing, not of the number. */
const DocumentNumber = Type.String({ minLength: 5, maxLength: 40, pattern: "^[ -~\\u3000\\uFF01-\\uFF5E]+$" });
const Phone = Type.String({ pattern: "^1[3-9]\\d{9}$", description: "Mainland mobile number, 11 digits." });
const Email = Type.String({ maxLength: 100, pattern: "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$" });

export const User = Type.Object({
  userId: Type.Integer(),
  username: Type.String(),
  realName: Type.String(),
  documentType: DocumentType,
  documentMasked: Type.String({ description: "The document number with its middle hidden." }),
  phoneMasked: Type.String(),
  email: Type.Union([Type.String(), Type.Null()]),
  role: Role,
});
export type User = Static<typeof User>;

export const Registration = Type.Object(
  {
    username: Username,
    password: Password,
    realName: PersonName,
    documentType: DocumentType,
    documentNumber: DocumentNumber,
    phone: Phone,
    email: Type.Optional(Email),
  },
  strict,
);
export type Registration = Static<typeof Registration>;

export const LoginAnswer = Type.Object({
  token: Type.String({ description: "Send as `Authorization: Bearer …`; browsers get it as a cookie too." }),
  expiresAt: Instant,
  user: User,
});
export type LoginAnswer = Static<typeof LoginAnswer>;

export const SessionInfo = Type.Object({
  sessionId: Type.String(),
  createdAt: Instant,
  lastSeenAt: Instant,
  userAgent: Type.String(),
  current: Type.Boolean(),
});
export type SessionInfo = Static<typeof SessionInfo>;

export const PassengerDraft = Type.Object(
  {
    name: PersonName,
    documentType: DocumentType,
    documentNumber: DocumentNumber,
    phone: Type.Optional(Phone),
    ticketType: Type.Optional(TicketType),
    birthDate: Type.Optional(
      Type.String({ format: "date", description: "Needed for a child whose document does not carry it." }),
    ),
  },
  strict,
);
export type PassengerDraft = Static<typeof PassengerDraft>;

export const PassengerEdit = Type.Object(
  {
    name: Type.Optional(PersonName),
    phone: Type.Optional(Type.Union([Phone, Type.Null()])),
    ticketType: Type.Optional(TicketType),
  },
  strict,
);
export type PassengerEdit = Static<typeof PassengerEdit>;

export const Passenger = Type.Object({
  passengerId: Type.Integer(),
  name: Type.String(),
  documentType: DocumentType,
  documentMasked: Type.String(),
  phoneMasked: Type.Union([Type.String(), Type.Null()]),
  ticketType: TicketType,
  birthDate: Type.Union([Type.String(), Type.Null()], {
    description: "Where it was declared; null where the document number contains it, which it would help to guess.",
  }),
  self: Type.Boolean({ description: "The account's own person; cannot be removed." }),
});
export type Passenger = Static<typeof Passenger>;

const room = "user";
const PassengerParams = Type.Object({ passengerId: Type.Integer({ minimum: 1 }) });

export const userRoutes = {
  register: route({
    method: "POST",
    path: "/api/user/register",
    summary: "Open an account",
    room,
    who: "anyone",
    body: Registration,
    answers: { 201: { description: "The account.", schema: User } },
    refusals: ["UsernameTaken", "PhoneTaken", "DocumentInvalid", "DocumentAccountsFull"],
  }),
  login: route({
    method: "POST",
    path: "/api/user/login",
    summary: "Log in",
    room,
    who: "anyone",
    body: Type.Object(
      {
        username: Type.String({ minLength: 1, maxLength: 50 }),
        password: Type.String({ minLength: 1, maxLength: 128 }),
      },
      strict,
    ),
    answers: { 200: { description: "A session of 30 minutes that slides with use.", schema: LoginAnswer } },
    refusals: ["WrongCredentials", "AccountDisabled"],
  }),
  logout: route({
    method: "POST",
    path: "/api/user/logout",
    summary: "End this session",
    room,
    who: "passenger",
    answers: { 204: { description: "Ended." } },
    refusals: [],
  }),
  me: route({
    method: "GET",
    path: "/api/user/me",
    summary: "The account that is logged in",
    room,
    who: "passenger",
    answers: { 200: { description: "The account.", schema: User } },
    refusals: [],
  }),
  listSessions: route({
    method: "GET",
    path: "/api/user/sessions",
    summary: "Where this account is logged in",
    room,
    who: "passenger",
    answers: { 200: { description: "Live sessions.", schema: Type.Object({ sessions: Type.Array(SessionInfo) }) } },
    refusals: [],
  }),
  endSession: route({
    method: "DELETE",
    path: "/api/user/sessions/:sessionId",
    summary: "End one session of this account",
    room,
    who: "passenger",
    params: Type.Object({ sessionId: Type.String({ minLength: 1, maxLength: 64 }) }),
    answers: { 204: { description: "Ended." } },
    refusals: ["SessionUnknown"],
  }),
  listPassengers: route({
    method: "GET",
    path: "/api/user/passengers",
    summary: "Saved passengers",
    room,
    who: "passenger",
    answers: { 200: { description: "At most 15.", schema: Type.Object({ passengers: Type.Array(Passenger) }) } },
    refusals: [],
  }),
  addPassenger: route({
    method: "POST",
    path: "/api/user/passengers",
    summary: "Save a passenger",
    room,
    who: "passenger",
    body: PassengerDraft,
    answers: { 201: { description: "The passenger.", schema: Passenger } },
    refusals: ["DocumentInvalid", "PassengerExists", "PassengersFull", "TicketTypeNotAllowed"],
  }),
  editPassenger: route({
    method: "PUT",
    path: "/api/user/passengers/:passengerId",
    summary: "Change a saved passenger",
    room,
    who: "passenger",
    params: PassengerParams,
    body: PassengerEdit,
    answers: { 200: { description: "The passenger.", schema: Passenger } },
    refusals: ["PassengerUnknown", "TicketTypeNotAllowed", "NotAllowed"],
  }),
  removePassenger: route({
    method: "DELETE",
    path: "/api/user/passengers/:passengerId",
    summary: "Remove a saved passenger",
    room,
    who: "passenger",
    params: PassengerParams,
    answers: { 204: { description: "Removed." } },
    refusals: ["PassengerUnknown", "NotAllowed"],
  }),
};
