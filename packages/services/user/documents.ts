/**
 * The identity documents that tickets are sold on: is a number one of its kind, whose birth date does it carry, how is it
 * shown. Numbers of 18 digits follow GB 11643: region, birth date, sequence, and a check digit by ISO 7064 MOD 11-2.
 */
import { type DocumentType, type Policy, policyDefault } from "@chepiao/contracts";
import { parseServiceDate, type ServiceDate } from "@chepiao/kernel";
import { withoutMarks } from "./marks.ts";

export type Document = {
  readonly type: DocumentType;
  /** As it is kept: half-width, upper case, without spaces. */
  readonly number: string;
  /** What makes two documents the same person's, whatever was reissued: the text behind the keyed hash. */
  readonly identity: string;
  readonly masked: string;
  /** Where the number carries it. */
  readonly birthDate: ServiceDate | null;
};

/**
 * The document, or null where the number cannot be one of its kind, or the railway takes no such document. `today` bounds birth dates.
 * A form that the railway's policy gives stands in place of ours.
 */
export function parseDocument(
  type: DocumentType,
  text: string,
  today: ServiceDate,
  taken: Policy["documents"] = policyDefault.documents,
): Document | null {
  const rule = taken[type];
  if (!rule) return null;
  const number = normalise(text);
  const forms: readonly Shape[] =
    rule.pattern === undefined ? shapes[type] : [{ pattern: new RegExp(rule.pattern, "u") }];
  const shape = forms.find(({ pattern }) => pattern.test(number));
  if (!shape) return null;
  const kept = shape.keep?.(number) ?? number;
  const birthDate = shape.born?.(number) ?? null;
  if (shape.born && (birthDate === null || birthDate < earliestBirth || birthDate > today)) return null;
  if (shape.holds && !shape.holds(number)) return null;
  return {
    type,
    number: kept,
    identity: `document:${type}:${shape.identity?.(kept) ?? kept}`,
    masked: maskDocument(kept),
    birthDate,
  };
}

type Shape = {
  readonly pattern: RegExp;
  readonly holds?: (number: string) => boolean;
  readonly born?: (number: string) => ServiceDate | null;
  /** What of it is kept. */
  readonly keep?: (number: string) => string;
  /** The part that stays when the document is issued again. */
  readonly identity?: (number: string) => string;
};

const earliestBirth = "1890-01-01" as ServiceDate;
const bornAt6 = (number: string) =>
  parseServiceDate(`${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`);
const gb11643 = { born: bornAt6, holds: (number: string) => checkDigit(number) === number[17] };

const shapes: Record<DocumentType, readonly Shape[]> = {
  // Provinces by GB/T 2260. 81, 82 and 83 belong to the residence permits below.
  residentId: [
    {
      pattern: /^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71)(?!0000)\d{15}[\dX]$/,
      ...gb11643,
    },
  ],
  hkMacaoResidencePermit: [{ pattern: /^8[12]0000\d{11}[\dX]$/, ...gb11643 }],
  taiwanResidencePermit: [{ pattern: /^830000\d{11}[\dX]$/, ...gb11643 }],
  foreignPermanentResidentId: [
    // Issued since December 2023: 9, issuing province, country by ISO 3166 digits, then as GB 11643.
    { pattern: /^9\d{16}[\dX]$/, ...gb11643 },
    // Issued before, still valid: country in letters, issuing place, YYMMDD, two digits more. The century is not in it.
    { pattern: /^[A-Z]{3}\d{4}\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{2}$/ },
  ],
  // Eight digits are the holder's for life; two more count the reissues of the booklet and early cards.
  hkMacaoTravelPermit: [{ pattern: /^[HM]\d{8}(\d{2})?$/, identity: (number) => number.slice(0, 9) }],
  // Eight digits on cards; ten on booklets, with a letter in brackets that is not part of the number.
  taiwanTravelPermit: [
    { pattern: /^\d{8}$/ },
    { pattern: /^\d{10}(\([A-Z]\))?$/, keep: (number) => number.slice(0, 10) },
  ],
  // ICAO 9303 says up to nine; some countries print more. Never letters alone, and never a number in the form of GB 11643:
  // nobody escapes a limit by calling his id card a passport.
  passport: [{ pattern: /^(?=.*\d)(?!\d{17}[\dX]$)[A-Z0-9]{5,20}$/ }],
  // Every country has its own: the policy of a railway that takes it says which.
  nationalId: [],
};

/** Full-width forms, case, spaces and dashes are ways of writing, not of the number. */
const normalise = (text: string): string => withoutMarks(text).toUpperCase().replaceAll(/[\s-]/g, "");

const checkWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;

/** The eighteenth digit that belongs to the first seventeen. */
export function checkDigit(first17: string): string {
  const sum = checkWeights.reduce((total, weight, at) => total + weight * Number(first17[at]), 0);
  return "10X98765432"[sum % 11]!;
}

/**
 * The ends of a number, and at least half of it hidden. Of 18 digits four and three are left, as on 12306: without the birth
 * date between them nobody can complete it.
 */
export function maskDocument(number: string): string {
  const [head, tail] = number.length >= 15 ? [4, 3] : number.length >= 8 ? [2, 2] : [1, 1];
  return number.slice(0, head) + "*".repeat(number.length - head - tail) + number.slice(-tail);
}

/** What is shown of a domain: the column of a mask has 110 characters. */
const domainShownMax = 100;

/** The first letter, and where it is: enough for its owner to know which one it is. */
export function maskEmail(email: string): string {
  const domain = email.slice(email.lastIndexOf("@") + 1);
  const shown = domain.length > domainShownMax ? `…${domain.slice(1 - domainShownMax)}` : domain;
  return `${email.slice(0, 1)}***@${shown}`;
}

export const maskPhone = (phone: string): string => `${phone.slice(0, 3)}****${phone.slice(-4)}`;

/**
 * Whether a kept document has its holder's birth date in its number. Then the date is neither stored nor answered beside the
 * ends of the number: the two together would leave some ninety numbers to try.
 */
export const carriesBirthDate = (type: DocumentType, masked: string): boolean =>
  masked.length === 18 && shapes[type].some((shape) => shape.born !== undefined);

export const birthDateIn = (type: DocumentType, number: string): ServiceDate | null =>
  shapes[type].find(({ pattern }) => pattern.test(number))?.born?.(number) ?? null;

/** A county that was never given out: numbers made for demonstrations belong to nobody. */
const demoRegion = "110099";

/** A resident id that passes every check and is no real person's. */
export function demoResidentId(birthDate: ServiceDate, sequence: number): string {
  const first17 = `${demoRegion}${birthDate.replaceAll("-", "")}${String(sequence % 1000).padStart(3, "0")}`;
  return first17 + checkDigit(first17);
}
