/**
 * What a ticket's code says, as few bytes as it takes: a code has to be read off a scratched screen, and each byte makes its cells
 * smaller. In this order:
 *
 *   key            text
 *   ticket         the order's id, 7 bytes, then its place in the order, a count
 *   train          text
 *   origin date    days since 1970, a count
 *   departure      seconds since 1970, 4 bytes
 *   class, kind    4 bits each, their places in `seatClasses` and `ticketTypes`
 *   seat, from, to, passenger     texts
 *   document       the text before its first asterisks, how many there are, the text behind them
 *
 * Numbers begin with their highest byte. A count has seven bits in each byte, the lowest first; the eighth says that more follow. A text
 * is a count, of its bytes twice over, and one more where they are UTF-16 rather than UTF-8, which is what takes fewer bytes.
 */
import {
  assert,
  dateOfDayNumber,
  dayNumber,
  type EpochMs,
  epochMs,
  orderIdOf,
  orderNoOf,
  type OrderId,
  serviceDate,
} from "@chepiao/kernel";
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

const orderIdBytes = 7;
const secondsBytes = 4;
/** What one byte holds; more asterisks than that are text. */
const starsMax = 255;

export function bytesOfFace(keyId: string, face: TicketFace): Uint8Array {
  const [orderNo = "", place = ""] = face.ticketNo.split("-");
  const orderId = orderIdOf(orderNo);
  assert(orderId !== null && face.ticketNo === `${orderNo}-${Number(place)}`, "a ticket is numbered within its order");
  const [, before, stars, behind] = /^([^*]*)(\**)(.*)$/s.exec(face.documentMasked)!;
  const masked = stars!.length > starsMax ? starsMax : stars!.length;
  return Uint8Array.from([
    ...textBytes(keyId),
    ...numberBytes(orderId, orderIdBytes),
    ...countBytes(Number(place)),
    ...textBytes(face.trainNumber),
    ...countBytes(dayNumber(serviceDate(face.originDate))),
    ...numberBytes(face.departAt / 1_000, secondsBytes),
    seatClasses.indexOf(face.seatClass) * 16 + ticketTypes.indexOf(face.ticketType),
    ...textBytes(face.seat),
    ...textBytes(face.fromName),
    ...textBytes(face.toName),
    ...textBytes(face.name),
    ...textBytes(before!),
    masked,
    ...textBytes(stars!.slice(masked) + behind!),
  ]);
}

/** What those bytes say, and under which key; null where `bytesOfFace` does not write them so. */
export function faceOfBytes(bytes: Uint8Array): { readonly keyId: string; readonly face: TicketFace } | null {
  try {
    const read = readFace(createReader(bytes));
    const again = bytesOfFace(read.keyId, read.face);
    return again.length === bytes.length && again.every((byte, n) => byte === bytes[n]) ? read : null;
  } catch {
    return null;
  }
}

function readFace(from: Reader): { readonly keyId: string; readonly face: TicketFace } {
  const keyId = from.text();
  const orderNo = orderNoOf(from.number(orderIdBytes) as OrderId);
  const ticketNo = `${orderNo}-${from.count()}`;
  const trainNumber = from.text();
  const originDate = dateOfDayNumber(from.count());
  const departAt = epochMs(from.number(secondsBytes) * 1_000);
  const kinds = from.number(1);
  const [seat, fromName, toName, name, before] = [from.text(), from.text(), from.text(), from.text(), from.text()];
  const documentMasked = before + "*".repeat(from.number(1)) + from.text();
  const seatClass = seatClasses[kinds >> 4];
  const ticketType = ticketTypes[kinds & 15];
  if (!seatClass || !ticketType) throw new RangeError("a class or kind of ticket that is not known");
  return {
    keyId,
    face: {
      ticketNo,
      trainNumber,
      originDate,
      fromName,
      toName,
      departAt,
      seatClass,
      seat,
      ticketType,
      name,
      documentMasked,
    },
  };
}

// Writing

function numberBytes(value: number, length: number): number[] {
  assert(Number.isSafeInteger(value) && value >= 0 && value < 256 ** length, "a number of a ticket has its bytes");
  // Beyond 32 bits there are no shifts.
  return Array.from({ length }, (_, n) => Math.floor(value / 256 ** (length - 1 - n)) % 256);
}

function countBytes(value: number): number[] {
  assert(Number.isSafeInteger(value) && value >= 0, "a count is not negative");
  return value < 128 ? [value] : [128 + (value % 128), ...countBytes(Math.floor(value / 128))];
}

function textBytes(text: string): number[] {
  const utf8 = new TextEncoder().encode(text);
  const isWide = utf8.length > 2 * text.length;
  const bytes = isWide
    ? [...Array(text.length).keys()].flatMap((n) => numberBytes(text.charCodeAt(n), 2))
    : Array.from(utf8);
  return [...countBytes(2 * bytes.length + Number(isWide)), ...bytes];
}

// Reading

type Reader = { number(length: number): number; count(): number; text(): string };

function createReader(bytes: Uint8Array): Reader {
  let at = 0;
  function take(length: number): Uint8Array {
    if (at + length > bytes.length) throw new RangeError("a code ends within a field");
    return bytes.subarray(at, (at += length));
  }
  const number = (length: number) => take(length).reduce((value, byte) => value * 256 + byte, 0);
  function count(): number {
    const byte = number(1);
    return byte < 128 ? byte : byte - 128 + 128 * count();
  }
  return {
    number,
    count,
    text() {
      const length = count();
      const read = take(Math.floor(length / 2));
      if (length % 2 === 0) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(read);
      const { number: unit } = createReader(read);
      return String.fromCharCode(...Array.from({ length: read.length / 2 }, () => unit(2)));
    },
  };
}
