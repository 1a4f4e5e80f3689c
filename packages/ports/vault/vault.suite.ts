/** The rules of a vault. `create` called twice gives two vaults with the same keys; `stranger` one with others. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { SealBroken, type Vault } from "./vault.ts";

export function vaultSuite(adapter: string, create: () => Vault, stranger: () => Vault): void {
  const texts = fc.string({ unit: "binary", maxLength: 80 });

  test(`${adapter}: what is sealed opens again, also by another process with the same keys`, () => {
    const [one, other] = [create(), create()];
    fc.assert(
      fc.property(texts, (plain) => expect(other.open(one.seal(plain))).toBe(plain)),
      { numRuns: 50 },
    );
  });

  test(`${adapter}: a sealed text does not show what is in it, and never looks the same twice`, () => {
    const vault = create();
    const sealed = [vault.seal("11010519491231002X"), vault.seal("11010519491231002X")];
    expect(new Set(sealed).size).toBe(2);
    for (const each of sealed) {
      expect(each).not.toContain("19491231");
      expect(Buffer.from(each, "base64url").toString("latin1")).not.toContain("19491231");
    }
  });

  test(`${adapter}: a sealed text that was changed, cut or sealed elsewhere does not open`, () => {
    const vault = create();
    const sealed = vault.seal("11010519491231002X");
    const at = sealed.length - 5;
    const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "B" : "A"}${sealed.slice(at + 1)}`;
    for (const wrong of [changed, sealed.slice(0, -3), "", "x", "a.b.c", stranger().seal("11010519491231002X")]) {
      expect(() => vault.open(wrong)).toThrow(SealBroken);
    }
  });

  test(`${adapter}: equal texts have equal fingerprints, others and other keys' do not`, () => {
    const vault = create();
    expect(vault.fingerprint("phone:13900000000")).toBe(create().fingerprint("phone:13900000000"));
    expect(vault.fingerprint("phone:13900000000")).toMatch(/^[0-9a-f]{64}$/);
    expect(vault.fingerprint("phone:13900000001")).not.toBe(vault.fingerprint("phone:13900000000"));
    expect(stranger().fingerprint("phone:13900000000")).not.toBe(vault.fingerprint("phone:13900000000"));
  });

  test(`${adapter}: a signature holds for its message only, and only for its signer`, () => {
    const vault = create();
    const signature = vault.sign("E00010000000000001/1");
    expect(signature).toMatch(/^[A-Za-z0-9_-]{86}$/);
    expect(create().verify("E00010000000000001/1", signature)).toBe(true);
    expect(vault.verify("E00010000000000001/2", signature)).toBe(false);
    expect(stranger().verify("E00010000000000001/1", signature)).toBe(false);
    for (const wrong of ["", "x", signature.slice(1), "A".repeat(86)]) {
      expect(vault.verify("E00010000000000001/1", wrong)).toBe(false);
    }
  });

  test(`${adapter}: the public key is named and can be handed out`, () => {
    expect(create().publicKeyPem).toStartWith("-----BEGIN PUBLIC KEY-----");
    expect(create().keyId).toBe(create().keyId);
    expect(stranger().keyId).not.toBe(create().keyId);
  });
}
