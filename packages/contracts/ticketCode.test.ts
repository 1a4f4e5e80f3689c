/** What a gate reads is what was signed, or nothing. */
import { expect, test } from "bun:test";
import { epochMs } from "@chepiao/kernel";
import fc from "fast-check";
import { readTicketCode, type TicketFace, writeTicketCode } from "./ticketCode.ts";
import { seatClasses, ticketTypes } from "./vocabulary.ts";

const sign = (message: string) => new Bun.CryptoHasher("sha256", "key").update(message).digest("base64url");
const verify = (message: string, signature: string) => sign(message) === signature;

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

test("a code says what was signed, in any script, and may come with blanks around it", () => {
  expect(readTicketCode(writeTicketCode(face, sign), verify)).toEqual(face);
  expect(readTicketCode(` ${writeTicketCode(face, sign)}\n`, verify)).toEqual(face);
  const anyFace = fc.record({
    ticketNo: fc.string(),
    trainNumber: fc.string(),
    originDate: fc.string(),
    fromName: fc.string({ unit: "grapheme" }),
    toName: fc.string({ unit: "grapheme" }),
    departAt: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => epochMs(seconds * 1_000)),
    seatClass: fc.constantFrom(...seatClasses),
    seat: fc.string({ unit: "grapheme" }),
    ticketType: fc.constantFrom(...ticketTypes),
    name: fc.string({ unit: "grapheme" }),
    documentMasked: fc.string(),
  });
  fc.assert(fc.property(anyFace, (any) => expect(readTicketCode(writeTicketCode(any, sign), verify)).toEqual(any)));
});

test("a code is one word that a QR code carries cheaply: no padding, nothing to escape", () => {
  expect(writeTicketCode(face, sign)).toMatch(/^CP1\.[\w-]+\.[\w-]+$/);
});

test("a code with any one character changed, missing or added is not a ticket", () => {
  const code = writeTicketCode(face, sign);
  for (let at = 0; at < code.length; at++) {
    const other = code[at] === "A" ? "B" : "A";
    expect([at, readTicketCode(code.slice(0, at) + other + code.slice(at + 1), verify)]).toEqual([at, null]);
    expect([at, readTicketCode(code.slice(0, at) + code.slice(at + 1), verify)]).toEqual([at, null]);
  }
  expect(readTicketCode(`${code}.more`, verify)).toBeNull();
});

test("a signature of one ticket does not carry over to another", () => {
  const [, , signature] = writeTicketCode(face, sign).split(".");
  const [prefix, payload] = writeTicketCode({ ...face, seat: "01车01A" }, sign).split(".");
  expect(readTicketCode(`${prefix}.${payload}.${signature}`, verify)).toBeNull();
});

test("what is no code at all is refused without being verified", () => {
  const asked: string[] = [];
  const listening = (message: string) => {
    asked.push(message);
    return true;
  };
  for (const text of ["", "CP1", "CP1..", "CP1.abc", "CP1..abc", "CP2.abc.def", "https://site.example/", "车票"]) {
    expect([text, readTicketCode(text, listening)]).toEqual([text, null]);
  }
  expect(asked).toEqual([]);
});
