/** Whose word a text is: a keyed hash that only those can make who hold the secret of that label. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Vault } from "./vault.ts";

/** HMAC-SHA-256, 64 lower-case hexadecimal digits. */
export const macBy =
  (vault: Pick<Vault, "secret">, label: string) =>
  (text: string): string =>
    createHmac("sha256", vault.secret(label)).update(text).digest("hex");

/** Takes as long for a wrong one as for the right one. */
export function isSameMac(expected: string, given: unknown): boolean {
  const [known, told] = [Buffer.from(expected), Buffer.from(typeof given === "string" ? given : "")];
  return known.length === told.length && timingSafeEqual(known, told);
}
