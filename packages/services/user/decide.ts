/** What is asked of people, decided without a store: the facts to keep, or a refusal. */
import {
  isChild,
  type PassengerDraft,
  type PassengerEdit,
  refusal,
  type Refusal,
  type Registration,
  type TicketType,
} from "@chepiao/contracts";
import { ok, parseServiceDate, refuse, type Result, type ServiceDate } from "@chepiao/kernel";
import type { PassengerRecord } from "@chepiao/ports/user-store";
import { type Document, parseDocument } from "./documents.ts";
import { faultAt } from "./faults.ts";

export type Person = {
  readonly name: string;
  readonly document: Document;
  readonly phone: string | null;
  readonly ticketType: TicketType;
  readonly birthDate: ServiceDate | null;
};

/** The person behind a new account, who is also its first passenger. */
export function decideAccount(asked: Registration, today: ServiceDate): Result<Person, Refusal> {
  const document = parseDocument(asked.documentType, asked.documentNumber, today);
  if (!document) return faultAt("/documentNumber", "notThisDocument", "DocumentInvalid");
  const name = tidyName(asked.realName);
  if (!name) return faultAt("/realName", "nameWithoutLetters");
  return ok({ name, document, phone: asked.phone, ticketType: "adult", birthDate: document.birthDate });
}

export function decidePassenger(asked: PassengerDraft, today: ServiceDate): Result<Person, Refusal> {
  const document = parseDocument(asked.documentType, asked.documentNumber, today);
  if (!document) return faultAt("/documentNumber", "notThisDocument", "DocumentInvalid");
  const name = tidyName(asked.name);
  if (!name) return faultAt("/name", "nameWithoutLetters");
  const declared = asked.birthDate === undefined ? null : parseServiceDate(asked.birthDate);
  if (asked.birthDate !== undefined && (declared === null || declared > today)) {
    return faultAt("/birthDate", "notInThePast");
  }
  if (document.birthDate !== null && declared !== null && declared !== document.birthDate) {
    return faultAt("/birthDate", "notAsInDocument");
  }
  const birthDate = document.birthDate ?? declared;
  const { ticketType = "adult", phone = null } = asked;
  if (ticketType === "child" && birthDate === null) return faultAt("/birthDate", "neededForChild");
  if (!mayDeclare(ticketType, birthDate, today)) return refuse(refusal("TicketTypeNotAllowed"));
  return ok({ name, document, phone, ticketType, birthDate });
}

export type PassengerEdited = {
  readonly name?: string;
  readonly phone?: string | null;
  readonly ticketType?: TicketType;
};

export function decideEdit(
  passenger: PassengerRecord,
  birthDate: ServiceDate | null,
  asked: PassengerEdit,
  today: ServiceDate,
): Result<PassengerEdited, Refusal> {
  const { ticketType, phone } = asked;
  const name = asked.name === undefined ? undefined : tidyName(asked.name);
  if (name === "") return faultAt("/name", "nameWithoutLetters");
  // The account's own person is who its document says.
  if (passenger.self && name !== undefined && name !== passenger.name) return refuse(refusal("NotAllowed"));
  if (ticketType && ticketType !== passenger.ticketType && !mayDeclare(ticketType, birthDate, today)) {
    return refuse(refusal("TicketTypeNotAllowed"));
  }
  return ok({
    ...(name === undefined ? {} : { name }),
    ...(phone === undefined ? {} : { phone }),
    ...(ticketType === undefined ? {} : { ticketType }),
  });
}

/** Whoever is too old for a child ticket today will not be younger on the day of travel. The rest is shown at the station. */
const mayDeclare = (ticketType: TicketType, birthDate: ServiceDate | null, today: ServiceDate): boolean =>
  ticketType !== "child" || isChild(birthDate, today);

/** One space between words, nothing invisible, one way of writing each letter. */
const tidyName = (name: string): string =>
  name.normalize("NFC").replaceAll(/\s+/gu, " ").replaceAll(/\p{C}/gu, "").trim();

/** The texts behind the keyed hashes that make a username or a phone unique. Case does not make a username another. */
export const usernameText = (username: string): string => `username:${username.toLowerCase()}`;
export const phoneText = (phone: string): string => `phone:${phone}`;

export const isPhone = (text: string): boolean => /^1[3-9]\d{9}$/.test(text);
