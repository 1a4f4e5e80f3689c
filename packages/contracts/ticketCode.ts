/**
 * The code on a ticket, as a gate reads it: who travels on which run in which seat, signed with Ed25519, so that it can be
 * checked without asking anybody. `CP3.<face>.<signature>`, both in base32; the face (ticketFace.ts) begins with the name of the key, and
 * the signature is over all that stands before it. Capital letters, digits and dots alone: a QR code carries them in two thirds of the room.
 *
 * Codes of older versions are read and no longer written: `CP2.<key id>.<payload>.<signature>`, and before that, naming no key,
 * `CP1.<payload>.<signature>`, payload and signature in base64url. A code that is spelled in any other way is refused. But a ticket can have
 * several valid codes, of another version or by another key: a gate that remembers whom it has let through remembers the ticket number.
 */
import { epochMs, fromBase32, fromBase64Url, toBase32, toBase64Url } from "@chepiao/kernel";
import { bytesOfFace, faceOfBytes, type TicketFace } from "./ticketFace.ts";
import { seatClasses, ticketTypes } from "./vocabulary.ts";

export type { TicketFace } from "./ticketFace.ts";

/** A key with which codes are checked: SPKI in PEM. */
export type TicketKey = { readonly keyId: string; readonly publicKeyPem: string };

/** Signs the text that is made for the key in use. */
export type SignTicket = (textOf: (keyId: string) => string) => { readonly text: string; readonly signature: string };

/** @param keyId the one key that may have signed it; null where the code names none */
export type VerifyTicket = (text: string, signature: string, keyId: string | null) => boolean;

export function writeTicketCode(face: TicketFace, sign: SignTicket): string {
  const { text, signature } = sign((keyId) => `CP3.${toBase32(bytesOfFace(keyId, face))}`);
  return `${text}.${toBase32(fromBase64Url(signature)!)}`;
}

const codeForm = /^CP3\.(?<face>[A-Z2-7]+)\.(?<signature>[A-Z2-7]+)$/;

/** The key that a code says it was signed with; null where it names none, or is no code. */
export function keyOfTicketCode(code: string): string | null {
  const bytes = fromBase32(codeForm.exec(code)?.groups?.["face"] ?? "");
  const read = bytes && faceOfBytes(bytes);
  return read?.keyId ?? olderForm.exec(code)?.groups?.["keyId"] ?? null;
}

/** What the code says, if it is one of ours and untouched to the last sign; null otherwise. */
export function readTicketCode(code: string, verify: VerifyTicket): TicketFace | null {
  const { face, signature } = codeForm.exec(code)?.groups ?? {};
  if (face === undefined || signature === undefined) return readOlderCode(code, verify);
  const faceBytes = fromBase32(face);
  const signatureBytes = fromBase32(signature);
  const read = faceBytes && faceOfBytes(faceBytes);
  if (!read || !signatureBytes) return null;
  return verify(`CP3.${face}`, toBase64Url(signatureBytes), read.keyId) ? read.face : null;
}

// Older versions

const olderForm = /^(?:CP1|CP2\.(?<keyId>[A-Za-z0-9-]{1,32}))\.(?<payload>[\w-]+)\.(?<signature>[\w-]+)$/;

function readOlderCode(code: string, verify: VerifyTicket): TicketFace | null {
  const { keyId = null, payload, signature } = olderForm.exec(code)?.groups ?? {};
  if (payload === undefined || signature === undefined) return null;
  const bytes = fromBase64Url(payload);
  const text = code.slice(0, -signature.length - 1);
  if (!bytes || !fromBase64Url(signature) || !verify(text, signature, keyId)) return null;
  const fields = JSON.parse(new TextDecoder().decode(bytes)) as [
    string,
    string,
    string,
    string,
    string,
    number,
    number,
    string,
    number,
    string,
    string,
  ];
  const [
    ticketNo,
    trainNumber,
    originDate,
    fromName,
    toName,
    departS,
    seatClass,
    seat,
    ticketType,
    name,
    documentMasked,
  ] = fields;
  return {
    ticketNo,
    trainNumber,
    originDate,
    fromName,
    toName,
    departAt: epochMs(departS * 1_000),
    seatClass: seatClasses[seatClass]!,
    seat,
    ticketType: ticketTypes[ticketType]!,
    name,
    documentMasked,
  };
}
