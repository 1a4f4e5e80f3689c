/** What is asked of people, decided without a store: the facts to keep, or a refusal. */
import {
  isChild,
  type PassengerDraft,
  type PassengerEdit,
  type Policy,
  refusal,
  type Refusal,
  type Registration,
  type TicketType,
} from "@chepiao/contracts";
import { ok, parseServiceDate, refuse, type Result, type ServiceDate } from "@chepiao/kernel";
import type { PassengerRecord } from "@chepiao/ports/user-store";
import { type Document, parseDocument } from "./documents.ts";
import { type Fault, faultAt } from "./faults.ts";
import { hasUnseen, trimMarks, withoutMarks } from "./marks.ts";
import type { Contact } from "./contact.ts";
import { emailIn } from "./emailAddresses.ts";
import { phoneIn } from "./phoneNumbers.ts";

export type Person = {
  readonly name: string;
  readonly document: Document;
  readonly phone: string | null;
  readonly ticketType: TicketType;
  readonly birthDate: ServiceDate | null;
};

/** Where the holder of an account is reached. */
export type Reach = { readonly contact: Contact; readonly phone: string | null; readonly email: string | null };

/** The person behind a new account, who is also its first passenger. */
export function decideAccount(
  asked: Registration,
  today: ServiceDate,
  policy: Policy,
): Result<Person & Reach, Refusal> {
  const document = parseDocument(asked.documentType, asked.documentNumber, today, policy.documents);
  if (!document) return faultAt("/documentNumber", "notThisDocument", "DocumentInvalid");
  const name = tidyName(asked.realName);
  const fault = nameFault(name, policy);
  if (fault) return faultAt("/realName", fault);
  const reach = decideReach(asked, policy);
  return reach.ok ? ok({ name, document, ...reach.value, ticketType: "adult", birthDate: document.birthDate }) : reach;
}

/** Of phone and mail address the railway's policy asks for one. A phone that it does not ask for is not kept: nobody would prove it. */
function decideReach({ phone, email }: Registration, { account, phoneRegions }: Policy): Result<Reach, Refusal> {
  if (account.knownBy === "email" && phone !== undefined) return faultAt("/phone", "phoneNotAsked");
  if (account.knownBy === "phone" && phone === undefined) return faultAt("/phone", "needed");
  if (account.knownBy === "email" && email === undefined) return faultAt("/email", "needed");
  const number = phone === undefined ? null : phoneIn(phone, phoneRegions);
  if (phone !== undefined && number === null) return faultAt("/phone", "phoneNotTaken");
  const address = email === undefined ? null : emailIn(email);
  if (email !== undefined && address === null) return faultAt("/email", "emailNotTaken");
  const contact: Contact = number === null ? { kind: "email", address: address! } : { kind: "phone", address: number };
  return ok({ contact, phone: number, email: address });
}

export function decidePassenger(asked: PassengerDraft, today: ServiceDate, policy: Policy): Result<Person, Refusal> {
  const document = parseDocument(asked.documentType, asked.documentNumber, today, policy.documents);
  if (!document) return faultAt("/documentNumber", "notThisDocument", "DocumentInvalid");
  const name = tidyName(asked.name);
  const fault = nameFault(name, policy);
  if (fault) return faultAt("/name", fault);
  const declared = asked.birthDate === undefined ? null : parseServiceDate(asked.birthDate);
  if (asked.birthDate !== undefined && (declared === null || declared > today)) {
    return faultAt("/birthDate", "notInThePast");
  }
  if (document.birthDate !== null && declared !== null && declared !== document.birthDate) {
    return faultAt("/birthDate", "notAsInDocument");
  }
  const birthDate = document.birthDate ?? declared;
  const { ticketType = "adult" } = asked;
  const phone = asked.phone === undefined ? null : phoneIn(asked.phone, policy.phoneRegions);
  if (asked.phone !== undefined && phone === null) return faultAt("/phone", "phoneNotTaken");
  if (ticketType === "child" && birthDate === null) return faultAt("/birthDate", "neededForChild");
  if (!mayDeclare(ticketType, birthDate, today, policy)) return refuse(refusal("TicketTypeNotAllowed"));
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
  policy: Policy,
): Result<PassengerEdited, Refusal> {
  const { ticketType } = asked;
  const phone = asked.phone ? phoneIn(asked.phone, policy.phoneRegions) : asked.phone;
  if (asked.phone && phone === null) return faultAt("/phone", "phoneNotTaken");
  const name = asked.name === undefined ? undefined : tidyName(asked.name);
  // A name that was taken under other rules stays good.
  const fault = name === undefined || name === passenger.name ? null : nameFault(name, policy);
  if (fault) return faultAt("/name", fault);
  // The account's own person is who its document says.
  if (passenger.self && name !== undefined && name !== passenger.name) return refuse(refusal("NotAllowed"));
  if (ticketType && ticketType !== passenger.ticketType && !mayDeclare(ticketType, birthDate, today, policy)) {
    return refuse(refusal("TicketTypeNotAllowed"));
  }
  return ok({
    ...(name === undefined ? {} : { name }),
    ...(phone === undefined ? {} : { phone }),
    ...(ticketType === undefined ? {} : { ticketType }),
  });
}

/** A passenger who is too old for a child ticket today will not be younger on the day of travel. The rest is shown at the station. */
const mayDeclare = (
  ticketType: TicketType,
  birthDate: ServiceDate | null,
  today: ServiceDate,
  { fares }: Policy,
): boolean =>
  ticketType === "adult" ||
  (fares.discounts[ticketType] !== undefined && (ticketType !== "child" || isChild(birthDate, today, fares)));

/** A Han character takes the room of two letters. */
const nameUnits = (name: string): number =>
  Array.from(name).reduce((units, letter) => units + (/\p{Script=Han}/u.test(letter) ? 2 : 1), 0);

function nameFault(name: string, { passenger: { nameUnits: allowed } }: Policy): Fault | null {
  if (name === "") return "nameWithoutLetters";
  if (hasUnseen(name)) return "nameWithUnseen";
  const units = nameUnits(name);
  return units < allowed.min ? "nameTooShort" : units > allowed.max ? "nameTooLong" : null;
}

/**
 * One space between words and one way of writing each letter; nothing where no letter is in it. No letter is dropped: one that is rare and has
 * a place of its own only here and there (private use) is kept as it was sent.
 */
function tidyName(name: string): string {
  const tidy = trimMarks(name.normalize("NFC")).replaceAll(/\s+/gu, " ");
  return /[\p{L}\p{Co}]/u.test(tidy) ? tidy : "";
}

/** The text behind the keyed hash that makes a username unique. Case does not make it another. */
export const usernameText = (username: string): string => `username:${withoutMarks(username).toLowerCase()}`;
