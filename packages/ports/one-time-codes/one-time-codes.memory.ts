/** One-time codes in a map. */
import type { UserId } from "@chepiao/kernel";
import type { CodePurpose, OneTimeCode, OneTimeCodes } from "./one-time-codes.ts";

export function createMemoryOneTimeCodes(): OneTimeCodes {
  const codes = new Map<string, OneTimeCode & { triesLeft: number }>();
  const keyOf = (userId: UserId, purpose: CodePurpose) => `${userId} ${purpose}`;
  return {
    put: async (code) => void codes.set(keyOf(code.userId, code.purpose), { ...code, triesLeft: code.triesMax }),
    async try({ userId, purpose, codeHash }, now) {
      const code = codes.get(keyOf(userId, purpose));
      if (!code || now >= code.expiresAt || code.triesLeft <= 0) return false;
      code.triesLeft--;
      return code.codeHash === codeHash;
    },
    async use({ userId, purpose, codeHash }, now) {
      const code = codes.get(keyOf(userId, purpose));
      if (!code || code.codeHash !== codeHash || now >= code.expiresAt) return false;
      return codes.delete(keyOf(userId, purpose));
    },
    end: async (userId, purpose) => void codes.delete(keyOf(userId, purpose)),
    async purge(expiredBy, limit) {
      const expired = [...codes].filter(([, { expiresAt }]) => expiresAt <= expiredBy).slice(0, limit);
      for (const [key] of expired) codes.delete(key);
      return expired.length;
    },
  };
}
