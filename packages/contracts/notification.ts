/** `/api/notifications`: what an account is told of its orders. Which texts there are is the notification room's; a kind says what happened. */
import Type, { type Static } from "typebox";
import { type Fen, notificationsUnreadMax, pageSizeMax } from "@chepiao/kernel";
import { route } from "./route.ts";
import { Instant, oneOf, PayableNoText } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "notification";

/** SQL stores a kind by its place: a new one stands at the end. */
export const notificationKinds = [
  "ticketsBooked",
  "ticketsChanged",
  "stationChanged",
  "ticketsReturned",
  "waitlistServed",
  "waitlistEnded",
  "moneyReturned",
  "orderRejected",
  "orderExpired",
  "trainCancelled",
  "trainShortened",
  "refundArrived",
  "passwordChanged",
  "noSeatLeft",
] as const;
export const NotificationKind = oneOf(
  notificationKinds,
  "`ticketsBooked` paid and ticketed, `ticketsChanged` and `stationChanged` a change was made, `ticketsReturned` tickets went back, `refundArrived` their money was paid back, " +
    "`waitlistServed` and `waitlistEnded` what became of an entry, `moneyReturned` a payment that paid for nothing goes back, " +
    "`orderRejected` and `orderExpired` an order ended unpaid, `trainCancelled` and `trainShortened` the train does not run, or not all the way, " +
    "`passwordChanged` the account has another password, `noSeatLeft` the coach is lost, or the train is another without that seat, and there is no other seat yet.",
);
export type NotificationKind = (typeof notificationKinds)[number];

/** Nobody can do without: they are mailed whatever was chosen, and at any hour. */
export const mandatoryKinds = [
  "trainCancelled",
  "trainShortened",
  "passwordChanged",
  "noSeatLeft",
] as const satisfies readonly NotificationKind[];
export const isMandatory = (kind: NotificationKind): boolean => (mandatoryKinds as readonly string[]).includes(kind);
export type OptionalKind = Exclude<NotificationKind, (typeof mandatoryKinds)[number]>;
const optionalKinds = notificationKinds.filter((kind): kind is OptionalKind => !isMandatory(kind));

const QuietClock = Type.String({
  pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
  description: "By the clock of `zone`, such as 22:00.",
});
export const NotificationPreferences = Type.Object(
  {
    notMailed: Type.Array(oneOf(optionalKinds, "A kind that can be done without."), {
      maxItems: optionalKinds.length,
      uniqueItems: true,
      description: "Kinds that are not mailed. In the message centre all stand.",
    }),
    language: Type.Union([oneOf(["zh", "en"], "Of mails."), Type.Null()], { description: "null: mails are in both." }),
    quiet: Type.Union(
      [
        Type.Object(
          {
            from: QuietClock,
            until: QuietClock,
            zone: Type.String({ minLength: 1, maxLength: 64, description: "IANA's name: `Asia/Shanghai`." }),
          },
          strict,
        ),
        Type.Null(),
      ],
      {
        description:
          "Hours in which nothing is mailed but what nobody can do without; what is held back comes at their end.",
      },
    ),
  },
  strict,
);
export type NotificationPreferences = Static<typeof NotificationPreferences>;
export const preferencesDefault: NotificationPreferences = { notMailed: [], language: null, quiet: null };

const PreferencesAnswer = {
  description: "What was chosen, and among what.",
  schema: Type.Object({
    preferences: NotificationPreferences,
    isMailed: Type.Boolean({ description: "Mails are sent, and the account has proved an address to send them to." }),
    refusedAt: Type.Union([Instant, Type.Null()], {
      description: "When the last mail to the account was refused for good; null where it was not.",
    }),
    kinds: Type.Array(
      Type.Object({
        kind: NotificationKind,
        title: Type.String({ description: "In the language that was asked for." }),
        isMandatory: Type.Boolean(),
      }),
    ),
  }),
};

/** A trip as people are told of it. The times are those of the clock at the station. */
export type ToldTrip = {
  readonly trainNumber: string;
  readonly boardingDate: string;
  readonly fromStationId: string;
  readonly fromName: string;
  readonly toStationId: string;
  readonly toName: string;
  /** With its offset. */
  readonly departAt: string;
};

/** What goes into the words of a notification: nobody's name, and no document. */
export type NotificationFacts = {
  /** An order's number, or that of an entry of the waitlist; null where the account itself is told of. */
  readonly orderNo: string | null;
  readonly trips: readonly ToldTrip[];
  /** Those that are not among them. */
  readonly moreTrips?: number;
  readonly count?: number;
  readonly moneyFen?: Fen;
  readonly feeFen?: Fen;
};

const NotificationId = Type.String({
  minLength: 1,
  maxLength: 160,
  description: "Of what happened and what is told of it: the same again is the same notification.",
});
/** Where a page ends. */
const Place = Type.String({
  pattern: "^\\d{1,15}\\.\\S{1,160}$",
  description: "A place among the account's notifications, as `next` says it.",
});

export const NotificationView = Type.Object({
  notificationId: NotificationId,
  kind: NotificationKind,
  title: Type.String({ description: "In the language that was asked for." }),
  text: Type.String(),
  orderNo: Type.Union([PayableNoText, Type.Null()], { description: "null: it is about the account itself." }),
  at: Instant,
  isRead: Type.Boolean(),
  place: Place,
});
export type NotificationView = Static<typeof NotificationView>;

const Unread = Type.Integer({
  minimum: 0,
  maximum: notificationsUnreadMax,
  description: `Those that were not read; ${notificationsUnreadMax} stands for as many or more.`,
});

export const notificationRoutes = {
  list: route({
    method: "GET",
    path: "/api/notifications",
    summary: "Own notifications, newest first, and how many are unread",
    room,
    shed: "first",
    who: "passenger",
    query: Type.Object(
      {
        before: Type.Optional(Place),
        limit: Type.Optional(
          Type.Integer({ minimum: 0, maximum: pageSizeMax, description: "0 to hear only how many are unread." }),
        ),
      },
      strict,
    ),
    answers: {
      200: {
        description: "One page.",
        schema: Type.Object({
          notifications: Type.Array(NotificationView),
          unread: Unread,
          next: Type.Union([Place, Type.Null()]),
        }),
      },
    },
    refusals: [],
  }),
  read: route({
    method: "POST",
    path: "/api/notifications/read",
    summary: "Some, or one and all before it, are read",
    room,
    who: "passenger",
    body: Type.Object(
      {
        notificationIds: Type.Optional(
          Type.Array(NotificationId, { minItems: 1, maxItems: pageSizeMax, uniqueItems: true }),
        ),
        upTo: Type.Optional(Place),
      },
      { ...strict, minProperties: 1 },
    ),
    answers: { 200: { description: "How many are unread now.", schema: Type.Object({ unread: Unread }) } },
    refusals: [],
  }),
  preferences: route({
    method: "GET",
    path: "/api/notifications/preferences",
    summary: "What of them is mailed to the account, in which language and at which hours",
    room,
    who: "passenger",
    answers: { 200: PreferencesAnswer },
    refusals: [],
  }),
  setPreferences: route({
    method: "PUT",
    path: "/api/notifications/preferences",
    summary: "Choose what is mailed; the whole of it, each time",
    room,
    who: "passenger",
    body: NotificationPreferences,
    answers: { 200: PreferencesAnswer },
    refusals: [],
  }),
};
