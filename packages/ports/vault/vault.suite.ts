/** The rules of a vault. `create` called twice gives two vaults with the same keys; `stranger` one with others. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { placeOf, SealBroken, type Vault } from "./vault.ts";

export function vaultSuite(adapter: string, create: () => Vault, stranger: () => Vault): void {
  const place = placeOf("t_passenger.document_sealed", 7);
  const texts = fc.string({ unit: "binary", maxLength: 80 });

  test(`${adapter}: what is sealed opens again, also by another process with the same keys`, () => {
    const [one, other] = [create(), create()];
    fc.assert(
      fc.property(texts, (plain) => expect(other.open(one.seal(plain, place), place)).toBe(plain)),
      { numRuns: 50 },
    );
  });

  test(`${adapter}: a sealed text does not show what is in it, and never looks the same twice`, () => {
    const vault = create();
    const sealed = [vault.seal("11010519491231002X", place), vault.seal("11010519491231002X", place)];
    expect(new Set(sealed).size).toBe(2);
    for (const each of sealed) {
      expect(each).not.toContain("19491231");
      expect(Buffer.from(each, "base64url").toString("latin1")).not.toContain("19491231");
    }
  });

  test(`${adapter}: a sealed text that was changed, cut or sealed elsewhere does not open`, () => {
    const vault = create();
    const sealed = vault.seal("11010519491231002X", place);
    const at = sealed.length - 5;
    const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
    for (const wrong of [
      changed,
      sealed.slice(0, -3),
      "",
      "x",
      "a.b.c",
      stranger().seal("11010519491231002X", place),
    ]) {
      expect(() => vault.open(wrong, place)).toThrow(SealBroken);
    }
  });

  test(`${adapter}: a sealed text opens where it belongs, and in no other row, column or table`, () => {
    const vault = create();
    const sealed = vault.seal("11010519491231002X", place);
    expect(vault.open(sealed, place)).toBe("11010519491231002X");
    for (const other of [
      placeOf("t_passenger.document_sealed", 8),
      placeOf("t_passenger.phone_sealed", 7),
      placeOf("t_user.document_sealed", 7),
      placeOf("t_passenger.document_sealed", 77),
    ])
      expect(() => vault.open(sealed, other)).toThrow(SealBroken);
  });

  test(`${adapter}: equal texts have equal fingerprints, others and other keys' do not`, () => {
    const vault = create();
    expect(vault.fingerprint("phone:13900000000")).toBe(create().fingerprint("phone:13900000000"));
    expect(vault.fingerprint("phone:13900000000")).toMatch(/^[0-9a-f]{64}$/);
    expect(vault.fingerprint("phone:13900000001")).not.toBe(vault.fingerprint("phone:13900000000"));
    expect(stranger().fingerprint("phone:13900000000")).not.toBe(vault.fingerprint("phone:13900000000"));
  });

  test(`${adapter}: a signature holds for its text only, and only for its signer`, () => {
    const vault = create();
    const { text, signature } = vault.sign(() => "E00010000000000001/1");
    expect(text).toBe("E00010000000000001/1");
    expect(signature).toMatch(/^[A-Za-z0-9_-]{86}$/);
    expect(create().verify(text, signature)).toBe(true);
    expect(vault.verify("E00010000000000001/2", signature)).toBe(false);
    expect(stranger().verify(text, signature)).toBe(false);
    for (const wrong of ["", "x", signature.slice(1), "A".repeat(86)]) {
      expect(vault.verify(text, wrong)).toBe(false);
    }
  });

  test(`${adapter}: a text may name the key that signs it, and then no other key vouches for it`, () => {
    const vault = create();
    const [present] = vault.publicKeys();
    const { text, signature } = vault.sign((keyId) => `ticket by ${keyId}`);
    expect(text).toBe(`ticket by ${present!.keyId}`);
    expect(vault.verify(text, signature, present!.keyId)).toBe(true);
    expect(vault.verify(text, signature, null)).toBe(true);
    expect(vault.verify(text, signature, "another")).toBe(false);
  });

  for (const [alteration, alter] of Object.entries(otherSpellings)) {
    test(`${adapter}: a signature with ${alteration} is refused`, () => {
      const vault = create();
      // One with both signs that differ between the alphabets.
      const signed = Array.from({ length: 1_000 }, (_, n) => vault.sign(() => `ticket ${n}`));
      const { text, signature } = signed.find((each) => /-.*_/.test(each.signature))!;
      expect(vault.verify(text, signature)).toBe(true);
      expect(vault.verify(text, alter(signature))).toBe(false);
    });
  }

  test(`${adapter}: a secret is the same for all who have the keys, and unrelated to others' and to other labels'`, () => {
    const secret = create().secret("one to another");
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(create().secret("one to another")).toBe(secret);
    const others = [
      create().secret("one to others"),
      create().fingerprint("one to another"),
      stranger().secret("one to another"),
    ];
    expect(others).not.toContain(secret);
  });

  test(`${adapter}: public keys are named and can be handed out`, () => {
    const [key] = create().publicKeys();
    expect(key!.publicKeyPem).toStartWith("-----BEGIN PUBLIC KEY-----");
    expect(create().publicKeys()[0]!.keyId).toBe(key!.keyId);
    expect(stranger().publicKeys()[0]!.keyId).not.toBe(key!.keyId);
  });
}

/** The same bytes to a lenient reader of base64url. */
const otherSpellings: Readonly<Record<string, (signature: string) => string>> = {
  "other unused last bits": (signature) =>
    signature.slice(0, -1) + { A: "B", Q: "R", g: "h", w: "x" }[signature.at(-1)!],
  padding: (signature) => `${signature}==`,
  "a blank inside": (signature) => `${signature.slice(0, 40)} ${signature.slice(40)}`,
  "a line break after it": (signature) => `${signature}\n`,
  "the other alphabet's sign for 62": (signature) => signature.replace("-", "+"),
  "the other alphabet's sign for 63": (signature) => signature.replace("_", "/"),
};
