/** A gate lets in whoever shows the code as it was signed, and nobody with one that only means the same. */
import { afterAll, expect, spyOn, test } from "bun:test";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SignTicket, type TicketFace, writeTicketCode } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { verifyTicketCommand } from "./verifyTicket.ts";

const folder = mkdtempSync(join(tmpdir(), "chepiao-gate-"));
const said = spyOn(console, "log").mockImplementation(() => {});
const refused = spyOn(console, "error").mockImplementation(() => {});
afterAll(() => {
  rmSync(folder, { recursive: true });
  said.mockRestore();
  refused.mockRestore();
});

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const pem = join(folder, "key.pem");
writeFileSync(pem, publicKey.export({ type: "spki", format: "pem" }));
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
  name: "张三",
  documentMasked: "1101**********0012",
};
const signWith =
  (keyId: string, key: KeyObject): SignTicket =>
  (textOf) => {
    const text = textOf(keyId);
    return { text, signature: sign(null, Buffer.from(text), key).toString("base64url") };
  };
const signed = signWith("t1", privateKey);

const code = writeTicketCode(face, signed);
/** As version 0.1.0 wrote it, and as it was before codes named their keys. */
function olderCode(prefix: string): string {
  const fields = [face.ticketNo, face.trainNumber, face.originDate, face.fromName, face.toName, face.departAt / 1_000];
  const payload = JSON.stringify([...fields, 2, face.seat, 0, face.name, face.documentMasked]);
  const text = prefix + Buffer.from(payload).toString("base64url");
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
}
const show = (shown: string, keys = pem) => verifyTicketCommand.run([shown, "--key", keys]);

const next = generateKeyPairSync("ed25519");
const pemOf = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();
const list = join(folder, "keys.json");
const keys = [
  { keyId: "t2", publicKeyPem: pemOf(next.publicKey) },
  { keyId: "t1", publicKeyPem: pemOf(publicKey) },
];
writeFileSync(list, JSON.stringify({ algorithm: "Ed25519", ...keys[0], keys }));

test("a code as it was signed is let in", async () => {
  expect(await show(code)).toBe(0);
  expect(said.mock.calls.flat().join("\n")).toContain(face.ticketNo);
});

const alterations: Readonly<Record<string, string>> = {
  "other unused last bits": code.slice(0, -1) + { A: "B", I: "J", Q: "R", Y: "Z" }[code.at(-1)!],
  padding: `${code}=`,
  "a blank inside": `${code.slice(0, -9)} ${code.slice(-9)}`,
  "a line break after it": `${code}\n`,
  "small letters": code.toLowerCase(),
};
for (const [alteration, altered] of Object.entries(alterations)) {
  test(`a code with ${alteration} is refused`, async () => {
    refused.mockClear();
    expect(await show(altered)).toBe(1);
    expect(refused.mock.calls.flat().join("\n")).toContain("not a valid ticket code");
  });
}

test("with the platform's list of keys, codes of the present key and of those before are let in", async () => {
  expect(await show(code, list)).toBe(0);
  expect(await show(writeTicketCode(face, signWith("t2", next.privateKey)), list)).toBe(0);
  for (const old of [olderCode("CP2.t1."), olderCode("CP1.")])
    expect([await show(old, list), await show(old)]).toEqual([0, 0]);
});

test("a code under the name of a key that did not sign it is refused, and one of an unknown key says what to fetch", async () => {
  expect(await show(writeTicketCode(face, signWith("t2", privateKey)), list)).toBe(1);
  refused.mockClear();
  expect(await show(writeTicketCode(face, signWith("t9", privateKey)), list)).toBe(1);
  expect(refused.mock.calls.flat().join("\n")).toContain("names the key t9");
});

test("a key file that is neither is refused by name", async () => {
  const wrong = join(folder, "wrong.pem");
  for (const text of [
    "",
    "{}",
    "{ half",
    "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----\n",
    '{"keys":[]}',
  ]) {
    writeFileSync(wrong, text);
    expect(show(code, wrong)).rejects.toThrow(wrong);
  }
});
