/**
 * The broker of the log: records of a topic lie in partitions by their key, and stay. Members of a group share its partitions out;
 * who is not heard of for the time of a session is out, and what it had goes to others, from where the group had got to.
 */
import type { LogRecord, Topic } from "@chepiao/contracts";
import type { Life } from "../../core/life.ts";
import type { Scheduler } from "../../core/scheduler.ts";
import type { Engine } from "../engine.ts";

export const partitionCount = 3;
const sessionUs = 6_000_000;
const checkEveryUs = 1_500_000;

export type Share = { readonly topic: Topic; readonly index: number; readonly from: number };
export type Assignment = { readonly generation: number; readonly shares: readonly Share[] };
export type Fetched = {
  readonly topic: Topic;
  readonly index: number;
  readonly offset: number;
  readonly record: LogRecord;
};

export type Member = {
  readonly life: Life;
  readonly topics: readonly Topic[];
  /** Partitions are shared out anew: the member ends what it is at and joins again. */
  readonly moved: (generation: number) => void;
};

type Place = string;
const placeOf = (topic: Topic, index: number): Place => `${topic}/${index}`;

type Group = {
  readonly name: string;
  readonly members: Map<Member, { seenAt: number; assigned: readonly Place[] }>;
  readonly committed: Map<Place, number>;
  generation: number;
  /** Since when it waits for members to join anew; null where it does not. */
  movingSince: number | null;
  /** Members that have joined what begins next, and what answers them. */
  joining: Map<Member, (assignment: Assignment) => void>;
  cancelCheck: () => void;
};

export type Broker = ReturnType<typeof createBroker>;

export function createBroker(scheduler: Scheduler, engine: Engine) {
  const partitions = new Map<Place, LogRecord[]>();
  const groups = new Map<string, Group>();
  let waiters: { readonly wants: (place: Place) => boolean; readonly wake: () => void }[] = [];

  const partitionOf = ({ key }: LogRecord) => Bun.hash.xxHash32(key) % partitionCount;
  const recordsAt = (place: Place): LogRecord[] => {
    const known = partitions.get(place) ?? [];
    partitions.set(place, known);
    return known;
  };

  function append(records: readonly LogRecord[]) {
    const grown = new Set<Place>();
    for (const record of records) {
      const place = placeOf(record.topic, partitionOf(record));
      recordsAt(place).push(record);
      grown.add(place);
    }
    const woken = waiters.filter(({ wants }) => [...grown].some(wants));
    waiters = waiters.filter((waiter) => !woken.includes(waiter));
    for (const { wake } of woken) wake();
  }

  function groupOf(name: string): Group {
    const known = groups.get(name);
    if (known) return known;
    const group: Group = {
      name,
      members: new Map(),
      committed: new Map(),
      generation: 0,
      movingSince: null,
      joining: new Map(),
      cancelCheck: () => {},
    };
    groups.set(name, group);
    return group;
  }

  /** A member that is alive, awake and reachable sends its heartbeats. */
  function checkMembers(group: Group) {
    group.cancelCheck();
    if (group.members.size === 0) return;
    group.cancelCheck = scheduler.after(checkEveryUs, engine.name, "looks for members", () => {
      if (engine.presence() === "there") {
        for (const [member, state] of group.members) {
          if (member.life.isAlive() && !member.life.isFrozen()) state.seenAt = scheduler.now();
          const isLate =
            group.movingSince !== null &&
            !group.joining.has(member) &&
            scheduler.now() - group.movingSince >= sessionUs;
          if (isLate || scheduler.now() - state.seenAt >= sessionUs) leave(group.name, member);
        }
      }
      checkMembers(group);
    });
  }

  /** Waits for every member that is heard of to be through with what it had. */
  function rebalance(group: Group) {
    group.movingSince ??= scheduler.now();
    for (const member of group.members.keys()) {
      const { generation } = group;
      if (!group.joining.has(member))
        member.life.after(engine.wayUs, "partitions move", () => member.moved(generation));
    }
    // Who is about to begin hears of it with the next read.
    const all = waiters;
    waiters = [];
    for (const { wake } of all) wake();
    shareOut(group);
  }

  function shareOut(group: Group) {
    const { members, joining } = group;
    if (members.size === 0 || [...members.keys()].some((member) => !joining.has(member))) return;
    group.generation++;
    group.movingSince = null;
    const all = [...members];
    for (const [n, [member, state]] of all.entries()) {
      const places = member.topics.flatMap((topic) =>
        Array.from({ length: partitionCount }, (_, index) => ({ topic, index })),
      );
      const mine = places.filter((_, place) => place % all.length === n);
      state.assigned = mine.map(({ topic, index }) => placeOf(topic, index));
      const shares = mine.map(({ topic, index }) => ({
        topic,
        index,
        from: group.committed.get(placeOf(topic, index)) ?? 0,
      }));
      joining.get(member)!({ generation: group.generation, shares });
    }
    group.joining = new Map();
  }

  function join(name: string, member: Member): Promise<Assignment> {
    const group = groupOf(name);
    group.members.set(member, { seenAt: scheduler.now(), assigned: [] });
    return new Promise((resolve) => {
      group.joining.set(member, resolve);
      if (group.movingSince === null) rebalance(group);
      else shareOut(group);
      checkMembers(group);
    });
  }

  function leave(name: string, member: Member) {
    const group = groupOf(name);
    if (!group.members.delete(member)) return;
    group.joining.delete(member);
    rebalance(group);
  }

  const isCurrent = (group: Group, member: Member, generation: number) =>
    group.members.has(member) && group.generation === generation;

  /** What lies behind those places; waits where there is nothing. Null for a member that is out. */
  function fetch(
    name: string,
    member: Member,
    generation: number,
    places: readonly Share[],
    limit: number,
  ): Promise<readonly Fetched[] | null> | readonly Fetched[] | null {
    const group = groupOf(name);
    if (!isCurrent(group, member, generation) || group.movingSince !== null) return null;
    const found: Fetched[] = [];
    for (const { topic, index, from } of places) {
      const records = recordsAt(placeOf(topic, index));
      for (let offset = from; offset < records.length && found.length < limit; offset++)
        found.push({ topic, index, offset, record: records[offset]! });
    }
    if (found.length > 0) return found;
    const wanted = new Set(places.map(({ topic, index }) => placeOf(topic, index)));
    return new Promise((resolve) => {
      waiters.push({
        wants: (place) => wanted.has(place),
        wake: () => resolve(fetch(name, member, generation, places, limit)),
      });
    });
  }

  /** False where the member is out: what it says does not count any more. */
  function commit(name: string, member: Member, generation: number, offsets: readonly Share[]): boolean {
    const group = groupOf(name);
    if (!isCurrent(group, member, generation)) return false;
    for (const { topic, index, from } of offsets) group.committed.set(placeOf(topic, index), from);
    return true;
  }

  return {
    append,
    join,
    leave,
    fetch,
    commit,
    /** Every record of a topic, a list a partition. */
    recordsOf: (topic: Topic) => Array.from({ length: partitionCount }, (_, index) => recordsAt(placeOf(topic, index))),
    /** Records that some group has not finished; those of groups that nobody has ever joined are not counted. */
    behind: () =>
      [...groups.values()].reduce((sum, group) => {
        const topics = new Set([...group.members.keys()].flatMap((member) => member.topics));
        for (const topic of topics)
          for (let index = 0; index < partitionCount; index++) {
            const place = placeOf(topic, index);
            sum += recordsAt(place).length - (group.committed.get(place) ?? 0);
          }
        return sum;
      }, 0),
    /** Groups with their members, for the auditor. */
    describe: () =>
      [...groups.values()]
        .map(
          ({ name, members, joining, generation }) =>
            `${name} ${generation}: ${[...members.keys()].map((member) => `${member.life.name}${member.life.isAlive() ? "" : " dead"}${joining.has(member) ? " joining" : ""}`).join(" ")}`,
        )
        .join("; "),
    /** Groups forget how far they were: by so many records of each partition, or all. Their members begin anew. */
    rewind(records: number): number {
      let count = 0;
      for (const group of groups.values()) {
        for (const [place, offset] of group.committed) {
          const next = Math.max(0, offset - records);
          count += offset - next;
          group.committed.set(place, next);
        }
        rebalance(group);
      }
      return count;
    },
  };
}
