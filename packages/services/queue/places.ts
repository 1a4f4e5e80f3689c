/** A place in a queue as its owner holds it: signed, so that nothing has to be kept of who waits, and nobody can make one. */
import type { AnnouncedQueue, KnownPassenger } from "@chepiao/contracts";
import { isSameMac, macBy, type Vault } from "@chepiao/ports/vault";
import { unprovedMark } from "./draw.ts";

export type Place = {
  readonly queueId: string;
  readonly userId: number;
  readonly lot: string;
  /** 0 for a lot that was not drawn yet; below 0 for one behind all lots, before they are drawn. */
  readonly position: number;
};

export const placesSecret = "queue places";
export const lotsSecret = "queue lots";
/** 124 bits at least: two persons never have one lot. */
const lotLength = 32;

export function createPlaces(vault: Pick<Vault, "secret">) {
  const macOf = macBy(vault, placesSecret);
  const lotMac = macBy(vault, lotsSecret);
  return {
    sign({ queueId, userId, lot, position }: Place): string {
      const text = `${queueId}.${userId}.${lot}.${position}`;
      return `${text}.${macOf(text)}`;
    },
    /** Null for whatever was not signed here for that account. */
    read(token: string, userId: number): Place | null {
      const end = token.lastIndexOf(".");
      const text = token.slice(0, Math.max(0, end));
      const [queueId = "", account, lot = "", position] = text.split(".");
      if (account !== String(userId) || !isSameMac(macOf(text), token.slice(end + 1))) return null;
      return { queueId, userId, lot, position: Number(position) };
    },
    /** One a person, whatever the account. Nobody can tell from a published lot whose it is, but whether its owner is proved. */
    lotOf({ queueId }: Pick<AnnouncedQueue, "queueId">, { known, isProved }: Person): string {
      return `${isProved ? "" : unprovedMark}${lotMac(`${queueId} ${known}`)}`.slice(0, lotLength);
    },
  };
}

export type Places = ReturnType<typeof createPlaces>;

/** The lots that an account may have had: by its own document, or as an account that had proved none. For whoever looks back. */
export function possibleLots(
  vault: Pick<Vault, "secret">,
  queueId: string,
  userId: number,
  documentHash: string | null,
) {
  const { lotOf } = createPlaces(vault);
  const account = accountOf(userId);
  return [
    ...(documentHash === null ? [] : [{ known: documentHash, isProved: true }]),
    { known: account, isProved: false },
    { known: account, isProved: true },
  ].map((person) => lotOf({ queueId }, person));
}

const accountOf = (userId: number): string => `account@${userId}`;

export type Person = { readonly known: string; readonly isProved: boolean };

/**
 * Whom a lot is of. A document that is proved is a person. An account that has proved none is one of its own, behind those: were its document the person,
 * whoever names it first would lock out all others, and where the register does not cover it also its owner. Where nobody is ever asked a document
 * says nothing, and an account is a person.
 */
export function personOf(userId: number, passengers: readonly KnownPassenger[]): Person {
  const self = passengers.find((passenger) => passenger.self === true);
  const account = accountOf(userId);
  if (!self) return { known: account, isProved: false };
  if (self.unasked === "never") return { known: account, isProved: true };
  const isProved = (self.proof ?? "proved") === "proved" && self.unasked === undefined;
  return isProved ? { known: self.documentHash, isProved } : { known: account, isProved };
}
