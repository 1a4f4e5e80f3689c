/**
 * The policy room: every version of the railway's policy, as each process has it. The first is the one that the platform is started with;
 * after that versions come from an operator (`chepiao policy set`), and are known everywhere before they begin to hold.
 */
import {
  firstPolicyVersion,
  onlyPolicy,
  type Policies,
  policiesOf,
  type Policy,
  type PolicyVersion,
} from "@chepiao/contracts";
import { assert, type EpochMs, epochMs, secondMs } from "@chepiao/kernel";
import type { PolicyStore } from "@chepiao/ports/policy-store";
import { BadSetting } from "@chepiao/room";

export { differencesOf, type PolicyDifference } from "./changes.ts";
export { type PolicyFaults, profileNames, readPolicy } from "./read.ts";
export { firstPolicy } from "./setting.ts";

/** How often a process looks for versions that others have added. */
export const policyFreshMs = 2 * secondMs;
/** A version holds that much later than it is added at the earliest: then every process has it. */
export const policyNoticeMs = 10 * secondMs;
assert(policyNoticeMs > 2 * policyFreshMs, "a version is known everywhere before it holds");

export type PolicyRoom = {
  readonly policies: Policies;
  /** Looks for versions that have been added meanwhile. */
  reload(): Promise<void>;
};

/** @param first what a platform begins with that has none yet */
export async function createPolicyRoom(store: PolicyStore, first: Policy): Promise<PolicyRoom> {
  let versions = await store.all();
  if (versions.length === 0) {
    // Of several processes that start at once, one is quicker.
    await store.add(0, firstPolicyVersion(first).from, first);
    versions = await store.all();
  }
  assertSameMoney(versions, first);
  let current = policiesOf(versions);
  return {
    policies: { all: () => current.all(), at: (instant) => current.at(instant), of: (version) => current.of(version) },
    async reload() {
      const found = await store.all();
      // What is known stays the same object: by it others tell whether anything has changed.
      if (found.length <= versions.length) return;
      versions = [...versions, ...found.slice(versions.length)];
      current = policiesOf(versions);
    },
  };
}

/** As a command beside the platform has them: where none has started yet, the first is still that platform's to write. */
export async function readPolicies(store: Pick<PolicyStore, "all">, first: Policy): Promise<Policies> {
  const versions = await store.all();
  return versions.length > 0 ? policiesOf(versions) : onlyPolicy(first);
}

/** Books are kept in one currency. @throws BadSetting where a platform is started as if they were in another */
function assertSameMoney(versions: readonly PolicyVersion[], first: Policy): void {
  const { code } = versions[0]!.policy.currency;
  if (code === first.currency.code) return;
  throw new BadSetting(
    `This platform's books are in ${code}, and CHEPIAO_POLICY says ${first.currency.code}: name the policy that it was first started with, or one in ${code}.`,
  );
}

export type PolicyToAdd = {
  readonly policy: Policy;
  readonly from: EpochMs | null;
  readonly now: EpochMs;
  /** How many versions there were when somebody looked at what would change. */
  readonly seen: number;
};

/** Puts a policy in force. Null where somebody else has done so since the versions were looked at. */
export function addPolicy(store: PolicyStore, { policy, from, now, seen }: PolicyToAdd): Promise<PolicyVersion | null> {
  const earliest = epochMs(now + policyNoticeMs);
  return store.add(seen, from !== null && from > earliest ? from : earliest, policy);
}
