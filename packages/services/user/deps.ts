/** What the room of people is handed. */
import type { IdSource, ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Passwords } from "@chepiao/ports/passwords";
import type { Random } from "@chepiao/ports/random";
import type { SessionStore } from "@chepiao/ports/session-store";
import type { UserStore } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import type { SessionsDeps } from "./sessions.ts";
import type { Allowance } from "./throttle.ts";

/** Failures only: who logs in or registers as intended is not counted. */
export type LoginLimits = { readonly perName: Allowance; readonly perAddress: Allowance };

export type UserDeps = {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly vault: Vault;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Pick<IdSource, "rowId">;
  readonly zone: ZoneName;
  /** The site is reached over HTTPS: browsers then send the cookie over nothing else. */
  readonly cookieSecure?: boolean;
  readonly loginLimits?: LoginLimits;
  /** How old a list of passengers may be. Where no other process writes them, as old as it likes: Infinity. */
  readonly passengersFreshMs?: number;
  readonly tellOthers?: SessionsDeps["tellOthers"];
};
