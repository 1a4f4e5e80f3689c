/**
 * The waitlist role dies at its calls, one death a life of entries (`lives.ts`): at the first point of the life, then at the second, and so on
 * until lives go through. After each death it is started again, as a supervisor would, and the life must end as if nothing had happened (I5, I7).
 */
import { hourMs } from "@chepiao/kernel";
import { join } from "node:path";
import type { RoleProcess } from "../testing/processes.ts";
import type { Fault } from "./fault.ts";
import { type Lives, openLives } from "./lives.ts";
import type { Day, Stage } from "./stage.ts";

const program = join(import.meta.dir, "mortalRole.ts");
/** Every point takes many minutes; a few of them, others each time, are enough to see that a change breaks nothing. */
const isEveryPoint = process.env["DEATHS"] === "all";
const fewDeaths = 3;
/** Lives differ by a few points, so that one alone may end before a point that others have. */
const livesThatEndIt = 3;
const startWithinMs = 90_000;

export function waitlistDies(): Fault {
  return {
    name: "`waitlist` killed at its calls, before and after they are made",
    noticed: "who waits is served some seconds later; joining: 503",
    ...(isEveryPoint ? { withinMs: 4 * hourMs } : {}),
    async prepare(stage, day) {
      await using deaths = await openDeaths(stage, day);
      const pointCount = await deaths.live(0);
      const diedAt = await (isEveryPoint ? dieEverywhere(deaths) : dieHereAndThere(deaths, pointCount));
      console.log(`waitlist, of ${pointCount} points of a life, died at ${diedAt.length}:\n${diedAt.join("\n")}`);
    },
    strike: (stage) => stage.kill("waitlist"),
    heal: async (stage) => void stage.start("waitlist"),
  };
}

async function dieEverywhere({ live, diedAt }: Deaths): Promise<readonly string[]> {
  for (let point = 1, whole = 0; whole < livesThatEndIt; point++) {
    const before = diedAt.length;
    await live(point);
    whole = diedAt.length > before ? 0 : whole + 1;
  }
  return diedAt;
}

async function dieHereAndThere({ live, diedAt }: Deaths, pointCount: number): Promise<readonly string[]> {
  const apart = pointCount / fewDeaths;
  const first = 1 + Math.random() * apart;
  for (let n = 0; n < fewDeaths; n++) await live(Math.floor(first + n * apart));
  return diedAt;
}

type Deaths = AsyncDisposable & {
  /** A life in which the role dies at that point, if there is one; at none for 0. Answers how many points it came through last. */
  live(point: number): Promise<number>;
  /** What it was about to do, or had done. */
  readonly diedAt: readonly string[];
};

async function openDeaths(stage: Stage, day: Day): Promise<Deaths> {
  const lives: Lives = await openLives(stage, day);
  const diedAt: string[] = [];
  let isOver = false;
  let role: RoleProcess;

  function start() {
    role = stage.start("waitlist", program);
    void startAgain(role);
  }

  /** Whenever it has died. */
  async function startAgain(dead: RoleProcess) {
    await dead.ended;
    if (isOver) return;
    diedAt.push(lastPoint(dead));
    start();
  }

  await stage.stop("waitlist");
  start();
  await stage.platform.ready(startWithinMs);
  return {
    diedAt,
    async live(point) {
      const wrong = await lives.play(() => role.tell(`${point}\n`));
      if (wrong.length > 0) throw new Error(`it died at ${diedAt.at(-1)}:\n${wrong.join("\n")}`);
      const last = lastPoint(role);
      // What comes between two lives is part of none.
      role.tell("0\n");
      return Number(/^point (\d+)/.exec(last)?.[1] ?? 0);
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await stage.stop("waitlist");
      stage.start("waitlist");
      await stage.platform.ready(startWithinMs);
      await lives[Symbol.asyncDispose]();
    },
  };
}

const lastPoint = ({ output }: RoleProcess): string =>
  output()
    .split("\n")
    .findLast((line) => line.startsWith("point ")) ?? "no point";
