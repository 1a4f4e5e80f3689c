/**
 * One member of a consumer group. A rebalance waits until the member's handler is through and what it finished is committed, so no
 * run is in two hands at once; only a handler that takes longer than `sessionTimeoutMs` while partitions move is not waited for,
 * because its member counts as dead by then (I7 takes care of that).
 */
import { secondMs } from "@chepiao/kernel";
import type { Topic } from "@chepiao/contracts";
import { type Clock, sleep } from "@chepiao/ports/clock";
import { type Consumer as Handler, type Consumption, LogUnavailable } from "@chepiao/ports/log";
import { Consumer } from "@platformatic/kafka";
import { createReader } from "./reader.ts";
import { beginSession, type Session, type Share, type Waiting } from "./session.ts";
import { answerMs, clientId, kafkaConnection, type KafkaSettings, topicName } from "./settings.ts";

export type GroupDeps = {
  readonly clock: Clock;
  readonly report: (message: string, error?: unknown) => void;
  /** Resolves once Kafka is there with its topics. */
  readonly prepared: Promise<void>;
  park(group: string, topic: Topic, waiting: Waiting, cause: unknown): Promise<void>;
};

const pauseMs = secondMs / 2;
/** A Kafka on which nobody ever joined a group makes what it needs for that when the first one comes, and refuses until it is there. */
const firstGroupMs = 5 * secondMs;
/** How often a group is asked whether it is through. */
const askMs = 50;

export function joinGroup(settings: KafkaSettings, handler: Handler, deps: GroupDeps): Consumption {
  const { clock } = deps;
  const report = (message: string, error?: unknown) => deps.report(`group ${handler.group}: ${message}`, error);
  const topics = new Map(handler.topics.map((topic) => [topicName(settings, topic), topic]));
  const topicOf = ({ topic }: { readonly topic: string }) => topics.get(topic)!;
  const reader = createReader(settings, [...topics.keys()], report);
  let session: Session | null = null;
  /** Counts beginnings and endings, so that a session is not begun for an assignment that is no longer so. */
  let turn = 0;
  let ended = Promise.resolve();
  let joining: Promise<void> | null = null;
  let toCommit: readonly Share[] = [];
  let committing: Promise<void> | null = null;
  let stopped = false;
  const stopping = Promise.withResolvers<never>();
  // Nobody may be waiting.
  stopping.promise.catch(() => {});

  const member = new Consumer({
    clientId,
    groupId: settings.prefix + handler.group,
    ...kafkaConnection(settings),
    autocommit: false,
    sessionTimeout: settings.sessionTimeoutMs,
    rebalanceTimeout: settings.sessionTimeoutMs,
    heartbeatInterval: settings.sessionTimeoutMs / 4,
    // Whatever fails is done again here. The driver, left to it, joins anew when a commit is refused, while it joins already:
    // of two joins at once each undoes what the other got, and the group moves its partitions for ever.
    retries: 0,
    requestTimeout: answerMs(settings),
    // The driver asks for this before it joins (again), and only then can another member get what is ours. There is nothing to say.
    protocolsMetadata: async () => {
      await endSession();
      return Buffer.alloc(0);
    },
  });
  member.topics.trackAll(...topics.keys());
  member.on("consumer:group:join", () => void takeUp());
  member.on("error", (error: unknown) => {
    report("its membership was lost", error);
    void join();
  });
  // The driver has heard nothing for a whole rebalance, and may have stopped asking: a broker that is back knows nobody of before.
  member.on("consumer:heartbeat:stalled", ({ lastError }: { readonly lastError?: unknown }) => {
    report("nothing is heard of its membership; joining again", lastError);
    void join();
  });
  void join();

  /** Until it succeeds. From then on the driver sends heartbeats and joins again by itself when partitions move. */
  function join(): Promise<void> {
    joining ??= tryToJoin().finally(() => {
      joining = null;
    });
    return joining;
  }

  async function tryToJoin() {
    await deps.prepared;
    const tellFrom = clock.now() + firstGroupMs;
    while (!stopped) {
      try {
        await member.joinGroup({});
        return;
      } catch (error) {
        if (clock.now() >= tellFrom) report("it could not join; trying again", error);
        await sleep(clock, pauseMs);
      }
    }
  }

  async function takeUp() {
    const handlerIsIdle = endSession();
    const ours = turn;
    const isCurrent = () => !stopped && turn === ours;
    await handlerIsIdle;
    while (isCurrent()) {
      try {
        const shares = await readShares();
        if (!isCurrent()) return;
        session = beginSession(shares, {
          clock,
          reader,
          handler,
          report,
          topicOf,
          finished: () => commitSoon(shares),
          park: (waiting, cause) => deps.park(handler.group, topicOf(waiting.place), waiting, cause),
        });
        return;
      } catch (error) {
        report("its place in the log is not known; asking again", error);
        await sleep(clock, pauseMs);
      }
    }
  }

  /** Where to go on: behind what the group has finished, or at the beginning. */
  async function readShares(): Promise<Share[]> {
    const assigned = (member.assignments ?? []).filter(({ partitions }) => partitions.length > 0);
    const finished = await finishedOffsets(assigned);
    return assigned.flatMap(({ topic, partitions }) =>
      partitions.map((index) => {
        const from = finished(topic, index);
        return { topic, index, fetchAt: from, endAt: from, finishedAt: from, committedAt: from };
      }),
    );
  }

  async function finishedOffsets(of: { topic: string; partitions: number[] }[]) {
    if (of.length === 0) return () => 0n;
    const [earliest, committed] = await Promise.all([
      reader.offsets("earliest"),
      member.listCommittedOffsets({ topics: of }),
    ]);
    return (topic: string, index: number) => {
      const known = committed.get(topic)?.[index] ?? -1n;
      return known >= 0n ? known : earliest.get(topic)![index]!;
    };
  }

  /** Resolves when no handler is at work any more, also for a caller that asks meanwhile. */
  function endSession(): Promise<void> {
    turn++;
    if (session) ended = session.end();
    session = null;
    return ended;
  }

  function commitSoon(shares: readonly Share[]) {
    toCommit = shares;
    committing ??= commit().finally(() => {
      committing = null;
    });
  }

  /** One request at a time, with all that was finished meanwhile. What cannot be committed comes once more. */
  async function commit() {
    for (;;) {
      const shares = toCommit;
      const ahead = shares.filter((share) => share.finishedAt > share.committedAt);
      if (ahead.length === 0) return;
      const offsets = ahead.map(({ topic, index, finishedAt }) => ({
        topic,
        partition: index,
        offset: finishedAt,
        leaderEpoch: -1,
      }));
      try {
        await member.commit({ offsets });
        for (const [n, share] of ahead.entries()) share.committedAt = offsets[n]!.offset;
      } catch (error) {
        report("what it finished could not be committed", error);
        if (stopped || (shares === toCommit && session?.shares !== shares)) return;
        await sleep(clock, pauseMs);
      }
    }
  }

  /** Waits for the whole group, whichever processes are its members: this one may have no part of what was appended. */
  async function through() {
    let ends: ReadonlyMap<string, readonly bigint[]> | null = null;
    while (!stopped) {
      try {
        ends ??= await reader.offsets("end");
        if (await hasFinished(ends)) return;
      } catch (error) {
        if (!stopped) report("it cannot be asked how far it is; asking again", error);
      }
      await sleep(clock, askMs);
    }
  }

  async function hasFinished(ends: ReadonlyMap<string, readonly bigint[]>): Promise<boolean> {
    const all = [...ends].map(([topic, offsets]) => ({ topic, partitions: offsets.map((_, index) => index) }));
    const finished = await finishedOffsets(all);
    return [...ends].every(([topic, offsets]) => offsets.every((end, index) => finished(topic, index) >= end));
  }

  return {
    lag: () => (session?.shares ?? []).reduce((sum, { endAt, finishedAt }) => sum + Number(endAt - finishedAt), 0),
    caughtUp: () => Promise.race([through(), stopping.promise]),
    async [Symbol.asyncDispose]() {
      stopped = true;
      stopping.reject(new LogUnavailable("the consumer was stopped before it was through"));
      await endSession();
      await committing;
      await member.close(true);
      await reader[Symbol.asyncDispose]();
    },
  };
}
