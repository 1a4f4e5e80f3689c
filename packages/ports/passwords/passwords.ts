/** Passwords, kept so that a thief of the table has to work hard for each. Hashing is slow on purpose and therefore queued. */
import type { Refusal } from "@chepiao/contracts";
import type { Result } from "@chepiao/kernel";

/**
 * Which line the work waits in, and for which address. Log-ins go before registrations, which any client can send at no cost, and
 * one address has only a share of either line.
 */
export type PasswordTurn = { readonly line: "login" | "registration"; readonly address: string };

export type Passwords = {
  /** What to store: salted, so that equal passwords look different. Refuses with `Overloaded` while its line is full. */
  hash(password: string, turn: PasswordTurn): Promise<Result<string, Refusal>>;
  /**
   * Does the password belong to that hash? `null` stands for an account that does not exist: the answer is false and takes as
   * long as for one that does, so that nobody learns who has an account. Refuses with `Overloaded` while its line is full.
   */
  verify(password: string, stored: string | null, turn: PasswordTurn): Promise<Result<boolean, Refusal>>;
  /** Is it among the commonest there are, in any case? Those are tried first by everybody who guesses. */
  isCommon(password: string): boolean;
};
