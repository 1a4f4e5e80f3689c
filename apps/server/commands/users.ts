/** The room of people as commands of the command line use it: for one change, beside whatever else runs. */
import { createArgon2Passwords } from "@chepiao/adapters/crypto";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { createIdSource, parseZone } from "@chepiao/kernel";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { firstPolicy, readPolicies } from "@chepiao/services/policy";
import type { UserRecord } from "@chepiao/ports/user-store";
import { createUser, findAccount, type UserRoom } from "@chepiao/services/user";
import { type Config, settingIn } from "../config.ts";
import { wireIdentity } from "../wiring/identity.ts";
import { wireMessages } from "../wiring/messages.ts";
import type { OperatorTrail } from "./operator.ts";
import { openCommandStores } from "./stores.ts";

export type CommandUsers = AsyncDisposable & {
  readonly users: UserRoom;
  readonly auditTrail: OperatorTrail;
  /** By its username, phone or mail address. */
  find(name: string): Promise<UserRecord | null>;
  /** Is there somebody who carries messages, be it some of them? */
  readonly canSend: boolean;
};

export async function openCommandUsers(config: Config): Promise<CommandUsers> {
  await using cleanUp = new AsyncDisposableStack();
  const { stores, vault, securityEvents } = cleanUp.use(await openCommandStores(config));
  const clock = createSystemClock();
  const random = createSystemRandom();
  const zone = parseZone("UTC")!;
  const { messenger } = wireMessages({ config, vault, clock, messages: stores.sentMessages, zone: async () => zone });
  const policies = await readPolicies(stores.policies, settingIn(config)(firstPolicy));
  const users = createUser({
    policies,
    users: stores.users,
    // On a cluster sessions are elsewhere: the account itself says which of them are over.
    sessions: stores.sessions,
    codes: stores.codes,
    securityEvents,
    messenger,
    identityVerifier: wireIdentity({ config, clock, random }).verifier,
    limiter: createMemoryRateLimiter(clock),
    vault,
    passwords: createArgon2Passwords(),
    clock,
    random,
    ids: createIdSource(0),
    zone,
    report: (message, error) => console.error(message, error),
  });
  cleanUp.defer(() => users.close());
  const kept = cleanUp.move();
  return {
    users,
    auditTrail: stores.auditTrail,
    find: (name) => findAccount({ users: stores.users, vault, policy: () => policies.at(clock.now()).policy }, name),
    canSend: messenger !== null,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
