/** Passwords, kept so that whoever steals the table has to work hard for each. Hashing is slow on purpose and therefore queued. */
import type { Refusal } from "@chepiao/contracts";
import type { Result } from "@chepiao/kernel";

export type Passwords = {
  /** What to store: salted, so that equal passwords look different. Refuses with `Overloaded` while the queue is full. */
  hash(password: string): Promise<Result<string, Refusal>>;
  /**
   * Does the password belong to that hash? `null` stands for an account that does not exist: the answer is false and takes as
   * long as for one that does, so that nobody learns who has an account. Refuses with `Overloaded` while the queue is full.
   */
  verify(password: string, stored: string | null): Promise<Result<boolean, Refusal>>;
};
