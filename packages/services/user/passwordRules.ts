/**
 * Which passwords are refused: the commonest ones, those with a word of the account itself in them, and those that are one run
 * or three characters. Nothing else is asked of a password (NIST SP 800-63B; OWASP ASVS 5.0, 6.2).
 */
import type { DocumentType } from "@chepiao/contracts";
import { birthDateIn } from "./documents.ts";
import type { Fault } from "./faults.ts";

/** What an account says about its owner, and others can know or find out. */
export type OwnFacts = {
  readonly username: string;
  readonly realName: string;
  readonly phone: string | null;
  readonly email: string | null;
  readonly documentType: DocumentType;
  readonly documentNumber: string;
};

/** Shorter ones are found in passwords by accident; Chinese names have two characters. */
const wordLengthMin = 4;
const hanLengthMin = 2;
const platformWords = ["chepiao"];
const differentMin = 4;

/** @param own of whose account it is; null while nobody knows, when only what holds for everybody is looked at */
export function weaknessOf(
  password: string,
  own: OwnFacts | null,
  isCommon: (password: string) => boolean,
): Fault | null {
  const folded = fold(password);
  if (isCommon(password) || isOneRun(folded) || new Set(password).size < differentMin) return "passwordCommon";
  const words = [...platformWords, ...(own ? wordsOf(own) : [])].map(fold);
  return words.some((word) => isWord(word) && folded.includes(word)) ? "passwordOwnWord" : null;
}

function wordsOf({ username, realName, phone, email, documentType, documentNumber }: OwnFacts): string[] {
  const birthDate = birthDateIn(documentType, documentNumber);
  return [
    username,
    ...username.split(/[_.-]/),
    realName,
    ...realName.split(/[\s·]+/),
    ...(phone === null ? [] : [phone]),
    documentNumber,
    ...(birthDate ? [birthDate] : []),
    ...(email ? [email.split("@", 1)[0]!] : []),
  ];
}

/** Small letters and digits alone: neither case nor what stands between makes a word another. */
const fold = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");

const isWord = (word: string): boolean => word.length >= (/\p{Script=Han}/u.test(word) ? hanLengthMin : wordLengthMin);

/** `12345678`, `87654321`, `abcdefgh`: each character is the one after, or before, its neighbour. */
function isOneRun(text: string): boolean {
  const steps = Array.from(text.slice(1), (character, at) => character.charCodeAt(0) - text.charCodeAt(at));
  return steps.length > 0 && Math.abs(steps[0]!) <= 1 && steps.every((step) => step === steps[0]);
}
