/** What the room of people is handed. */
import type { Policies } from "@chepiao/contracts";
import type { IdSource, UserId, ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Deliveries } from "@chepiao/ports/deliveries";
import type { IdentityVerifier, NoVerifier } from "@chepiao/ports/identity-verifier";
import type { Messenger } from "@chepiao/ports/messenger";
import type { NotificationStore } from "@chepiao/ports/notification-store";
import type { OneTimeCodes } from "@chepiao/ports/one-time-codes";
import type { Passwords } from "@chepiao/ports/passwords";
import type { Random } from "@chepiao/ports/random";
import type { RateLimiter } from "@chepiao/ports/rate-limiter";
import type { SecurityEvents } from "@chepiao/ports/security-events";
import type { SessionStore } from "@chepiao/ports/session-store";
import type { UserStore } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import type { AttemptLimits } from "./attempts.ts";
import type { SessionsDeps } from "./sessions.ts";

export type UserDeps = {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly codes: OneTimeCodes;
  readonly limiter: RateLimiter;
  readonly securityEvents: SecurityEvents;
  /** Null where nobody carries messages: then nobody gets a new password by a code either. */
  readonly messenger: Messenger | null;
  /** Who says whether a name belongs to a document; or what is believed where nobody can be asked. */
  readonly identityVerifier: IdentityVerifier | NoVerifier;
  readonly vault: Vault;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Pick<IdSource, "rowId">;
  readonly zone: ZoneName;
  /** What the railway asks of people: names, documents, who is a child. */
  readonly policies?: Policies;
  readonly attemptLimits?: Partial<AttemptLimits>;
  /** How old a list of passengers may be. Where no other process writes them, as old as it likes: Infinity. */
  readonly passengersFreshMs?: number;
  readonly sessionLifetimeMs?: number;
  /** What accounts are told, also of themselves, and what of it is on its way; those that are erased lose theirs. */
  readonly notifications?: Pick<NotificationStore, "add" | "erase">;
  readonly deliveries?: Pick<Deliveries, "add" | "erase">;
  /** Has the account something to pay, or a trip before it? Then it cannot be deleted yet, nor its people become others to the limits. */
  readonly ordersUnderWay?: (userId: UserId) => Promise<boolean>;
  /** Has it an entry of the waitlist that has not ended? Then it cannot be deleted yet either: there is money, or an order to come. */
  readonly waitsForSeats?: (userId: UserId) => Promise<boolean>;
  /** Has the account a ticket for that document under way, bought while its holder was proved, or was not? */
  readonly travelsAs?: (userId: UserId, documentHash: string, kind: "proved" | "unproved") => Promise<boolean>;
  /** Was an order of the account, or an entry of the waitlist, ever paid, or may one still be? Such an account stays, whoever it is. */
  readonly hasBought?: (userId: UserId) => Promise<boolean>;
  readonly unprovedAccountsKeptMs?: number;
  readonly tellOthers?: SessionsDeps["tellOthers"];
  readonly feed?: SessionsDeps["feed"];
  /** What went wrong that nobody waited for. */
  readonly report?: (message: string, error: unknown) => void;
};
