/** What a gate does: checks a ticket's code with public keys alone, without asking the platform. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  keyOfTicketCode,
  readTicketCode,
  type TicketKey,
  VerificationKeys,
  type VerifyTicket,
} from "@chepiao/contracts";
import { fromBase64Url } from "@chepiao/kernel";
import { Compile } from "typebox/compile";
import { type Command, readArgs, UsageError } from "./command.ts";

const help = `npm run chepiao -- verify-ticket CODE --key FILE

Checks the code of a ticket (the text of its QR code) offline. The keys come once from /api/ticket/key, and again
when a code names one that is not among them; a ticket that was given back since still verifies, as at any gate
that is not connected.

  --key FILE   the answer of /api/ticket/key, or a PEM file with one of its keys`;

export const verifyTicketCommand: Command = {
  about: "check a ticket's code offline",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, { key: { type: "string" } }, help);
    const [code] = positionals;
    if (!code || !values.key || positionals.length !== 1) throw new UsageError(help);
    const keys = readKeys(values.key);
    const face = readTicketCode(code, verifierOf(keys));
    if (!face) {
      const named = keyOfTicketCode(code);
      console.error(
        named !== null && Array.isArray(keys) && keys.every(({ keyId }) => keyId !== named)
          ? `✗ This is not a valid ticket code for the keys in ${values.key}: it names the key ${named}. If it is genuine, /api/ticket/key has that one.`
          : "✗ This is not a valid ticket code: it was not signed with this key, or has been altered.",
      );
      return 1;
    }
    const departs = new Date(face.departAt).toISOString();
    console.log(`✓ Valid: ${face.ticketNo}`);
    console.log(`  ${face.trainNumber}  ${face.fromName} → ${face.toName}  departs ${departs}`);
    console.log(`  ${face.seat}  ${face.seatClass}  ${face.ticketType}  ${face.name}  ${face.documentMasked}`);
    return 0;
  },
};

const keysForm = Compile(VerificationKeys);

/** Named keys, or the PEM of one that has no name. */
export function readKeys(path: string): readonly TicketKey[] | string {
  const text = read(path);
  if (!text.trimStart().startsWith("{")) {
    if (publicKeyOf(text)) return text;
  } else {
    const answer = parsed(text);
    if (keysForm.Check(answer) && answer.keys.every(({ publicKeyPem }) => publicKeyOf(publicKeyPem)))
      return answer.keys;
  }
  throw new UsageError(`The key file ${path} is neither an answer of /api/ticket/key nor a public key in PEM.`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`The key file ${path} cannot be read: ${(error as Error).message}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function publicKeyOf(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === "ed25519" ? key : null;
  } catch {
    return null;
  }
}

/** A code that names a key is held against that one; a key without a name stands for any. */
export function verifierOf(keys: readonly TicketKey[] | string): VerifyTicket {
  const known = (typeof keys === "string" ? [{ keyId: null, publicKeyPem: keys }] : keys).map(
    ({ keyId, publicKeyPem }) => ({ keyId, key: createPublicKey(publicKeyPem) }),
  );
  return (text, signature, named) => {
    const bytes = fromBase64Url(signature);
    return (
      bytes !== null &&
      known.some(
        ({ keyId, key }) =>
          (named === null || keyId === null || keyId === named) && verify(null, Buffer.from(text), key, bytes),
      )
    );
  };
}
