/**
 * The code on a ticket, as a gate reads it: who travels on which run in which seat, signed with Ed25519, so that it can be
 * checked without asking anybody. `CP1.<payload>.<signature>`, both parts base64url; the signature is over `CP1.<payload>`.
 */
import { epochMs, type EpochMs } from "@chepiao/kernel";
import { type SeatClass, seatClasses, type TicketType, ticketTypes } from "./vocabulary.ts";

export type TicketFace = {
  readonly ticketNo: string;
  readonly trainNumber: string;
  readonly originDate: string;
  readonly fromName: string;
  readonly toName: string;
  readonly departAt: EpochMs;
  readonly seatClass: SeatClass;
  readonly seat: string;
  readonly ticketType: TicketType;
  readonly name: string;
  readonly documentMasked: string;
};

const version = "CP1";

export function writeTicketCode(face: TicketFace, sign: (message: string) => string): string {
  const fields = [
    face.ticketNo,
    face.trainNumber,
    face.originDate,
    face.fromName,
    face.toName,
    face.departAt / 1_000,
    seatClasses.indexOf(face.seatClass),
    face.seat,
    ticketTypes.indexOf(face.ticketType),
    face.name,
    face.documentMasked,
  ];
  const signed = `${version}.${toBase64Url(JSON.stringify(fields))}`;
  return `${signed}.${sign(signed)}`;
}

/** What the code says, if it is one of ours and untouched; null otherwise. */
export function readTicketCode(
  code: string,
  verify: (message: string, signature: string) => boolean,
): TicketFace | null {
  const [prefix, payload, signature, ...rest] = code.trim().split(".");
  if (prefix !== version || !payload || !signature || rest.length > 0) return null;
  if (!verify(`${prefix}.${payload}`, signature)) return null;
  const fields = JSON.parse(fromBase64Url(payload)) as [
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

function toBase64Url(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): string {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
}
