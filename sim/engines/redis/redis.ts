/**
 * What processes share in a Redis Cluster of several masters: seats, limits, keys of purchases, sessions, leases, queues, word of changes.
 * Each command is one step on its master. All of them are written down, so that a failover can forget the last that a master had
 * answered: everything is made again from what is left of the list.
 */
import {
  type ChangedRuns,
  type OrderAccepted,
  type Refusal,
  type RunId,
  ServiceUnavailable,
  type WaitlistStep,
} from "@chepiao/contracts";
import { type EpochMs, type OrderId, refuse, slotOfOrder, slotOfUser, type UserId } from "@chepiao/kernel";
import { createMemoryLeases, type Leases } from "@chepiao/ports/lease";
import { createMemoryPurchaseLoad, type PurchaseLoad } from "@chepiao/ports/purchase-load";
import { createMemoryQueueCounters, type QueueCounters } from "@chepiao/ports/queue-counters";
import { createMemoryRiskCounters, type RiskCounters } from "@chepiao/ports/risk-counters";
import type { Reservations } from "@chepiao/ports/reservations";
import { createMemorySeatStore, type HoldsView, type SeatStore, type Waitlists } from "@chepiao/ports/seat-store";
import { createMemorySessionStore, slotOfSession, type SessionStore } from "@chepiao/ports/session-store";
import type { Entry, Submission, Submissions } from "@chepiao/ports/submissions";
import { type WatchDeps, watchedLines, type WatchedSeats } from "../../audit/lineWatch.ts";
import { type QueueWatch, watchedCalls, watchedQueues } from "../../audit/queueWatch.ts";
import type { Life } from "../../core/life.ts";
import type { Reach } from "../../core/reach.ts";
import type { Scheduler } from "../../core/scheduler.ts";
import { createEngine, type Engine } from "../engine.ts";
import type { LoadBook } from "../../audit/load.ts";
import { createFeed, type Feed } from "./feed.ts";
import { createQueuePorts } from "./queues.ts";
import { createSharedReservations, type SharedReservations } from "./reservations.ts";
import { createSharedSubmissions } from "./submissions.ts";

export const masterCount = 3;

type State = {
  readonly seats: WatchedSeats;
  readonly reservations: SharedReservations;
  readonly submissions: Submissions;
  readonly sessions: SessionStore;
  readonly leases: Leases;
  readonly riskCounters: RiskCounters;
  readonly queues: QueueCounters;
  readonly load: PurchaseLoad;
};

export type RedisPorts = Omit<State, "reservations" | "seats"> & {
  readonly seats: SeatStore;
  readonly reservations: Reservations;
  readonly feed: ReturnType<Feed["portOf"]>;
};

export type Redis = {
  readonly engine: Engine;
  /** As it is, for audits. */
  readonly within: State;
  readonly feed: Feed;
  portsOf(life: Life): RedisPorts;
  /** A master is replaced by its replica, which lacks the last commands; answers how many of them changed something. */
  failOver(master: number, forgetUs: number): number;
  /** The same, with nothing lost, once lots of that queue are being collected. */
  failOverWhileCollecting(queueId: string): void;
};

export type RedisDeps = {
  readonly reach: Reach;
  readonly scheduler: Scheduler;
  /** The time, as its machines believe it to be. */
  readonly now: () => EpochMs;
  /** The lifetime of a hold: as long is kept what nobody has said to be written. */
  readonly unwrittenMs: number;
  /** Told of what was done wrongly in a line, and what it is held to. */
  readonly watch: WatchDeps;
  readonly queueOf: QueueWatch["queueOf"];
  /** What was said of load. */
  readonly loads: LoadBook;
};

type Command = {
  readonly master: number;
  readonly at: number;
  readonly nowMs: EpochMs;
  readonly run: (state: State) => unknown;
};

const timeoutUs = 3_000_000;
/** Word that orders are logged is gathered for so long in the process that knows it. */
const loggedGatherUs = 1_000_000;

const masterOfText = (text: string) => Bun.hash.xxHash32(text) % masterCount;
const masterOfUser = (userId: UserId) => slotOfUser(userId) % masterCount;
const masterOfOrder = (orderId: OrderId) => slotOfOrder(orderId) % masterCount;

export function createRedis({ reach, scheduler, now, unwrittenMs, watch, queueOf, loads }: RedisDeps): Redis {
  const engine = createEngine({
    name: "redis",
    wayUs: 250,
    timeoutUs,
    unavailable: (why) => new ServiceUnavailable("Redis", why),
  });
  let replayedNow: EpochMs | null = null;
  const stateNow = () => replayedNow ?? now();
  let journal: Command[] = [];
  /** What the command at hand means for those who wait; null while none is carried out for anybody. */
  let taken: WaitlistStep[] | null = null;
  /** The feed of changed runs begins anew with each failover. */
  let generation = 0;
  const failsOverWhileCollecting = new Set<string>();
  let state = emptyState();
  const feed = createFeed(scheduler, engine);

  function emptyState(): State {
    const found = (violation: string) => void (replayedNow === null && watch.found(violation));
    const seats = watchedLines(createMemorySeatStore(), { ...watch, found });
    seats.waitlists.hear((step) => taken?.push(step));
    return {
      seats,
      reservations: createSharedReservations(stateNow, unwrittenMs),
      submissions: createSharedSubmissions(stateNow, unwrittenMs),
      sessions: createMemorySessionStore(),
      leases: createMemoryLeases({ now: stateNow }),
      riskCounters: createMemoryRiskCounters(),
      queues: watchedQueues(createMemoryQueueCounters(), { found, queueOf }),
      load: loads.watched(createMemoryPurchaseLoad(), () => replayedNow !== null),
    };
  }

  function failOver(master: number, forgetUs: number): number {
    const since = scheduler.now() - forgetUs;
    const kept = journal.filter((command) => command.master !== master || command.at < since);
    const lost = journal.length - kept.length;
    journal = kept;
    state = emptyState();
    generation++;
    for (const { nowMs, run } of journal) {
      replayedNow = nowMs;
      run(state);
    }
    replayedNow = null;
    return lost;
  }

  function portsOf(life: Life): RedisPorts {
    const read = <T>(what: string, args: readonly unknown[], master: number, run: (state: State) => Promise<T>) =>
      reach(life, engine, what, args, () => run(state), master);
    const write = <T>(what: string, args: readonly unknown[], master: number, run: (state: State) => Promise<T>) =>
      reach(
        life,
        engine,
        what,
        args,
        () => {
          journal.push({ master, at: scheduler.now(), nowMs: now(), run });
          return run(state);
        },
        master,
      );
    /** A command that may serve who waits; its caller hears of it with the answer. One that only looks is in the journal where it did. */
    const step =
      (isLook: boolean) =>
      async <T>(what: string, args: readonly unknown[], master: number, run: (state: State) => Promise<T>) => {
        const { answer, steps } = await reach(
          life,
          engine,
          what,
          args,
          () => {
            const [at, nowMs] = [scheduler.now(), now()];
            const own: WaitlistStep[] = [];
            taken = own;
            const answering = run(state);
            taken = null;
            if (!isLook || own.length > 0) journal.push({ master, at, nowMs, run });
            return answering.then((value) => ({ answer: value, steps: own }));
          },
          master,
        );
        for (const each of steps) for (const hear of listeners) hear(each);
        return answer;
      };
    const [serving, looking] = [step(false), step(true)];
    const listeners: ((step: WaitlistStep) => void)[] = [];
    /**
     * Each master is asked for what is its own, all at once; where one does not answer, the others have done it all the same, and what is of it alone fails:
     * `away` is the answer then, where it is not thrown for all.
     */
    async function split<Item, Answer>(
      what: string,
      items: readonly Item[],
      masterOf: (item: Item) => number,
      run: (state: State, items: readonly Item[]) => Promise<readonly Answer[] | void>,
      ask: typeof write = write,
      away?: (error: ServiceUnavailable) => Answer,
    ): Promise<Answer[]> {
      const answers: Answer[] = [];
      const parts = Map.groupBy(items.keys(), (n) => masterOf(items[n]!));
      await Promise.all(
        [...parts].map(async ([master, places]) => {
          const some = places.map((n) => items[n]!);
          try {
            const those = await ask(what, some, master, async (at) => run(at, some));
            places.forEach((n, m) => (answers[n] = those?.[m] as Answer));
          } catch (error) {
            if (!away || !(error instanceof ServiceUnavailable)) throw error;
            for (const n of places) answers[n] = away(error);
          }
        }),
      );
      return answers;
    }
    const everywhere = <T>(ask: (master: number) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: masterCount }, (_, master) => ask(master)));

    const ofRun = ({ runId }: { readonly runId: RunId }) => masterOfText(runId);
    const holdsView: HoldsView = {
      holds: (run) => read("seats.holds", [run], ofRun(run), (at) => at.seats.holdsView!.holds(run)),
      async repair(holds, surplus = []) {
        const told = Map.groupBy(holds, ({ run }) => ofRun(run));
        const tooMuch = Map.groupBy(surplus, ({ hold }) => ofRun(hold));
        const lacking = [...new Set([...told.keys(), ...tooMuch.keys()])].map((master) => {
          const args = [told.get(master) ?? [], tooMuch.get(master) ?? []] as const;
          return write("seats.repair", args, master, (at) => at.seats.holdsView!.repair(...args));
        });
        return (await Promise.all(lacking)).flat();
      },
    };
    const waitlists: Waitlists = {
      join: (needs, at) =>
        split(
          "seats.join",
          needs,
          ({ run }) => ofRun(run),
          (here, some) => here.seats.waitlists.join(some, at),
          serving,
        ),
      leave: (run, names) =>
        write("seats.leave", [run, names], ofRun(run), (here) => here.seats.waitlists.leave(run, names)),
      set: (run, needs, upTo, at) =>
        serving("seats.setWaitlist", [run, needs, upTo, at], ofRun(run), (here) =>
          here.seats.waitlists.set(run, needs, upTo, at),
        ),
      serve: (runs, at) =>
        split("seats.serve", runs, ofRun, (here, some) => here.seats.waitlists.serve(some, at), serving),
      grants: (run) => read("seats.grants", [run], ofRun(run), (here) => here.seats.waitlists.grants(run)),
      groups: (run) => read("seats.groups", [run], ofRun(run), (here) => here.seats.waitlists.groups(run)),
      ahead: (need) => read("seats.ahead", [need], ofRun(need.run), (here) => here.seats.waitlists.ahead(need)),
      hear: (listener) => void listeners.push(listener),
    };
    const seats: SeatStore = {
      hold: (commands, at) =>
        split(
          "seats.hold",
          commands,
          ({ run }) => ofRun(run),
          (here, some) => here.seats.hold(some, at),
          serving,
          (error) => refuse(error.refusal),
        ),
      confirm: async (holds) =>
        void (await split("seats.confirm", holds, ofRun, (here, some) => here.seats.confirm(some))),
      release: (hold, at, seatIndexes) =>
        serving("seats.release", [hold, at, seatIndexes], ofRun(hold), (here) =>
          here.seats.release(hold, at, seatIndexes),
        ),
      available: (legs, at) =>
        split(
          "seats.available",
          legs,
          ({ run }) => ofRun(run),
          (here, some) => here.seats.available(some, at),
          looking,
        ),
      setOffers: (changes, at) =>
        split(
          "seats.setOffers",
          changes,
          ({ run }) => ofRun(run),
          (here, some) => here.seats.setOffers(some, at),
          serving,
        ),
      waitlists,
      freeSeats: (leg, seatClass) =>
        read("seats.freeSeats", [leg, seatClass], ofRun(leg.run), (here) => here.seats.freeSeats(leg, seatClass)),
      changedRuns: (place) => read("seats.changedRuns", [place], 0, () => changedRuns(place)),
      reload: async (holds) => {
        const lost = await Promise.all(
          [...Map.groupBy(holds, ({ run }) => ofRun(run))].map(([master, some]) =>
            write("seats.reload", [some], master, (here) => here.seats.reload(some)),
          ),
        );
        return lost.flat();
      },
      holdsView,
      overdue: (at, limit, askAgainAt) =>
        write("seats.overdue", [at, limit, askAgainAt], 0, (here) => here.seats.overdue(at, limit, askAgainAt)),
      async retire(arrivedBefore) {
        const [count] = await everywhere((master) =>
          write("seats.retire", [arrivedBefore], master, (here) => here.seats.retire(arrivedBefore)),
        );
        return count!;
      },
    };

    async function changedRuns(place: string | null): Promise<ChangedRuns> {
      const [from, count] = (place ?? "").split(":");
      const isKnown = place !== null && Number(from) === generation;
      const changed = await state.seats.changedRuns!(isKnown ? count! : null);
      return { place: `${generation}:${changed.place}`, runIds: place === null || isKnown ? changed.runIds : null };
    }

    const reservations: Reservations = {
      reserve: (claims, limits) =>
        split(
          "reservations.reserve",
          claims,
          ({ orderId }) => masterOfOrder(orderId),
          (here, some) => here.reservations.reserve(some, limits),
          write,
          (error) => refuse(error.refusal),
        ),
      paid: async (claims) =>
        void (await split(
          "reservations.paid",
          claims,
          ({ orderId }) => masterOfOrder(orderId),
          (here, some) => here.reservations.paid(some),
        )),
      endUnpaid: (orderId) =>
        write("reservations.endUnpaid", [orderId], masterOfOrder(orderId), (here) =>
          here.reservations.endUnpaid(orderId),
        ),
      restoreUnpaid: async (claims) =>
        void (await split(
          "reservations.restoreUnpaid",
          claims,
          ({ orderId }) => masterOfOrder(orderId),
          (here, some) => here.reservations.restoreUnpaid(some),
        )),
      keep: async (claims) =>
        void (await split(
          "reservations.keep",
          claims,
          ({ orderId }) => masterOfOrder(orderId),
          (here, some) => here.reservations.keep(some),
        )),
      release: (name, ticketNos) =>
        write("reservations.release", [name, ticketNos], masterOfOrder(name.orderId), (here) =>
          here.reservations.release(name, ticketNos),
        ),
      reload: async (claims) =>
        void (await split(
          "reservations.reload",
          claims,
          ({ orderId }) => masterOfOrder(orderId),
          (here, some) => here.reservations.reload(some),
        )),
      forgetBefore: (instant) =>
        write("reservations.forgetBefore", [instant], 0, (here) => here.reservations.forgetBefore(instant)),
    };

    const byUser = ({ userId }: { readonly userId: UserId }) => masterOfUser(userId);
    const submissions: Submissions = {
      enter: (entries) =>
        split<Submission, Entry>(
          "submissions.enter",
          entries,
          byUser,
          (here, some) => here.submissions.enter(some),
          write,
          (error) => ({ kind: "away", refusal: error.refusal }),
        ),
      findKeys: (entries) =>
        split("submissions.findKeys", entries, byUser, (here, some) => here.submissions.findKeys(some), read),
      refused: (userId, key, refusal) =>
        write("submissions.refused", [userId, key, refusal], masterOfUser(userId), (here) =>
          here.submissions.refused(userId, key, refusal),
        ),
      withdrawn: (userId, key, orderId) =>
        write("submissions.withdrawn", [userId, key, orderId], masterOfUser(userId), (here) =>
          here.submissions.withdrawn(userId, key, orderId),
        ),
      accepted: async (orders) =>
        (
          await split<OrderAccepted, Refusal | null>(
            "submissions.accepted",
            orders,
            byUser,
            async (here, some) => void (await here.submissions.accepted(some)),
            write,
            (error) => error.refusal,
          )
        ).map((away) => away ?? null),
      logged: (orders) =>
        new Promise((resolve, reject) => {
          life.after(loggedGatherUs, "logged", () => {
            split("submissions.logged", orders, byUser, (here, some) => here.submissions.logged(some)).then(
              () => resolve(),
              reject,
            );
          });
        }),
      written: async (orders) =>
        void (await split("submissions.written", orders, byUser, (here, some) => here.submissions.written(some))),
      find: (orderId) =>
        read("submissions.find", [orderId], masterOfOrder(orderId), (here) => here.submissions.find(orderId)),
      isLogged: (orderId) =>
        read("submissions.isLogged", [orderId], masterOfOrder(orderId), (here) => here.submissions.isLogged(orderId)),
      ofUser: (userId) =>
        read("submissions.ofUser", [userId], masterOfUser(userId), (here) => here.submissions.ofUser(userId)),
      reload: async (entries) =>
        void (await split("submissions.reload", entries, byUser, (here, some) => here.submissions.reload(some))),
    };

    const bySession = (sessionId: string) => slotOfSession(sessionId) % masterCount;
    const sessions: SessionStore = {
      create: (session) =>
        write("sessions.create", [session], bySession(session.sessionId), (here) => here.sessions.create(session)),
      find: (sessionId) =>
        read("sessions.find", [sessionId], bySession(sessionId), (here) => here.sessions.find(sessionId)),
      slide: (sessionId, ...to) =>
        write("sessions.slide", [sessionId, ...to], bySession(sessionId), (here) =>
          here.sessions.slide(sessionId, ...to),
        ),
      end: (userId, sessionId) =>
        write("sessions.end", [userId, sessionId], bySession(sessionId), (here) =>
          here.sessions.end(userId, sessionId),
        ),
      endAll: (userId, but) =>
        write("sessions.endAll", [userId, but], masterOfUser(userId), (here) => here.sessions.endAll(userId, but)),
      listOf: (userId) =>
        read("sessions.listOf", [userId], masterOfUser(userId), (here) => here.sessions.listOf(userId)),
      purge: (expiredBy, limit) =>
        write("sessions.purge", [expiredBy, limit], 0, (here) => here.sessions.purge(expiredBy, limit)),
    };

    const leases: Leases = {
      acquire: (name, ttlMs) =>
        write("leases.acquire", [name, ttlMs], masterOfText(name), (here) => here.leases.acquire(name, ttlMs)),
      renew: (lease, ttlMs) =>
        write("leases.renew", [lease, ttlMs], masterOfText(lease.name), (here) => here.leases.renew(lease, ttlMs)),
      release: (lease) =>
        write("leases.release", [lease], masterOfText(lease.name), (here) => here.leases.release(lease)),
    };
    const riskCounters: RiskCounters = {
      act: (acts) => split("risk.act", acts, byUser, async (here, some) => here.riskCounters.act(some)),
      takeBack: async (acts) => {
        for (const act of acts)
          await write("risk.takeBack", [act], masterOfUser(act.userId), (here) => here.riskCounters.takeBack([act]));
      },
      failed: (userId, ...order) =>
        write("risk.failed", [userId, ...order], masterOfUser(userId), (here) =>
          here.riskCounters.failed(userId, ...order),
        ),
      endedUnpaid: (userId, ...order) =>
        write("risk.endedUnpaid", [userId, ...order], masterOfUser(userId), (here) =>
          here.riskCounters.endedUnpaid(userId, ...order),
        ),
      buysFor: (userId, ...documents) =>
        write("risk.buysFor", [userId, ...documents], masterOfUser(userId), (here) =>
          here.riskCounters.buysFor(userId, ...documents),
        ),
      attempt: (challengeId, answer) =>
        write("risk.attempt", [challengeId, answer], masterOfText(challengeId), (here) =>
          here.riskCounters.attempt(challengeId, answer),
        ),
      spend: (challengeId, ...spender) =>
        write("risk.spend", [challengeId, ...spender], masterOfText(challengeId), (here) =>
          here.riskCounters.spend(challengeId, ...spender),
        ),
    };
    const queues = createQueuePorts({
      read: (what, queueId, args, run) =>
        read(what, [queueId, ...args], masterOfText(queueId), (here) => run(here.queues)),
      write: (what, queueId, args, run) =>
        write(what, [queueId, ...args], masterOfText(queueId), (here) => run(here.queues)),
      generation: () => generation,
      betweenPages(queueId) {
        if (failsOverWhileCollecting.delete(queueId)) failOver(masterOfText(queueId), -1);
      },
    });
    const load: PurchaseLoad = {
      note: (process, ...said) =>
        write("load.note", [process, ...said], masterOfText("load"), (here) => here.load.note(process, ...said)),
      // Who asks does not change anything: what is too old stays where it is until somebody speaks.
      recent: (at) => read("load.recent", [at], masterOfText("load"), (here) => here.load.recent(at)),
    };
    return {
      seats,
      reservations,
      submissions,
      sessions,
      leases,
      riskCounters,
      load,
      queues: watchedCalls(queues, { found: watch.found, queueOf }),
      feed: feed.portOf(life),
    };
  }

  return {
    engine,
    get within() {
      return state;
    },
    feed,
    portsOf,
    failOver,
    failOverWhileCollecting: (queueId) => void failsOverWhileCollecting.add(queueId),
  };
}
