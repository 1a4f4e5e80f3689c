/** Counters of one process, in bounded memory: who did nothing for longest is forgotten first. A restart forgets all of them. */
import { dayMs, type EpochMs, minuteMs, type UserId } from "@chepiao/kernel";
import { type ActCounts, type CountedAct, membersMax, type RiskCounters, slidingCount } from "./riskCounters.ts";

/** About 20 MB of accounts, and as much of addresses and networks. */
const keysMaxDefault = 100_000;

type Window = { slot: number; current: number; previous: number };
type Members = Map<string, number>;
type Account = Window & {
  actedAt: number | null;
  documents: Members | null;
  failures: Members | null;
  unpaid: Members | null;
  /** How many accounts each of its documents had when it was noted. */
  shared: Map<string, { readonly accounts: number; readonly at: number }> | null;
};
type Challenge = { tries: number; solved: boolean; spentBy: string | null };

export function createMemoryRiskCounters(keysMax = keysMaxDefault): RiskCounters {
  const accounts = createRecent<UserId, Account>(keysMax, newAccount);
  const addresses = createRecent<string, Window>(keysMax, newWindow);
  const networks = createRecent<string, Window>(keysMax, newWindow);
  const documents = createRecent<string, Members>(keysMax, () => new Map());
  const challenges = createRecent<string, Challenge>(keysMax, () => ({ tries: 0, solved: false, spentBy: null }));

  function actOf({ userId, at, address, network }: CountedAct): ActCounts {
    const account = accounts.of(userId);
    const before = account.actedAt;
    account.actedAt = before === null ? at : Math.max(before, at);
    return {
      accountPerMinute: counted(account, at),
      addressPerMinute: address === null ? null : counted(addresses.of(address), at),
      networkPerMinute: network === null ? null : counted(networks.of(network), at),
      spacingMs: before === null || at - before >= 2 * minuteMs ? null : Math.max(0, at - before),
      documentsPerDay: sizeOf(account.documents, at - dayMs),
      accountsPerDocument: mostOf(account.shared, at - dayMs),
      failuresPerTenMinutes: sizeOf(account.failures, at - 10 * minuteMs),
      unpaidPerDay: sizeOf(account.unpaid, at - dayMs),
    };
  }

  function share(userId: UserId, document: string, at: EpochMs) {
    const account = accounts.of(userId);
    const owners = documents.of(document);
    note(owners, String(userId), at, at - dayMs);
    note((account.documents ??= new Map()), document, at, at - dayMs);
    const shared = (account.shared ??= new Map());
    if (shared.size >= membersMax && !shared.has(document)) shared.delete(oldestOf(shared));
    shared.set(document, { accounts: owners.size, at });
  }

  return {
    act: (acts) => acts.map(actOf),
    async takeBack(acts) {
      for (const { userId, at, address, network } of acts) {
        uncount(accounts.of(userId), at);
        if (address !== null) uncount(addresses.of(address), at);
        if (network !== null) uncount(networks.of(network), at);
      }
    },
    async failed(userId, what, at) {
      note((accounts.of(userId).failures ??= new Map()), String(what), at, at - 10 * minuteMs);
    },
    async endedUnpaid(userId, orderId, at) {
      note((accounts.of(userId).unpaid ??= new Map()), String(orderId), at, at - dayMs);
    },
    async buysFor(userId, all, at) {
      for (const document of all) share(userId, document, at);
    },
    async attempt(challengeId, { isRight, triesMax }) {
      const challenge = challenges.of(challengeId);
      if (challenge.solved || challenge.tries >= triesMax) return "over";
      if (isRight) challenge.solved = true;
      else challenge.tries++;
      return isRight ? "solved" : "wrong";
    },
    async spend(challengeId, spender) {
      const challenge = challenges.of(challengeId);
      return (challenge.spentBy ??= spender) === spender;
    },
  };
}

const newWindow = (): Window => ({ slot: -1, current: 0, previous: 0 });
const newAccount = (): Account => ({
  ...newWindow(),
  actedAt: null,
  documents: null,
  failures: null,
  unpaid: null,
  shared: null,
});

function counted(window: Window, at: number): number {
  const slot = Math.floor(at / minuteMs);
  if (slot > window.slot) {
    window.previous = slot === window.slot + 1 ? window.current : 0;
    window.current = 0;
    window.slot = slot;
  }
  window.current++;
  return slidingCount(window.current, window.previous, at, minuteMs);
}

/** What is older than both windows counts no more anyway. */
function uncount(window: Window, at: number) {
  const slot = Math.floor(at / minuteMs);
  if (slot === window.slot) window.current = Math.max(0, window.current - 1);
  else if (slot === window.slot - 1) window.previous = Math.max(0, window.previous - 1);
}

function sizeOf(members: Members | null, since: number): number {
  if (members === null) return 0;
  forgetBefore(members, since);
  return members.size;
}

function note(members: Members, member: string, at: number, since: number) {
  const known = members.get(member);
  members.delete(member);
  members.set(member, Math.max(known ?? at, at));
  forgetBefore(members, since);
  if (members.size > membersMax) members.delete(oldestOf(members));
}

const oldestOf = <Key>(kept: ReadonlyMap<Key, unknown>): Key => kept.keys().next().value as Key;

function forgetBefore(members: Members, since: number) {
  for (const [member, at] of members) if (at <= since) members.delete(member);
}

function mostOf(shared: Account["shared"], since: number): number {
  let most = 0;
  if (shared) for (const { accounts, at } of shared.values()) if (at > since && accounts > most) most = accounts;
  return most;
}

/** Of twice as many keys, those that were asked for last are kept: the younger half is where one is looked up first. */
function createRecent<Key, Kept>(keysMax: number, create: () => Kept) {
  let younger = new Map<Key, Kept>();
  let older = new Map<Key, Kept>();
  return {
    of(key: Key): Kept {
      const known = younger.get(key);
      if (known !== undefined) return known;
      const kept = older.get(key) ?? create();
      if (younger.size >= keysMax) {
        older = younger;
        younger = new Map();
      }
      younger.set(key, kept);
      return kept;
    },
  };
}
