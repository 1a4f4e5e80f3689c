/** Passwords for tests and simulation: quick, and therefore never for a running platform. */
import { createHash } from "node:crypto";
import { ok } from "@chepiao/kernel";
import type { Passwords } from "./passwords.ts";

const common = new Set(["password", "password1", "12345678", "qwertyuiop", "iloveyou"]);

export function createMemoryPasswords(): Passwords {
  let salts = 0;
  const digest = (salt: string, password: string) =>
    `memory$${salt}$${createHash("sha256").update(`${salt} ${password}`).digest("base64url")}`;
  return {
    hash: async (password) => ok(digest(String(++salts), password)),
    isCommon: (password) => common.has(password.toLowerCase()),
    verify: async (password, stored) => ok(stored !== null && digest(stored.split("$")[1] ?? "", password) === stored),
  };
}
