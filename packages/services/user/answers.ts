/** What others get to see of people: never a document, a phone or a password, only what is left of them when masked. */
import {
  type DocumentProof,
  isChild,
  isFreeChild,
  type KnownPassenger,
  type Passenger,
  type Policy,
  type SessionInfo,
  type User,
} from "@chepiao/contracts";
import { type EpochMs, formatInZone, type ServiceDate, type ZoneName } from "@chepiao/kernel";
import type { SessionRecord } from "@chepiao/ports/session-store";
import type { PassengerRecord, UserRecord } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import { birthDateIn, carriesBirthDate } from "./documents.ts";
import { knownBy } from "./contact.ts";
import { isContactProved } from "./contacts.ts";
import { passengerDocument } from "./sealedPlaces.ts";

export const userAnswer = (user: UserRecord): User => ({
  userId: user.userId,
  username: user.username,
  realName: user.realName,
  documentType: user.documentType,
  documentMasked: user.documentMasked,
  knownBy: knownBy(user),
  phoneMasked: user.phoneMasked || null,
  contactProved: isContactProved(user),
  emailMasked: user.emailMasked,
  role: user.role,
});

export const passengerAnswer = (
  passenger: PassengerRecord,
  proof: DocumentProof,
  vault: Vault,
  today: ServiceDate,
  { fares }: Policy,
): Passenger => ({
  passengerId: passenger.passengerId,
  name: passenger.name,
  documentType: passenger.documentType,
  documentMasked: passenger.documentMasked,
  phoneMasked: passenger.phoneMasked,
  ticketType: passenger.ticketType,
  birthDate: passenger.birthDate,
  child: isChild(bornOn(passenger, vault), today, fares),
  freeChild: isFreeChild(bornOn(passenger, vault), today, fares),
  self: passenger.self,
  proof,
});

export const sessionAnswer = (session: SessionRecord, current: string, zone: ZoneName): SessionInfo => {
  const time = (at: EpochMs) => formatInZone(at, zone);
  return {
    sessionId: session.sessionId,
    createdAt: time(session.createdAt),
    lastSeenAt: time(session.lastSeenAt),
    userAgent: session.userAgent,
    current: session.sessionId === current,
  };
};

/** For the rooms that sell: sealed, and never for an answer. */
export const knownPassenger = (
  passenger: PassengerRecord,
  { proof, unasked }: { readonly proof: DocumentProof; readonly unasked: "never" | "yet" | null },
  vault: Vault,
): KnownPassenger => ({
  passengerId: passenger.passengerId,
  name: passenger.name,
  documentType: passenger.documentType,
  documentSealed: passenger.documentSealed,
  documentHash: passenger.documentHash,
  documentMasked: passenger.documentMasked,
  self: passenger.self,
  proof,
  ...(unasked && { unasked }),
  ticketType: passenger.ticketType,
  birthDate: bornOn(passenger, vault),
});

/** As it was declared, or as the document has it. */
export const bornOn = (passenger: PassengerRecord, vault: Vault): ServiceDate | null =>
  carriesBirthDate(passenger.documentType, passenger.documentMasked)
    ? birthDateIn(
        passenger.documentType,
        vault.open(passenger.documentSealed, passengerDocument(passenger.passengerId)),
      )
    : passenger.birthDate;
