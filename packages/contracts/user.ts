/** `/api/user`: accounts, sessions and saved passengers. */
import Type, { type Static } from "typebox";
import { minuteMs, oneTimeCodeTtlMs } from "@chepiao/kernel";
import { route } from "./route.ts";
import { DocumentProof, DocumentType, Id, Instant, Role, TicketType } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const codeMinutes = oneTimeCodeTtlMs / minuteMs;
const Username = Type.String({ minLength: 3, maxLength: 50, pattern: "^[A-Za-z][A-Za-z0-9_.-]*$" });
const Password = Type.String({ minLength: 8, maxLength: 128 });
/** In any script. What no document writes into a name is refused: a gate compares the two. */
const PersonName = Type.String({
  minLength: 1,
  maxLength: 50,
  pattern: '^(?=.*\\S)[^\\u0000-\\u001F\\u007F<>{}\\[\\]|\\\\^~"#$%@!*=+;?]+$',
});
/** Marks of direction and of no width, which messengers put about a number that is copied. */
const unseen = "\\u00AD\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2069\\uFEFF";
/** Full-width forms, spaces, dashes and unseen marks are taken too: they are ways of writing, not of the number. */
const DocumentNumber = Type.String({
  minLength: 5,
  maxLength: 40,
  pattern: `^[ -~\\u3000\\uFF01-\\uFF5E${unseen}]+$`,
});
/** Which numbers are taken is the railway's policy to say. */
const Phone = Type.String({
  pattern: `^[0-9+ ()./\\-\\u3000\\uFF08-\\uFF19${unseen}]{4,40}$`,
  description: "A number of one of the railway's regions; with + and the country's code where it is not of the first.",
});
/** What is an address, the room of people says: marks and blanks about it that nobody sees are taken, and are not of it. */
const Email = Type.String({
  minLength: 3,
  maxLength: 300,
  description: "One address without a name beside it, of 254 characters at most.",
});
const KnownBy = Type.Union([Type.Literal("phone"), Type.Literal("email")], {
  description:
    "Where codes go and by what one logs in beside the username, as the railway's policy said when the account was opened.",
});

export const User = Type.Object({
  userId: Type.Integer(),
  username: Type.String(),
  realName: Type.String(),
  documentType: DocumentType,
  documentMasked: Type.String({ description: "The document number with its middle hidden." }),
  knownBy: KnownBy,
  phoneMasked: Type.Union([Type.String(), Type.Null()], { description: "Null where it is known by its mail address." }),
  contactProved: Type.Boolean({
    description: "A code that was sent there has been read. Then no other account gets it.",
  }),
  emailMasked: Type.Union([Type.String(), Type.Null()]),
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
    phone: Type.Optional(Phone),
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
  child: Type.Boolean({ description: "Under 14 today, as far as the birth date is known: may have a child's ticket." }),
  freeChild: Type.Boolean({
    description: "Young enough today to travel free with an adult, where the railway has that.",
  }),
  self: Type.Boolean({ description: "The account's own person; cannot be removed." }),
  proof: DocumentProof,
});
export type Passenger = Static<typeof Passenger>;

const room = "user";
/** A username in any case, a phone or a mail address. */
const LoginName = Type.String({ minLength: 1, maxLength: 300 });
const GivenPassword = Type.String({ minLength: 1, maxLength: 128 });
const OneTimeCode = Type.String({
  pattern: "^\\d{8}$",
  description: "As it was sent to the account's phone or mail address.",
});
const Contact = Type.String({
  minLength: 3,
  maxLength: 300,
  description: "A phone or a mail address, whichever the account is known by, as for registering.",
});
const PassengerParams = Type.Object({ passengerId: Id });

export const userRoutes = {
  register: route({
    method: "POST",
    path: "/api/user/register",
    summary: "Open an account",
    room,
    who: "anyone",
    body: Registration,
    answers: { 201: { description: "The account.", schema: User } },
    refusals: ["UsernameTaken", "DocumentInvalid", "DocumentAccountsFull", "IdentityRefused", "PasswordTooWeak"],
  }),
  login: route({
    method: "POST",
    path: "/api/user/login",
    summary: "Log in",
    room,
    who: "anyone",
    body: Type.Object(
      {
        username: LoginName,
        password: GivenPassword,
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
  endSessions: route({
    method: "DELETE",
    path: "/api/user/sessions",
    summary: "End every session of this account, or every other",
    room,
    who: "passenger",
    query: Type.Object(
      { keep: Type.Optional(Type.Literal("current", { description: "This session goes on." })) },
      strict,
    ),
    answers: { 204: { description: "Ended." } },
    refusals: [],
  }),
  changePassword: route({
    method: "PUT",
    path: "/api/user/password",
    summary: "Change the password; every other session ends",
    room,
    who: "passenger",
    body: Type.Object({ oldPassword: GivenPassword, newPassword: Password }, strict),
    answers: { 204: { description: "Changed." } },
    refusals: ["PasswordWrong", "PasswordTooWeak"],
  }),
  askPasswordReset: route({
    method: "POST",
    path: "/api/user/password/code",
    summary: "Ask for a code to set a new password with",
    room,
    who: "anyone",
    anonymous: true,
    body: Type.Object({ username: LoginName }, strict),
    answers: {
      202: {
        description: `Where there is such an account, a code is on its way to its phone or mail address, valid for ${codeMinutes} minutes.`,
      },
    },
    refusals: [],
  }),
  resetPassword: route({
    method: "POST",
    path: "/api/user/password/reset",
    summary: "Set a new password with a code; every session ends",
    room,
    who: "anyone",
    anonymous: true,
    body: Type.Object(
      {
        username: LoginName,
        code: OneTimeCode,
        password: Password,
      },
      strict,
    ),
    answers: { 204: { description: "Set." } },
    refusals: ["ResetCodeWrong", "PasswordTooWeak"],
  }),
  askContactCode: route({
    method: "POST",
    path: "/api/user/contact/code",
    summary: "Ask for a code that proves the account's phone or mail address",
    room,
    who: "passenger",
    answers: { 202: { description: `A code is on its way there, valid for ${codeMinutes} minutes.` } },
    refusals: [],
  }),
  proveContact: route({
    method: "POST",
    path: "/api/user/contact/proof",
    summary: "Prove the phone or mail address with a code; an account that only named it loses it",
    room,
    who: "passenger",
    body: Type.Object({ code: OneTimeCode }, strict),
    answers: { 200: { description: "The account.", schema: User } },
    refusals: ["ContactCodeWrong", "ContactTaken"],
  }),
  askContactChange: route({
    method: "POST",
    path: "/api/user/contact/change/code",
    summary: "Ask for a code at another phone or mail address, for the account to have that one instead",
    room,
    who: "passenger",
    body: Type.Object({ contact: Contact, password: GivenPassword }, strict),
    answers: { 202: { description: `A code is on its way there, valid for ${codeMinutes} minutes, whoever's it is.` } },
    refusals: ["PasswordWrong"],
  }),
  changeContact: route({
    method: "PUT",
    path: "/api/user/contact",
    summary: "Have another phone or mail address, with a code that was sent there; every other session ends",
    room,
    who: "passenger",
    body: Type.Object({ contact: Contact, code: OneTimeCode }, strict),
    answers: { 200: { description: "The account.", schema: User } },
    refusals: ["ContactCodeWrong", "ContactTaken"],
  }),
  deleteAccount: route({
    method: "DELETE",
    path: "/api/user/me",
    summary: "Delete this account and what is known of its person; orders stay in the books",
    room,
    who: "passenger",
    body: Type.Object({ password: GivenPassword }, strict),
    answers: { 204: { description: "Deleted." } },
    refusals: ["PasswordWrong", "OrdersUnderWay"],
  }),
  listPassengers: route({
    method: "GET",
    path: "/api/user/passengers",
    summary: "Saved passengers",
    room,
    who: "passenger",
    answers: { 200: { description: "Of this account.", schema: Type.Object({ passengers: Type.Array(Passenger) }) } },
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
    refusals: [
      "DocumentInvalid",
      "IdentityRefused",
      "OrdersUnderWay",
      "PassengerExists",
      "PassengersFull",
      "TicketTypeNotAllowed",
    ],
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
    refusals: ["PassengerUnknown", "TicketTypeNotAllowed", "NotAllowed", "IdentityRefused", "OrdersUnderWay"],
  }),
  provePassenger: route({
    method: "POST",
    path: "/api/user/passengers/:passengerId/proof",
    summary: "Have name and document of a saved passenger compared once more",
    room,
    who: "passenger",
    params: PassengerParams,
    answers: { 200: { description: "The passenger; `proof` says how it came out.", schema: Passenger } },
    refusals: ["PassengerUnknown", "DocumentAccountsFull", "OrdersUnderWay"],
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
