/**
 * Children who travel only with an adult, and those below the railway's free age: each of these with an adult of the same line, without a ticket
 * and without a seat of its own.
 */
import Type, { type Static } from "typebox";
import { DocumentType } from "./vocabulary.ts";

// As the railway's policy says it.

export const ChildWithAdult = Type.Boolean({
  description:
    "Whether a child is sold a ticket only on one order with somebody who is none; left out: a child may travel alone",
});
export const FreeChildBelow = Type.Integer({
  minimum: 1,
  maximum: 30,
  description:
    "A child younger than this on the day of travel travels free with an adult, one each, without a seat; it is named in the order. Left out: no such child is named",
});

/** As the owner of the order sees it. */
export const FreeChildView = Type.Object(
  {
    passengerId: Type.Integer(),
    name: Type.String(),
    documentType: DocumentType,
    documentMasked: Type.String(),
  },
  { description: "A child who travels free with this passenger, without a seat." },
);
export type FreeChildView = Static<typeof FreeChildView>;
