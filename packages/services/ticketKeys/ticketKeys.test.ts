import { expect, test } from "bun:test";
import { createTicketKeys } from "./index.ts";

const keys = [
  { keyId: "k2", publicKeyPem: "pem 2" },
  { keyId: "k1", publicKeyPem: "pem 1" },
];

test("the verification keys are those handed in, and the one that signs now stands for itself, too", async () => {
  expect(await createTicketKeys({ publicKeys: () => keys }).verificationKey({} as never)).toMatchObject({
    value: { body: { algorithm: "Ed25519", keyId: "k2", publicKeyPem: "pem 2", keys } },
  });
});
