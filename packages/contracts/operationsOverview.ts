/** `/api/operations/overview`: what needs an act now, and the numbers of today. */
import Type, { type Static } from "typebox";
import { route } from "./route.ts";
import { DateText, FenAmount, Instant, oneOf, OrderState } from "./vocabulary.ts";

/** In the order in which they are shown: what keeps money or orders from going on comes first. */
export const overviewMatters = [
  "deadLetters",
  "outbox",
  "failedRefunds",
  "reconciliationCases",
  "cancelledRuns",
  "appeals",
  "failedMails",
] as const;
export const OverviewMatter = oneOf(
  overviewMatters,
  "`deadLetters` records that nobody has replayed, `outbox` messages on their way to the log, `failedRefunds` refunds that were tried in vain, " +
    "`reconciliationCases` open differences, `cancelledRuns` runs that do not run, or not all the way, with orders left on them, `appeals` that wait for " +
    "an answer, `failedMails` of the last days that were refused or given up.",
);
export type OverviewMatter = (typeof overviewMatters)[number];

const CountOrNull = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
  description: "Null where it cannot be counted now.",
});
const FenOrNull = Type.Union([FenAmount, Type.Null()]);

export const Overview = Type.Object({
  at: Type.String({
    format: "date-time",
    description:
      "When it was counted: at most a second before the answer; dead letters and cancelled runs up to ten seconds before it.",
  }),
  matters: Type.Array(
    Type.Object({
      matter: OverviewMatter,
      count: CountOrNull,
      isAtLeast: Type.Boolean({ description: "There are more: they were counted no further." }),
      since: Type.Union([Instant, Type.Null()], { description: "Since when the oldest of them waits." }),
    }),
  ),
  today: Type.Object({
    date: DateText,
    orders: Type.Union(
      [Type.Array(Type.Object({ state: OrderState, orders: Type.Integer(), tickets: Type.Integer() })), Type.Null()],
      { description: "Orders that were made today, by what they are now; null where they cannot be counted now." },
    ),
    capturedFen: FenOrNull,
    refundedFen: FenOrNull,
    waiting: CountOrNull,
  }),
});
export type Overview = Static<typeof Overview>;

export const overviewOperationsRoutes = {
  overview: route({
    method: "GET",
    path: "/api/operations/overview",
    summary: "What needs an act now, and today's numbers",
    room: "operations",
    who: "readOverview",
    shed: "first",
    answers: { 200: { description: "Counted at one place, and kept for a second for all who ask.", schema: Overview } },
    refusals: [],
  }),
};
