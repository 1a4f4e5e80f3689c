/**
 * Counters of risk on Redis, for all processes that sell. What is asked for together of accounts, addresses and networks whose keys lie on one node
 * goes in one call. What a cluster cannot promise: a failover may lose the last second or so.
 */
import type { UserId } from "@chepiao/kernel";
import type { ActCounts, Attempted, CountedAct, RiskCounters } from "@chepiao/ports/risk-counters";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import { byPart, keyIn, partOfText, partOfUser } from "../parts.ts";
import functions from "./risk.lua" with { type: "text" };

const riskFunctions = {
  name: "risk",
  files: [functions],
  functions: {
    act: "writes",
    count: "writes",
    uncount: "writes",
    failed: "writes",
    ended: "writes",
    own: "writes",
    share: "writes",
    attempt: "writes",
    spend: "writes",
  },
} as const;

const numbersOfAct = 6;
type Window = { readonly name: string; readonly at: number };
type OfAccount = Omit<ActCounts, "addressPerMinute" | "networkPerMinute">;

export function createRedisRiskCounters(redis: Redis): RiskCounters {
  const library = createLibrary(redis, riskFunctions);
  const ofAccount = (kind: string, userId: UserId) => redis.key(keyIn(partOfUser(userId), `risk-${kind}`, userId));
  const ofText = (kind: string, text: string) => redis.key(keyIn(partOfText(text), `risk-${kind}`, text));

  async function accounts(acts: readonly CountedAct[]): Promise<OfAccount[]> {
    const keysOf = ({ userId }: CountedAct) =>
      ["account", "documents", "failures", "shared", "unpaid"].map((kind) => ofAccount(kind, userId));
    return byPart(
      acts,
      ({ userId }) => partOfUser(userId),
      async (some) => {
        const keys = some.flatMap(keysOf);
        const numbers = (await library.call(
          "act",
          keys,
          some.map(({ at }) => at),
        )) as readonly (number | string)[];
        return some.map((_, n) => accountOf(numbers.slice(n * numbersOfAct).map(Number)));
      },
    );
  }

  const windows = (all: readonly Window[]): Promise<number[]> =>
    byPart(
      all,
      ({ name }) => partOfText(name),
      async (some) => {
        const keys = some.map(({ name }) => ofText("window", name));
        return (
          (await library.call(
            "count",
            keys,
            some.map(({ at }) => at),
          )) as readonly unknown[]
        ).map(Number);
      },
    );

  /** Null for who has none. */
  async function windowsOf(acts: readonly CountedAct[], of: "address" | "network"): Promise<(number | null)[]> {
    const known = acts.flatMap((act) => (act[of] === null ? [] : [{ name: `${of} ${act[of]}`, at: act.at }]));
    const counts = known.length === 0 ? [] : await windows(known);
    let next = 0;
    return acts.map((act) => (act[of] === null ? null : counts[next++]!));
  }

  return {
    async act(acts) {
      const [mine, addresses, networks] = await Promise.all([
        accounts(acts),
        windowsOf(acts, "address"),
        windowsOf(acts, "network"),
      ]);
      return mine.map((counts, n) => ({
        ...counts,
        addressPerMinute: addresses[n]!,
        networkPerMinute: networks[n]!,
      }));
    },
    async takeBack(acts) {
      const keysOf = ({ userId, address, network }: CountedAct) => [
        ofAccount("account", userId),
        ...(address === null ? [] : [ofText("window", `address ${address}`)]),
        ...(network === null ? [] : [ofText("window", `network ${network}`)]),
      ];
      const asked = acts.flatMap((act) => keysOf(act).map((key) => library.call("uncount", [key], [act.at])));
      await Promise.all(asked);
    },
    async failed(userId, what, at) {
      await library.call("failed", [ofAccount("failures", userId)], [what, at]);
    },
    async endedUnpaid(userId, orderId, at) {
      await library.call("ended", [ofAccount("unpaid", userId)], [orderId, at]);
    },
    async buysFor(userId, documents, at) {
      const owners = documents.map((document) => library.call("own", [ofText("owners", document)], [userId, at]));
      const counts = await Promise.all(owners);
      const shared = documents.flatMap((document, n) => [document, Number(counts[n])]);
      await library.call("share", [ofAccount("documents", userId), ofAccount("shared", userId)], [at, ...shared]);
    },
    // A command whose answer was lost with its connection is sent again by the driver: it is known by its token.
    attempt: async (challengeId, { isRight, triesMax, leftMs }) =>
      (await library.call(
        "attempt",
        [ofText("challenge", challengeId)],
        [isRight ? 1 : 0, triesMax, leftMs, crypto.randomUUID()],
      )) as Attempted,
    spend: async (challengeId, spender, leftMs) =>
      Number(await library.call("spend", [ofText("challenge", challengeId)], [spender, leftMs])) === 1,
  };
}

function accountOf(numbers: readonly number[]): OfAccount {
  const [accountPerMinute, spacing, documentsPerDay, accountsPerDocument, failures, unpaid] = numbers;
  return {
    accountPerMinute: accountPerMinute!,
    spacingMs: spacing! < 0 ? null : spacing!,
    documentsPerDay: documentsPerDay!,
    accountsPerDocument: accountsPerDocument!,
    failuresPerTenMinutes: failures!,
    unpaidPerDay: unpaid!,
  };
}
