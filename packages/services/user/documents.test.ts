/** Which numbers are documents, and how little of them is shown. */
import { expect, test } from "bun:test";
import { type DocumentType, documentTypes } from "@chepiao/contracts";
import { dateOfDayNumber, dayNumber, serviceDate } from "@chepiao/kernel";
import fc from "fast-check";
import {
  carriesBirthDate,
  checkDigit,
  demoResidentId,
  maskDocument,
  maskEmail,
  maskPhone,
  parseDocument,
} from "./documents.ts";

const today = serviceDate("2026-11-22");
const parse = (type: DocumentType, text: string) => parseDocument(type, text, today);
const accepts = (type: DocumentType, text: string) => parse(type, text) !== null;
const complete = (first17: string) => first17 + checkDigit(first17);

const birthDates = fc
  .integer({ min: dayNumber(serviceDate("1890-01-01")), max: dayNumber(today) })
  .map((day) => dateOfDayNumber(day));
const sequences = fc.integer({ min: 0, max: 999 });
const residentIds = fc.tuple(birthDates, sequences).map(([born, sequence]) => demoResidentId(born, sequence));

test("the standard's own examples have the check digits printed there", () => {
  expect(checkDigit("11010519491231002")).toBe("X");
  expect(checkDigit("44052418800101001")).toBe("4");
});

test("every completed number is accepted and gives back its birth date", () => {
  fc.assert(
    fc.property(birthDates, sequences, (born, sequence) => {
      const document = parse("residentId", demoResidentId(born, sequence));
      expect(document?.birthDate).toBe(born);
    }),
  );
});

test("no resident id survives a wrong digit, and none two neighbours that changed places", () => {
  fc.assert(
    fc.property(residentIds, fc.nat(16), fc.integer({ min: 1, max: 9 }), (id, at, by) => {
      const digit = String((Number(id[at]) + by) % 10);
      expect(accepts("residentId", id.slice(0, at) + digit + id.slice(at + 1))).toBe(false);
    }),
  );
  fc.assert(
    fc.property(residentIds, fc.nat(15), (id, at) => {
      fc.pre(id[at] !== id[at + 1]);
      expect(accepts("residentId", id.slice(0, at) + id[at + 1] + id[at] + id.slice(at + 2))).toBe(false);
    }),
  );
});

test("a resident id is of a province, and of a day that exists and has come", () => {
  expect(accepts("residentId", complete("11010519490229001"))).toBe(false);
  expect(accepts("residentId", complete("11010519481301001"))).toBe(false);
  expect(accepts("residentId", complete("11010520261123001"))).toBe(false);
  expect(accepts("residentId", complete("11010520261122001"))).toBe(true);
  expect(accepts("residentId", complete("11010518891231001"))).toBe(false);
  for (const region of ["160105", "990105", "810000", "820000", "830000", "110000"]) {
    expect(accepts("residentId", complete(`${region}19491231002`))).toBe(false);
  }
  expect(accepts("residentId", "110105491231002")).toBe(false);
});

test("ways of writing do not make another document", () => {
  const document = parse("residentId", "11010519491231002X")!;
  for (const text of [
    "11010519491231002x",
    " 110105 19491231 002X ",
    "１１０１０５１９４９１２３１００２Ｘ",
    "110105-19491231-002ｘ",
  ]) {
    expect(parse("residentId", text)).toEqual(document);
  }
});

test("residence permits have the regions of Hong Kong, Macao and Taiwan, each in its own kind", () => {
  const [hongKong, macao, taiwan] = ["810000", "820000", "830000"].map((region) => complete(`${region}19900101001`));
  expect(accepts("hkMacaoResidencePermit", hongKong!)).toBe(true);
  expect(accepts("hkMacaoResidencePermit", macao!)).toBe(true);
  expect(accepts("hkMacaoResidencePermit", taiwan!)).toBe(false);
  expect(accepts("taiwanResidencePermit", taiwan!)).toBe(true);
  expect(accepts("taiwanResidencePermit", hongKong!)).toBe(false);
  expect(parse("taiwanResidencePermit", taiwan!)?.birthDate).toBe(serviceDate("1990-01-01"));
});

test("foreign permanent resident ids are taken in the old form and the new", () => {
  expect(accepts("foreignPermanentResidentId", "USA110090010112")).toBe(true);
  expect(accepts("foreignPermanentResidentId", "USA110090130112")).toBe(false);
  expect(accepts("foreignPermanentResidentId", "US1110090010112")).toBe(false);
  const made = complete("91184019900101001");
  expect(parse("foreignPermanentResidentId", made)?.birthDate).toBe(serviceDate("1990-01-01"));
  expect(accepts("foreignPermanentResidentId", made.slice(0, 17) + (made[17] === "1" ? "2" : "1"))).toBe(false);
});

test("a travel permit of Hong Kong or Macao is the same person's after it was issued again", () => {
  const [first, again] = [parse("hkMacaoTravelPermit", "h12345678"), parse("hkMacaoTravelPermit", "H1234567802")];
  expect(first?.identity).toBe(again!.identity);
  expect(again?.number).toBe("H1234567802");
  expect(parse("hkMacaoTravelPermit", "M12345678")?.identity).not.toBe(first!.identity);
  for (const wrong of ["12345678", "T12345678", "H1234567", "H123456789"]) {
    expect(accepts("hkMacaoTravelPermit", wrong)).toBe(false);
  }
});

test("a travel permit of Taiwan has eight digits, or ten with a letter that does not count", () => {
  expect(accepts("taiwanTravelPermit", "12345678")).toBe(true);
  expect(parse("taiwanTravelPermit", "1234567801（b）")?.number).toBe("1234567801");
  expect(parse("taiwanTravelPermit", "1234567801")?.number).toBe("1234567801");
  for (const wrong of ["1234567", "123456789", "A1234567"]) expect(accepts("taiwanTravelPermit", wrong)).toBe(false);
});

test("a passport has 5 to 20 letters and digits, not letters alone", () => {
  for (const right of ["E12345678", "12345", "PA0940443", "A1234567890123456789"])
    expect(accepts("passport", right)).toBe(true);
  for (const wrong of ["E123", "PASSPORT", "E1234/567", "A12345678901234567890", "护照12345", "11010519491231002X"]) {
    expect(accepts("passport", wrong)).toBe(false);
  }
});

test("equal numbers of two kinds are two documents", () => {
  expect(parse("passport", "12345678")?.identity).not.toBe(parse("taiwanTravelPermit", "12345678")!.identity);
});

test("a mask keeps the length, shows the ends, and hides at least half and the whole birth date", () => {
  expect(maskDocument("11010519491231002X")).toBe("1101***********02X");
  expect(maskDocument("E12345678")).toBe("E1*****78");
  expect(maskPhone("13912345678")).toBe("139****5678");
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Z0-9]{5,20}$/), (number) => {
      const masked = maskDocument(number);
      expect(masked).toHaveLength(number.length);
      expect(masked.replaceAll("*", "").length).toBeLessThanOrEqual(number.length / 2);
    }),
  );
});

test("nothing that is typed in breaks the parser, and what it accepts it accepts again as it kept it", () => {
  const type = fc.constantFrom(...documentTypes);
  const text = fc.oneof(fc.string({ maxLength: 25 }), fc.stringMatching(/^[A-Z0-9()]{5,20}$/), residentIds);
  fc.assert(
    fc.property(type, text, (kind, typed) => {
      const document = parse(kind, typed);
      if (document) expect(parse(kind, document.number)).toEqual(document);
    }),
    { numRuns: 500 },
  );
});

test("the numbers that carry their holder's birth date are known by what is shown of them", () => {
  const carries = (type: DocumentType, text: string) => carriesBirthDate(type, parse(type, text)!.masked);
  expect(carries("residentId", demoResidentId(today, 1))).toBe(true);
  expect(carries("foreignPermanentResidentId", complete("91184019900101001"))).toBe(true);
  expect(carries("foreignPermanentResidentId", "USA110090010112")).toBe(false);
  expect(carries("passport", "A12345678901234567")).toBe(false);
});

test("of a mail address its owner's letter and its host are left", () => {
  expect(maskEmail("anna.schmidt@example.com")).toBe("a***@example.com");
  expect(maskEmail('"a@b"@example.com')).toBe('"***@example.com');
});
