/** The public routes of every room: what the site's client is typed by. A room adds its routes here. */
import { appealRoutes } from "./appeals.ts";
import { gateRoutes } from "./gate.ts";
import { notificationRoutes } from "./notification.ts";
import { operationsRoutes } from "./operations.ts";
import { orderRoutes } from "./order.ts";
import { paymentRoutes } from "./payment.ts";
import { queueRoutes } from "./queue.ts";
import { policyRoutes } from "./railway.ts";
import { challengeRoutes } from "./risk.ts";
import type { AnswerOf, Call, RouteSpec } from "./route.ts";
import { searchRoutes } from "./search.ts";
import { timetableRoutes } from "./runFacts.ts";
import { ticketKeyRoutes } from "./ticketKeys.ts";
import { userRoutes } from "./user.ts";
import { waitlistRoutes } from "./waitlist.ts";

export const publicRoutes = {
  policy: policyRoutes,
  timetable: timetableRoutes,
  ticketKeys: ticketKeyRoutes,
  user: userRoutes,
  // The gates are a door of the room that has the tickets.
  order: { ...orderRoutes, ...gateRoutes },
  search: searchRoutes,
  payment: paymentRoutes,
  waitlist: waitlistRoutes,
  queue: queueRoutes,
  // Who is doubted and who is blocked come to the same room.
  challenges: { ...challengeRoutes, ...appealRoutes },
  notification: notificationRoutes,
  operations: operationsRoutes,
};

type RoutesByRoom = Readonly<Record<string, Readonly<Record<string, RouteSpec>>>>;
type RouteIn<Rooms extends RoutesByRoom> = { [Room in keyof Rooms]: Rooms[Room][keyof Rooms[Room]] }[keyof Rooms];
type NameOf<R> = R extends { readonly method: infer M extends string; readonly path: infer P extends string }
  ? `${M} ${P}`
  : never;

/** Routes by what a client calls them: `GET /api/order`. */
export type RoutesByName<Rooms extends RoutesByRoom> = { readonly [R in RouteIn<Rooms> as NameOf<R>]: R };

/** What a client gets for such a call, and what it has to give. */
export type AnswerNamed<
  Rooms extends RoutesByRoom,
  N extends keyof RoutesByName<Rooms>,
> = RoutesByName<Rooms>[N] extends infer R extends RouteSpec ? AnswerOf<R, keyof R["answers"]> : never;
type GivenPart<R extends RouteSpec, K extends "params" | "query" | "body"> = Call<R>[K] extends infer V
  ? undefined extends V
    ? { readonly [P in K]?: undefined }
    : { readonly [P in K]: V }
  : never;
export type GivenTo<
  Rooms extends RoutesByRoom,
  N extends keyof RoutesByName<Rooms>,
> = RoutesByName<Rooms>[N] extends infer R extends RouteSpec
  ? GivenPart<R, "params"> & GivenPart<R, "query"> & GivenPart<R, "body">
  : never;
