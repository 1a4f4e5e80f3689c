/** `/api/ticket/key`: the keys with which gates check ticket codes. The codes themselves: ticketCode.ts. */
import Type, { type Static } from "typebox";
import { route } from "./route.ts";

const room = "ticketKeys";

const keyParts = { keyId: Type.String(), publicKeyPem: Type.String() };
export const VerificationKeys = Type.Object({
  algorithm: Type.Literal("Ed25519"),
  /** The key that signs now, which is also the first of the list: for readers that know one key only. */
  ...keyParts,
  keys: Type.Array(Type.Object(keyParts), {
    description: "All whose codes are valid: the one that signs now, the next one ahead of its time, those before.",
  }),
});
export type VerificationKeys = Static<typeof VerificationKeys>;

export const ticketKeyRoutes = {
  verificationKey: route({
    method: "GET",
    path: "/api/ticket/key",
    summary: "Public keys for checking ticket codes offline",
    room,
    who: "anyone",
    anonymous: true,
    answers: {
      200: {
        description: "Ed25519 public keys. A code names its key; fetch again when one is not among them.",
        schema: VerificationKeys,
      },
    },
    refusals: [],
  }),
};
