/** A place in a queue as its owner holds it: signed, so that nothing has to be kept of who waits, and nobody can make one. */
import type { AnnouncedQueue, KnownPassenger } from "@chepiao/contracts";
import { isSameMac, macBy, type Vault } from "@chepiao/ports/vault";

export type Place = {
  readonly queueId: string;
  readonly userId: number;
  readonly lot: string;
  /** 0 for a lot that was not drawn yet. */
  readonly position: number;
};

export const placesSecret = "queue places";
export const lotsSecret = "queue lots";
/** 128 bits: two persons never have one lot. */
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
    /**
     * One a person: whoever is proved to be the same person by another account has the same lot. Who is not proved is a person of that account
     * alone. Nobody can tell from a published lot whose it is.
     */
    lotOf({ queueId }: Pick<AnnouncedQueue, "queueId">, person: string): string {
      return lotMac(`${queueId} ${person}`).slice(0, lotLength);
    },
  };
}

export type Places = ReturnType<typeof createPlaces>;

export function personOf(userId: number, passengers: readonly KnownPassenger[]): string {
  const self = passengers.find((passenger) => passenger.self === true);
  return self && (self.proof ?? "proved") === "proved" ? self.documentHash : `account@${userId}`;
}
