/** `/api/appeals`: who may not buy says why that is wrong, and reads what became of it. */
import Type, { type Static } from "typebox";
import { appealTextMax } from "@chepiao/kernel";
import { route } from "./route.ts";
import { Instant, oneOf } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "challenges";

/** Of an account, newest first: whoever is blocked more often has others to talk to. */
export const appealsShownMax = 20;

export const appealStates = ["open", "granted", "refused", "over"] as const;
export type AppealState = (typeof appealStates)[number];

const Reference = Type.String({
  pattern: "^[0-9A-F]{12}$",
  description: "As it stands in the facts of `PurchasesBlocked`.",
});
export const Appeal = Type.Object({
  reference: Reference,
  text: Type.String(),
  at: Instant,
  state: oneOf(
    appealStates,
    "`open` nobody has decided yet, `granted` the block was lifted, `refused` it stays, `over` it ended without an answer.",
  ),
  answer: Type.Union([Type.String(), Type.Null()], {
    description: "What the railway wrote, in its own words; null where it has not.",
  }),
});
export type Appeal = Static<typeof Appeal>;

export const appealRoutes = {
  appeals: route({
    method: "GET",
    path: "/api/appeals",
    summary: "What became of the account's own appeals",
    room,
    who: "passenger",
    answers: {
      200: {
        description: `Newest first, ${appealsShownMax} at most. They are kept for 30 days after their end.`,
        schema: Type.Object({ appeals: Type.Array(Appeal) }),
      },
    },
    refusals: [],
  }),
  appeal: route({
    method: "POST",
    path: "/api/appeals",
    summary: "Say why a block is wrong, once for each reference",
    room,
    who: "passenger",
    body: Type.Object(
      {
        reference: Reference,
        text: Type.String({ minLength: 1, maxLength: appealTextMax, description: "What is to be considered." }),
      },
      strict,
    ),
    answers: { 200: { description: "It is kept. The same text again changes nothing.", schema: Appeal } },
    refusals: ["AppealUnknown", "AppealEmpty", "AppealStands"],
  }),
};
