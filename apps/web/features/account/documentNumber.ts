/** What can be seen to be wrong with a document number while it is typed; the platform has the last word. */
import type { DocumentType } from "@chepiao/contracts";
import type { AccountMessages } from "../../messages/account.zh.ts";

/** Resident ids and what is made like them: 17 digits and a check digit (GB 11643). */
const likeResidentId: ReadonlySet<DocumentType> = new Set([
  "residentId",
  "hkMacaoResidencePermit",
  "taiwanResidencePermit",
]);
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checkDigits = "10X98765432";

/** @param pattern of the railway's own, in place of the form that documents of the kind have elsewhere */
export function documentNumberFault(
  type: DocumentType,
  typed: string,
  texts: AccountMessages,
  pattern?: string,
): string | null {
  const number = typed
    .normalize("NFKC")
    .replace(/[\s-]|\p{Default_Ignorable_Code_Point}/gu, "")
    .toUpperCase();
  if (number === "") return texts.passenger.required;
  if (pattern !== undefined) return new RegExp(pattern, "u").test(number) ? null : texts.passenger.idForm;
  if (!likeResidentId.has(type)) return null;
  if (number.length !== 18) return texts.passenger.idLength(number.length);
  if (!/^\d{17}[\dX]$/.test(number)) return texts.passenger.idLetters;
  const sum = weights.reduce((total, weight, n) => total + weight * Number(number[n]), 0);
  return checkDigits[sum % 11] === number[17] ? null : texts.passenger.idCheck;
}
