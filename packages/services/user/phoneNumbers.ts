/** Phone numbers of the regions that the railway takes, however they are written, in the one form that is kept. */
import { type Policy, policyDefault } from "@chepiao/contracts";
import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { withoutMarks } from "./marks.ts";

type Regions = Policy["phoneRegions"];

/**
 * Null where it is no number of one of them. A number without a country's code is one of the first. Those of the mainland are kept as they are
 * dialled there, as they were before others were taken; all others with their country's code.
 */
export function phoneIn(text: string, regions: Regions = policyDefault.phoneRegions): string | null {
  const found = parsePhoneNumberFromString(withoutMarks(text), {
    defaultCountry: regions[0] as CountryCode,
    extract: false,
  });
  if (!found?.isValid() || found.country === undefined || !regions.includes(found.country)) return null;
  if (found.country !== "CN") return found.number;
  return mobileOfChina.test(found.nationalNumber) ? found.nationalNumber : null;
}

/** A code is sent there: a line in a wall reads none. */
const mobileOfChina = /^1[3-9]\d{9}$/;
