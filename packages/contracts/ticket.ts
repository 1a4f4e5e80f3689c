/** `/api/ticket`: facts about one run, and the key with which gates check tickets. */
import Type, { type Static } from "typebox";
import { route } from "./route.ts";
import { DateText, FenAmount, SeatClass, TrainNumber, TrainType } from "./vocabulary.ts";

const room = "ticket";

export const RunFacts = Type.Object({
  runId: Type.String({ description: "`G1/2026-12-01`: one train on one origin date." }),
  trainNumber: TrainNumber,
  trainType: TrainType,
  originDate: DateText,
  rollingStock: Type.String(),
  coaches: Type.Array(
    Type.Object({
      no: Type.Integer(),
      sections: Type.Array(Type.Object({ seatClass: SeatClass, rows: Type.Integer(), places: Type.Integer() })),
    }),
  ),
  fares: Type.Array(
    Type.Object({ seatClass: SeatClass, fullWayFen: FenAmount }, { description: "Adult fare over the whole way." }),
  ),
});
export type RunFacts = Static<typeof RunFacts>;

export const ticketRoutes = {
  run: route({
    method: "GET",
    path: "/api/ticket/runs/:trainNumber/:originDate",
    summary: "Composition and fares of one run",
    room,
    who: "anyone",
    anonymous: true,
    params: Type.Object({ trainNumber: TrainNumber, originDate: DateText }),
    answers: { 200: { description: "The run.", schema: RunFacts } },
    refusals: ["RunUnknown"],
  }),
  verificationKey: route({
    method: "GET",
    path: "/api/ticket/key",
    summary: "Public key for checking ticket codes offline",
    room,
    who: "anyone",
    anonymous: true,
    answers: {
      200: {
        description: "Ed25519 public key.",
        schema: Type.Object({ algorithm: Type.Literal("Ed25519"), keyId: Type.String(), publicKeyPem: Type.String() }),
      },
    },
    refusals: [],
  }),
};
