/** What a gate reads is what was signed, or nothing. */
import { expect, test } from "bun:test";
import { dateOfDayNumber, epochMs, fromBase32, orderNoOf, type OrderId, toBase32 } from "@chepiao/kernel";
import fc from "fast-check";
import { keyOfTicketCode, readTicketCode, type SignTicket, type VerifyTicket, writeTicketCode } from "./ticketCode.ts";
import { bytesOfFace, faceOfBytes, type TicketFace } from "./ticketFace.ts";
import { seatClasses, ticketTypes } from "./vocabulary.ts";

const keyId = "t-2026";
const signatureOf = (text: string) => new Bun.CryptoHasher("sha256", "key").update(text).digest("base64url");
const sign: SignTicket = (textOf) => {
  const text = textOf(keyId);
  return { text, signature: signatureOf(text) };
};
const verify: VerifyTicket = (text, signature, named) =>
  (named === null || named === keyId) && signatureOf(text) === signature;

const face: TicketFace = {
  ticketNo: "E00010000000000001-1",
  trainNumber: "G1",
  originDate: "2026-12-01",
  fromName: "北京南",
  toName: "上海虹桥",
  departAt: epochMs(Date.UTC(2026, 11, 1)),
  seatClass: "second",
  seat: "05车12A",
  ticketType: "adult",
  name: "张三 ",
  documentMasked: "1101**********0012",
};

/** As version 0.1.0 wrote it, and as it was before codes named their keys. */
function olderCode(of: TicketFace, prefix: string): string {
  const fields = [of.ticketNo, of.trainNumber, of.originDate, of.fromName, of.toName, of.departAt / 1_000];
  const more = [seatClasses.indexOf(of.seatClass), of.seat, ticketTypes.indexOf(of.ticketType), of.name];
  const text = `${prefix}${Buffer.from(JSON.stringify([...fields, ...more, of.documentMasked])).toString("base64url")}`;
  return `${text}.${signatureOf(text)}`;
}

const versions: Readonly<Record<string, (of: TicketFace) => string>> = {
  CP3: (of) => writeTicketCode(of, sign),
  CP2: (of) => olderCode(of, `CP2.${keyId}.`),
  CP1: (of) => olderCode(of, "CP1."),
};

test.each(Object.entries(versions))("a code says what was signed, in any script: %s", (_, write) => {
  expect(readTicketCode(write(face), verify)).toEqual(face);
  const anyFace = fc.record({
    ticketNo: fc
      .tuple(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), fc.integer({ min: 1, max: 300 }))
      .map(([id, n]) => `${orderNoOf(id as OrderId)}-${n}`),
    trainNumber: fc.string(),
    originDate: fc.integer({ min: 0, max: 60_000 }).map(dateOfDayNumber),
    fromName: fc.string({ unit: "grapheme" }),
    toName: fc.string({ unit: "grapheme" }),
    departAt: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => epochMs(seconds * 1_000)),
    seatClass: fc.constantFrom(...seatClasses),
    seat: fc.string({ unit: "grapheme" }),
    ticketType: fc.constantFrom(...ticketTypes),
    name: fc.string({ unit: "grapheme" }),
    documentMasked: fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("*", "1", "X"), maxLength: 600 })),
  });
  fc.assert(fc.property(anyFace, (any) => expect(readTicketCode(write(any), verify)).toEqual(any)));
});

test("a code is one word that a QR code carries cheaply: no padding, nothing to escape", () => {
  expect(writeTicketCode(face, sign)).toMatch(/^CP3\.[A-Z2-7]+\.[A-Z2-7]+$/);
});

test("a usual code is no longer than the 224 letters of a QR code of 45 cells", () => {
  // Ed25519 signs with 64 bytes.
  const code = writeTicketCode(face, (textOf) => {
    const text = textOf("t1a2b3c4d");
    return { text, signature: new Bun.CryptoHasher("sha512").update(text).digest("base64url") };
  });
  expect(code.length).toBeLessThanOrEqual(224);
});

test.each(Object.entries(versions))(
  "a code with any one character changed, missing or added is not a ticket: %s",
  (_, write) => {
    const code = write(face);
    for (let at = 0; at < code.length; at++) {
      const other = code[at] === "A" ? "B" : "A";
      expect([at, readTicketCode(code.slice(0, at) + other + code.slice(at + 1), verify)]).toEqual([at, null]);
      expect([at, readTicketCode(code.slice(0, at) + code.slice(at + 1), verify)]).toEqual([at, null]);
    }
    expect(readTicketCode(`${code}.more`, verify)).toBeNull();
  },
);

/** The same code to a gate whose reader is lenient. */
const otherSpellings: Readonly<Record<string, (code: string) => string>> = {
  "other unused last bits": (code) => code.slice(0, -1) + nextSign(code),
  padding: (code) => `${code}=`,
  "padding of the first part": (code) => code.replace(/\.(?=[^.]*$)/, "=."),
  "a blank inside": (code) => `${code.slice(0, -9)} ${code.slice(-9)}`,
  "a blank before it": (code) => ` ${code}`,
  "a line break after it": (code) => `${code}\n`,
  "its prefix in small letters": (code) => code.replace("CP", "cp"),
  "the signature in small letters": (code) => code.replace(/[^.]*$/, (signature) => signature.toLowerCase()),
};
const otherAlphabet: typeof otherSpellings = {
  "the other alphabet's sign for 62": (code) => code.replace(/[^.]*$/, (signature) => signature.replaceAll("-", "+")),
  "the other alphabet's sign for 63": (code) => code.replace(/[^.]*$/, (signature) => signature.replaceAll("_", "/")),
};
const base64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
function nextSign(code: string): string {
  const alphabet = code.startsWith("CP3") ? base32 : base64Url;
  return alphabet[alphabet.indexOf(code.at(-1)!) + 1]!;
}

for (const [version, write] of Object.entries(versions)) {
  const alterations = version === "CP3" ? otherSpellings : { ...otherSpellings, ...otherAlphabet };
  for (const [alteration, alter] of Object.entries(alterations)) {
    test(`a code has one spelling: ${alteration} makes it none, ${version}`, () => {
      const code = findCode(write, version === "CP3" ? /./ : /-.*_/);
      expect(alter(code)).not.toBe(code);
      // The signature is compared as bytes, as by a library that reads whatever looks like base64.
      const bytesOf = (text: string) => Buffer.from(text, "base64").toString("hex");
      const lenient: VerifyTicket = (text, signature) => bytesOf(signatureOf(text)) === bytesOf(signature);
      expect(readTicketCode(code, lenient)).not.toBeNull();
      expect(readTicketCode(alter(code), lenient)).toBeNull();
      expect(readTicketCode(alter(code), verify)).toBeNull();
    });
  }
}

/** One whose signature looks so. */
function findCode(write: (of: TicketFace) => string, signature: RegExp): string {
  for (let seat = 1; ; seat++) {
    const code = write({ ...face, seat: `05车${seat}A` });
    if (signature.test(code.split(".").at(-1)!)) return code;
  }
}

test("a face has one spelling in bytes: cut short, longer, or written less tightly, it is none", () => {
  const bytes = bytesOfFace(keyId, face);
  expect(faceOfBytes(bytes)).toEqual({ keyId, face });
  for (let length = 0; length < bytes.length; length++) expect(faceOfBytes(bytes.slice(0, length))).toBeNull();
  expect(faceOfBytes(Uint8Array.from([...bytes, 0]))).toBeNull();
  // The name of the key, six letters, with a count of two bytes, and in UTF-16.
  const behind = bytes.slice(1 + keyId.length);
  const name = [...Buffer.from(keyId)];
  expect(faceOfBytes(Uint8Array.from([128 + 2 * name.length, 0, ...name, ...behind]))).toBeNull();
  const wide = name.flatMap((byte) => [0, byte]);
  expect(faceOfBytes(Uint8Array.from([2 * wide.length + 1, ...wide, ...behind]))).toBeNull();
  // Whatever is read is what is written.
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const other = bytes.with(at, byte);
      const read = faceOfBytes(other);
      if (read) expect(bytesOfFace(read.keyId, read.face)).toEqual(other);
    }),
    { numRuns: 2_000 },
  );
});

test("a code names the key that signed it, and under another name it is not a ticket", () => {
  const code = writeTicketCode(face, sign);
  expect(keyOfTicketCode(code)).toBe(keyId);
  const named: (string | null)[] = [];
  const careless: VerifyTicket = (text, signature, name) => {
    named.push(name);
    return signatureOf(text) === signature;
  };
  expect(readTicketCode(code, careless)).toEqual(face);
  // The name is signed along.
  const [prefix, bytes, signature] = code.split(".");
  const other = faceOfBytes(fromBase32(bytes!)!)!;
  const renamed = `${prefix}.${toBase32(bytesOfFace("t-2027", other.face))}.${signature}`;
  expect(keyOfTicketCode(renamed)).toBe("t-2027");
  expect(readTicketCode(renamed, careless)).toBeNull();
  expect(named).toEqual([keyId, "t-2027"]);
});

test("codes of the versions before still say what was signed, and none becomes one of another version", () => {
  const [second, first] = [versions["CP2"]!(face), versions["CP1"]!(face)];
  expect([readTicketCode(second, verify), readTicketCode(first, verify)]).toEqual([face, face]);
  expect([keyOfTicketCode(second), keyOfTicketCode(first)]).toEqual([keyId, null]);
  for (const altered of [
    second.replace(`CP2.${keyId}.`, "CP1."),
    second.replace(`CP2.${keyId}.`, "CP3."),
    second.replace(keyId, "t-2027"),
    first.replace("CP1.", "CP2."),
    first.replace("CP1.", "CP3."),
    first.replace("CP1.", `CP2.${keyId}.`),
    versions["CP3"]!(face).replace("CP3.", "CP1."),
  ])
    expect([altered, readTicketCode(altered, verify)]).toEqual([altered, null]);
});

test("a signature of one ticket does not carry over to another", () => {
  const [, , signature] = writeTicketCode(face, sign).split(".");
  const [prefix, other] = writeTicketCode({ ...face, seat: "01车01A" }, sign).split(".");
  expect(readTicketCode(`${prefix}.${other}.${signature}`, verify)).toBeNull();
});

test("what is no code at all is refused without being verified", () => {
  const asked: string[] = [];
  const listening = (message: string) => {
    asked.push(message);
    return true;
  };
  for (const text of [
    "",
    "CP1",
    "CP1..",
    "CP1.abc",
    "CP1..abc",
    "CP2.abc.def",
    "CP2.a_b.abc.def",
    "CP2..abc.def",
    "CP3.abc.def",
    "CP3.ABC.DEF",
    "CP3..ABC",
    `CP3.${toBase32(bytesOfFace(keyId, face)).slice(0, -8)}.ABC`,
    "CP4.ABC.DEF",
    "https://site.example/",
    "车票",
  ]) {
    expect([text, readTicketCode(text, listening)]).toEqual([text, null]);
  }
  expect(asked).toEqual([]);
});
