/**
 * What people were told by those who judge their purchases, held to what they had done: nobody is challenged for what others tried, a challenge is
 * answered once and by whom it was given to, what it has earned lets one purchase through, and a block holds in its time and not after it.
 */
import type { ChallengeLevel } from "@chepiao/contracts";
import { type EpochMs, minuteMs, secondMs, type UserId } from "@chepiao/kernel";

/** A count slides over two minutes at the most, by clocks that may be off. */
const countedMs = 3 * minuteMs;
/** Every process has heard of it long before, unless it could not read. */
const heardOfMs = 2 * minuteMs;
const clocksOffMs = 20 * secondMs;

/** What it has to know of a world. */
type Seen = {
  readonly options: { readonly judgedOver: number | null };
  now(): EpochMs;
  readonly fired: ReadonlyMap<string, number>;
  readonly reports: ReadonlyMap<string, number>;
  readonly embedded: object | null;
  readonly machines: readonly { readonly begun: number }[];
};
type Shown = { readonly userId: UserId; readonly firstAt: EpochMs; readonly proofs: Set<string>; bought: boolean };
type Block = { readonly until: EpochMs; setAt: EpochMs | null };

export type JudgedBook = ReturnType<typeof createJudgedBook>;

export function createJudgedBook() {
  const wrong: string[] = [];
  const tries = new Map<UserId, EpochMs[]>();
  const purchases = new Map<string, Shown>();
  const earners = new Map<string, { readonly userId: UserId; readonly level: ChallengeLevel }>();
  const blocks = new Map<UserId, Block>();
  const twice: UserId[] = [];
  const again: UserId[] = [];

  /** To the disadvantage of the platform where all clocks are right. */
  const doubt = ({ fired }: Seen) => (fired.has("clock off") || fired.has("clocks step") ? clocksOffMs : 0);

  return {
    /** Who has tried to buy. */
    accounts: (): readonly UserId[] => [...tries.keys()],
    /** Somebody asks for a purchase, and shows a proof. */
    tried(userId: UserId, key: string, proof: string | null, at: EpochMs) {
      tries.set(userId, [...(tries.get(userId) ?? []).filter((each) => each > at - countedMs), at]);
      let shown = purchases.get(key);
      if (!shown) purchases.set(key, (shown = { userId, firstAt: at, proofs: new Set(), bought: false }));
      if (proof !== null) shown.proofs.add(proof);
    },
    bought(key: string, { now, reports }: Seen) {
      const shown = purchases.get(key)!;
      shown.bought = true;
      const block = blocks.get(shown.userId);
      const isHeardOf = block && block.setAt !== null && block.setAt + heardOfMs < shown.firstAt;
      if (isHeardOf && now() < block.until - clocksOffMs && !cannotRead(reports))
        wrong.push(`key ${key} was bought by account ${shown.userId}, which is blocked`);
    },
    challenged(userId: UserId, { options: { judgedOver } }: Seen) {
      const count = tries.get(userId)?.length ?? 0;
      if (count <= (judgedOver ?? Infinity))
        wrong.push(`account ${userId} tried ${count} times, and is challenged for what others did`);
    },
    turnedAway(userId: UserId, askedAt: EpochMs, world: Seen) {
      const block = blocks.get(userId);
      if (!block || block.until + doubt(world) <= askedAt)
        wrong.push(`account ${userId} is turned away by a block that it does not have any more`);
    },
    /** Of one challenge, by answers at the same time. */
    answeredTwice: (userId: UserId) => void twice.push(userId),
    /** A slide was solved with a drag that had solved another one. */
    draggedAgain: (userId: UserId) => void again.push(userId),
    earned: (userId: UserId, proof: string, level: ChallengeLevel) => void earners.set(proof, { userId, level }),
    /** Of each account one, ever; false where there was one. */
    blocks(userId: UserId, until: EpochMs): boolean {
      if (blocks.has(userId)) return false;
      blocks.set(userId, { until, setAt: null });
      return true;
    },
    blockIsSet(userId: UserId, at: EpochMs) {
      blocks.get(userId)!.setAt = at;
    },
    wrong,
    /** What was answered or spent before a restart of one machine is in no memory. */
    challengesAreAnsweredOnce: (seen: Seen): string[] =>
      forgets(seen)
        ? []
        : [
            ...twice.map((userId) => `account ${userId} answered one challenge twice`),
            ...again.map((userId) => `account ${userId} solved a slide with a drag of before`),
          ],
    /** Where everybody is challenged: each purchase has a strict proof of its own. Those that nobody could count are let through. */
    proofsAreSpentOnce(seen: Seen): string[] {
      const { options, reports } = seen;
      if (options.judgedOver !== 0 || cannotCount(reports)) return [];
      const found: string[] = [];
      const spent = new Map<string, string[]>();
      for (const [key, { userId, proofs, bought }] of purchases) {
        if (!bought) continue;
        const own = [...proofs].map((proof) => earners.get(proof)).filter((earner) => earner?.userId === userId);
        if (own.length === 0) found.push(`key ${key} was bought without a challenge`);
        else if (own.every((earner) => earner!.level === "light"))
          found.push(`key ${key} was bought with a light challenge, and a strict one was due`);
        // Of several it is not known which one let it through.
        const [only, ...more] = proofs;
        if (only && more.length === 0) spent.set(only, [...(spent.get(only) ?? []), key]);
      }
      if (forgets(seen)) return found;
      for (const keys of spent.values()) if (keys.length > 1) found.push(`one proof let ${keys.join(" and ")} through`);
      return found;
    },
  };
}

const forgets = ({ embedded, machines }: Seen) => embedded !== null && machines.some(({ begun }) => begun > 1);
const cannotRead = (reports: Seen["reports"]) => hasReported(reports, "blocks of risk could not be read");
const cannotCount = (reports: Seen["reports"]) => hasReported(reports, "purchases are not judged");
const hasReported = (reports: Seen["reports"], what: string) =>
  [...reports.keys()].some((message) => message.includes(what));
