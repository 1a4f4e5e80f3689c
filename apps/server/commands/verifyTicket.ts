/** What a gate does: checks a ticket's code with the public key alone, without asking the platform. */
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { readTicketCode } from "@chepiao/contracts";
import { type Command, readArgs, UsageError } from "./command.ts";

const help = `npm run chepiao -- verify-ticket CODE --key FILE.pem

Checks the code of a ticket (the text of its QR code) offline. The key comes once from
/api/ticket/key (its publicKeyPem); a ticket that was given back since still verifies, as at any
gate that is not connected.

  --key FILE   PEM file with the platform's public key`;

export const verifyTicketCommand: Command = {
  about: "check a ticket's code offline",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, { key: { type: "string" } }, help);
    const [code] = positionals;
    if (!code || !values.key || positionals.length !== 1) throw new UsageError(help);
    const face = readTicketCode(code, verifierOf(readPem(values.key)));
    if (!face) {
      console.error("✗ This is not a valid ticket code: it was not signed with this key, or has been altered.");
      return 1;
    }
    const departs = new Date(face.departAt).toISOString();
    console.log(`✓ Valid: ${face.ticketNo}`);
    console.log(`  ${face.trainNumber}  ${face.fromName} → ${face.toName}  departs ${departs}`);
    console.log(`  ${face.seat}  ${face.seatClass}  ${face.ticketType}  ${face.name}  ${face.documentMasked}`);
    return 0;
  },
};

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`The key file ${path} cannot be read: ${(error as Error).message}`);
  }
}

export function verifierOf(publicKeyPem: string): (message: string, signature: string) => boolean {
  const key = createPublicKey(publicKeyPem);
  return (message, signature) => verify(null, Buffer.from(message), key, Buffer.from(signature, "base64url"));
}
