/** One-time codes that were sent to people, as keyed hashes: short-lived, with few tries, and good for one use. */
import type { EpochMs, UserId } from "@chepiao/kernel";

export const codePurposes = ["passwordReset", "contactProof", "contactChange"] as const;
export type CodePurpose = (typeof codePurposes)[number];

export type OneTimeCode = {
  readonly userId: UserId;
  readonly purpose: CodePurpose;
  /** Never the code itself, and keyed: there are only so many codes. */
  readonly codeHash: string;
  readonly triesMax: number;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
};

/** What a person who types a code must prove it for. */
export type CodeAsked = Pick<OneTimeCode, "userId" | "purpose" | "codeHash">;

export type OneTimeCodes = {
  /** Takes the place of the one that the account had for this purpose. Durable on return. */
  put(code: OneTimeCode): Promise<void>;
  /** Counts the try first: of many at once no more are answered than are left. True where it is the code, and still good. */
  try(asked: CodeAsked, now: EpochMs): Promise<boolean>;
  /** Ends the code; true for one of all who ask, and only where it is the code and not expired. */
  use(asked: CodeAsked, now: EpochMs): Promise<boolean>;
  /** Ends whatever code the account has for this purpose. */
  end(userId: UserId, purpose: CodePurpose): Promise<void>;
  /** Forgets codes that had expired by then, at most `limit` of them; how many it forgot. */
  purge(expiredBy: EpochMs, limit: number): Promise<number>;
};
