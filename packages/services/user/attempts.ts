/**
 * How often passwords and codes may be tried. Failures are counted by account, however it was spelled, and by address: a guesser who
 * guesses is slowed down where he sits, and the owner, who sits elsewhere, is not. Beyond that an account has a budget for
 * all addresses together that never logged in to it, so that guessing from many is slow, too; those that did are spared, and
 * a code sent to its owner makes a new one such.
 */
import { type Refusal, refusal } from "@chepiao/contracts";
import { countedNetwork, dayMs, hourMs, minuteMs, ok, refuse, type Result, type UserId } from "@chepiao/kernel";
import type { Allowance, RateLimiter } from "@chepiao/ports/rate-limiter";
import type { Vault } from "@chepiao/ports/vault";

export type AttemptLimits = {
  /** Failures at one account from one address. */
  readonly perAccountAndAddress: Allowance;
  /** Failures at one account from all addresses from which nobody logged in to it. NIST SP 800-63B stops at 100. */
  readonly perAccount: Allowance;
  /** Failures from one address: whole campuses stand behind one. */
  readonly perAddress: Allowance;
  /** Registrations, whatever comes of them. */
  readonly registrationsPerAddress: Allowance;
  readonly registrationsPerAddressDay: Allowance;
  /** Codes that are asked for: each is a message that a user gets and the operator pays. */
  readonly codesPerAccount: Allowance;
  readonly codesPerAddress: Allowance;
  /** Codes that go to one phone or mailbox, for accounts that have proved it; and as many for all that only name it. */
  readonly codesPerContact: Allowance;
  /** Codes that accounts ask for to one that is not theirs: few, and its owner's own codes are not among them. */
  readonly codesPerOtherContact: Allowance;
  /** Names that did not belong to a document: nobody finds out a name by trying. */
  readonly refusedNamesPerAccount: Allowance;
};

export const attemptLimitsDefault: Omit<AttemptLimits, "registrationsPerAddress" | "registrationsPerAddressDay"> = {
  perAccountAndAddress: { triesMax: 10, windowMs: 5 * minuteMs },
  perAccount: { triesMax: 100, windowMs: hourMs },
  perAddress: { triesMax: 100, windowMs: 5 * minuteMs },
  codesPerAccount: { triesMax: 5, windowMs: 5 * hourMs },
  codesPerContact: { triesMax: 10, windowMs: 5 * hourMs },
  codesPerOtherContact: { triesMax: 3, windowMs: 5 * hourMs },
  codesPerAddress: { triesMax: 20, windowMs: hourMs },
  refusedNamesPerAccount: { triesMax: 30, windowMs: dayMs },
};

/** How long an address is known from which an account logged in. */
const knownForMs = 90 * dayMs;

/**
 * A message that may be sent. One that the carrier did not take is given back to account and mailbox, as nobody got anything; what its
 * asker's address has used stays used, so that nobody keeps us busy with a carrier that is away.
 */
export type Sending = { withdraw(): Promise<void> };

/** One that may be made. Nothing is counted that turns out to be no failure. */
export type Attempt = {
  /** It was not made, or told nothing: passwords could not be checked just then. */
  withdraw(): Promise<void>;
  /** It was the owner. */
  succeed(): Promise<void>;
};

export function createAttempts(limiter: RateLimiter, vault: Pick<Vault, "fingerprint">, limits: AttemptLimits) {
  /** Keys are hashed: they hold names and addresses, and are kept where others can look. "phone" in them is from before mail addresses. */
  const keyOf = (kind: string, ...parts: readonly string[]) => vault.fingerprint(`limit:${kind}:${parts.join(" ")}`);

  async function take(key: string, allowance: Allowance): Promise<Result<null, Refusal>> {
    const waitMs = await limiter.take(key, allowance);
    return waitMs > 0 ? refuse(refusal("TooManyRequests", { retryAfterSeconds: Math.ceil(waitMs / 1_000) })) : ok(null);
  }

  /** Several at once or none. */
  async function takeAll(wanted: readonly (readonly [string, Allowance])[]): Promise<Result<Sending, Refusal>> {
    const taken: (readonly [string, Allowance])[] = [];
    const withdraw = async () => void (await Promise.all(taken.map(([key, each]) => limiter.withdraw(key, each))));
    for (const [key, allowance] of wanted) {
      const one = await take(key, allowance);
      if (one.ok) taken.push([key, allowance]);
      else {
        await withdraw();
        return one;
      }
    }
    return ok({ withdraw });
  }

  /** Whoever only names a contact keeps no code from its owner. */
  const mailboxKey = (mailbox: string, isProved: boolean) =>
    keyOf(isProved ? "codes of phone" : "codes of named phone", mailbox);

  return {
    /** @param account what `accountKey` says, the same for every way of spelling the name */
    async begin(account: string, clientAddress: string): Promise<Result<Attempt, Refusal>> {
      const address = countedNetwork(clientAddress);
      const pair = keyOf("account and address", account, address);
      const isKnown = await limiter.isExempt(pair);
      const taken = await takeAll([
        [keyOf("address", address), limits.perAddress],
        [pair, limits.perAccountAndAddress],
        ...(isKnown ? [] : [[keyOf("account", account), limits.perAccount] as const]),
      ]);
      if (!taken.ok) return taken;
      const withdraw = taken.value.withdraw;
      return ok({
        withdraw,
        async succeed() {
          await withdraw();
          await limiter.forget(pair);
          await limiter.exempt(pair, knownForMs);
        },
      });
    },
    async register(clientAddress: string): Promise<Result<Pick<Attempt, "withdraw">, Refusal>> {
      const address = countedNetwork(clientAddress);
      const taken = await takeAll([
        [keyOf("registration", address), limits.registrationsPerAddress],
        [keyOf("registration of a day", address), limits.registrationsPerAddressDay],
      ]);
      return taken.ok ? ok({ withdraw: taken.value.withdraw }) : taken;
    },
    askCode: (clientAddress: string) =>
      take(keyOf("codes of address", countedNetwork(clientAddress)), limits.codesPerAddress),
    async proveName(userId: UserId): Promise<Result<Pick<Attempt, "withdraw">, Refusal>> {
      const taken = await takeAll([[keyOf("refused names", String(userId)), limits.refusedNamesPerAccount]]);
      return taken.ok ? ok({ withdraw: taken.value.withdraw }) : taken;
    },
    /** @param mailbox its keyed hash */
    proveContact: (userId: UserId, mailbox: string, isProved: boolean) =>
      takeAll([
        [keyOf("phone codes of account", String(userId)), limits.codesPerAccount],
        [mailboxKey(mailbox, isProved), limits.codesPerContact],
      ]),
    /** @param mailbox its keyed hash: whoever knows it may name it, and keeps no code from its owner */
    changeContact: (userId: UserId, mailbox: string) =>
      takeAll([
        [keyOf("phone codes of account", String(userId)), limits.codesPerAccount],
        [keyOf("codes of another contact", mailbox), limits.codesPerOtherContact],
      ]),
    /** @param mailbox its keyed hash */
    tellHolder: (mailbox: string) => takeAll([[keyOf("phone named again", mailbox), { triesMax: 1, windowMs: dayMs }]]),
    /** @param mailbox its keyed hash: many accounts may name one, and its reader is spared their codes */
    sendCode: (account: string, mailbox: string, isProved: boolean) =>
      takeAll([
        [keyOf("codes of account", account), limits.codesPerAccount],
        [mailboxKey(mailbox, isProved), limits.codesPerContact],
      ]),
  };
}

export type Attempts = ReturnType<typeof createAttempts>;
