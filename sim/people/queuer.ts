/**
 * Queues, and who stands in one: takes a lot or comes behind it, asks again and again, comes late when called, buys with the pass, loses it, shows it where
 * it is none or after its time, leaves, or goes away without a word.
 */
import {
  type AnnouncedQueue,
  type QueuePlace,
  type QueueStatus,
  type QueueTurn,
  type RunId,
  runId,
} from "@chepiao/contracts";
import { epochMs, minuteMs, queueAnnouncedFreshMs, queuePassMs, secondMs, type UserId } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import { createMemoryVault } from "@chepiao/ports/vault";
import { commitmentOf, seedsBy } from "@chepiao/services/queue";
import { weighed } from "../core/chance.ts";
import { settled } from "../core/settled.ts";
import type { Life } from "../core/life.ts";
import type { PlannedQueue } from "../plan.ts";
import type { Asked, Heard, RoomName, World } from "../world.ts";
import { type Account, personOf } from "./accounts.ts";
import type { Bought, Told } from "./told.ts";

/** By then every process has read of it, and nobody buys without a pass. */
const noticeMs = queueAnnouncedFreshMs + secondMs;
const lastsMs = 6 * minuteMs;
/** Where a place is kept longer than this, most come late. */
const shortlyKeptMs = 50 * secondMs;

/** A signed place has its parts between points. */
export const queueIdOf = ({ id }: Pick<PlannedQueue, "id">): string => id.replace(".", "-");

/** Announces queues while all is quiet, so that from when lots are taken on every process knows of them. */
export function announceQueues(
  { sql, cluster, now, scheduler }: World,
  planned: readonly PlannedQueue[],
): AnnouncedQueue[] {
  if (planned.length === 0) return [];
  const seedOf = seedsBy(createMemoryVault(1));
  const collectsFrom = epochMs(now() + noticeMs);
  const queues = planned.map(
    ({ id, trainNumber, date, collectsMs, needsChance, failsOver, ...rules }): AnnouncedQueue => {
      const queueId = queueIdOf({ id });
      const { perMinute, activeMax, keepMs, stayMs } = rules;
      const opensAt = epochMs(collectsFrom + collectsMs);
      if (failsOver) cluster?.redis.failOverWhileCollecting(queueId);
      return {
        kind: "announced",
        queueId,
        scope: runId(trainNumber, date),
        collectsFrom,
        opensAt,
        endsAt: epochMs(opensAt + lastsMs),
        endedAt: null,
        perMinute,
        activeMax,
        keepMs,
        stayMs,
        seedHash: commitmentOf(seedOf(queueId)),
        chanceFrom: needsChance ? "a lottery" : null,
      };
    },
  );
  const announced = queues.filter((queue) => settled(sql.within.queues.announce(queue, now())));
  scheduler.run(noticeMs * 1_000);
  return announced;
}

const chanceTriesMax = 60;

/** As the command does it, once the root of the lots is public. */
export async function tellChance({ sql }: World, life: Life, { queueId, chanceFrom }: AnnouncedQueue): Promise<void> {
  const { queues } = sql.portsOf(life);
  for (let tries = 0; chanceFrom !== null && tries < chanceTriesMax; tries++) {
    await sleep(life.clock, 2 * secondMs);
    if (await queues.noteChance(queueId, `${life.name} 4 8 15`).catch(() => false)) return;
  }
}

export type QueuerDeps = {
  readonly world: World;
  readonly told: Told;
  readonly life: Life;
  readonly account: Account;
  readonly userId: UserId;
  /** Asks until somebody answers. */
  ask(room: RoomName, route: string, asked: Asked): Promise<Heard | null>;
  buyOn(id: RunId, pass: string | null): Promise<Bought | null>;
};

export async function standInQueue(
  { world, told, life, account, userId, ask, buyOn }: QueuerDeps,
  [queue, ...others]: readonly AnnouncedQueue[],
): Promise<void> {
  const { chance, clock } = life;
  const { queueId, opensAt, scope, keepMs } = queue!;
  const owner = personOf(account.number);
  let place: string | null = null;

  const until = (at: number) => sleep(clock, Math.max(0, at - clock.now()));

  function heard(body: QueuePlace | QueueTurn, isShown: boolean): void {
    place = body.place;
    const [, , , signed] = place.split(".");
    const { turn = null, pass = null } = body as Partial<QueueTurn>;
    const passUntil = pass === null ? null : Number(pass.split(".")[2]);
    const said = { queueId, owner, userId, lot: body.lot, signed: Number(signed), isShown, at: clock.now() };
    told.places.push({ ...said, turn, passUntil });
    told.count(turn === null ? "took a place in a queue" : `in a queue: ${turn}`);
  }

  async function join(): Promise<boolean> {
    told.askedPlaces.add(`${queueId} ${owner}`);
    // A text that was lost is had again.
    const shown = place !== null && chance.chance(0.7) ? { place } : {};
    const answer = await ask("queue", "join", { body: { queue: queueId, ...shown } });
    if (answer?.kind === "answer") heard(answer.body as QueuePlace, "place" in shown);
    else if (answer?.kind === "refusal") told.count(answer.refusal.code);
    return answer?.kind === "answer";
  }

  async function beat(): Promise<QueueTurn | null> {
    const answer = await ask("queue", "heartbeat", { body: { place } });
    if (answer?.kind !== "answer") return null;
    heard(answer.body as QueueTurn, true);
    return answer.body as QueueTurn;
  }

  async function readStatus(): Promise<void> {
    const answer = await world.ask(life, "queue", "status", { query: { queue: queueId } });
    if (answer.kind !== "answer") return;
    const { root } = JSON.parse(answer.body as string) as QueueStatus;
    const before = told.roots.get(queueId);
    if (root !== null && before === undefined) told.roots.set(queueId, root);
    else if (root !== null && root !== before)
      told.wrong.push(`I2: the lots of queue ${queueId} had another root before`);
  }

  const own = (pass: string | null) => buyOn(scope as RunId, pass);

  async function comeIn(pass: string): Promise<void> {
    await weighed<() => Promise<unknown>>(chance, [
      [5, () => own(pass)],
      [2, async () => (await own(null)) ?? own((await beat())?.pass ?? null)],
      [
        2,
        async () => {
          for (const other of others) await buyOn(other.scope as RunId, pass);
          await own(pass);
        },
      ],
      [2, () => sleep(clock, queuePassMs + (1 + 9 * chance.next()) * secondMs).then(() => own(pass))],
      [
        2,
        async () => {
          for (let beats = 0; beats < 4; beats++) await sleep(clock, 10 * secondMs).then(beat);
          await own((await beat())?.pass ?? null);
        },
      ],
    ])();
    if (chance.chance(0.6)) await ask("queue", "leave", { body: { place } });
  }

  if (chance.chance(0.3)) await until(opensAt + 15 * chance.next() * secondMs);
  if (!(await join())) return;
  if (chance.chance(keepMs > shortlyKeptMs ? 0.6 : 0.25)) await until(opensAt + (20 + 50 * chance.next()) * secondMs);
  const patientUntil = opensAt + chance.between(40, 150) * secondMs;
  while (clock.now() < patientUntil) {
    await sleep(clock, (1 + 4 * chance.next()) * secondMs);
    if (chance.chance(0.2)) await readStatus();
    const turn = await beat();
    if (turn?.turn === "waits" && chance.chance(0.15) && !(await join())) return;
    if (turn?.turn === "inside") return comeIn(turn.pass!);
    if (turn?.turn === "lost" && !(await join())) return;
    if (chance.chance(0.03)) return;
  }
}
