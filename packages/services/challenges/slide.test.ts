/** Slides: a picture whose answer stays here, answered by a hand, once, in its place; and what programs send. */
import { expect, test } from "bun:test";
import { inflateSync } from "node:zlib";
import {
  type Challenge,
  type ChallengeSolved,
  type SessionView,
  type SlideChallenge,
  type SlideDrag,
  type Timetable,
} from "@chepiao/contracts";
import { challengeMs, createPrng, epochMs, minuteMs, parseZone, slideSize, type UserId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createSeededRandom } from "@chepiao/ports/random";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemoryRiskCounters } from "@chepiao/ports/risk-counters";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createChallengeProofs } from "@chepiao/room";
import { createChallenges, createPuzzles } from "./index.ts";
import { doubtOf, traceOf } from "./slide/drag.ts";
import { drawSlide } from "./slide/picture.ts";

const own: SessionView = { sessionId: "S1", userId: 7, role: "passenger" };
const stranger: SessionView = { sessionId: "S2", userId: 8, role: "passenger" };

function open() {
  const clock = createManualClock(epochMs(30_000_000 * minuteMs));
  const vault = createMemoryVault();
  const counters = createMemoryRiskCounters();
  const timetable = { zone: parseZone("Asia/Shanghai")!, policy: { policy: { risk: { mode: "on" } } } };
  const { handlers, counts } = createChallenges({
    clock,
    random: createSeededRandom(1),
    vault,
    counters,
    limiter: createMemoryRateLimiter(clock),
    timetable: () => timetable as unknown as Pick<Timetable, "zone" | "policy">,
  });
  async function call<T>(route: "ask" | "answer", session: SessionView, body: object) {
    const answered = await handlers[route]({ session, body } as never);
    return answered.ok ? { body: answered.value.body as T } : { code: answered.error.code };
  }
  const puzzles = createPuzzles(vault);
  return {
    clock,
    counts,
    counters,
    proofs: createChallengeProofs(vault),
    given: async (session = own, more = {}) =>
      (await call<Challenge>("ask", session, { act: "purchase", level: "strict", ...more })).body!,
    slide: async (session = own) =>
      (await call<SlideChallenge>("ask", session, { act: "purchase", level: "strict" })).body!,
    answer: (challenge: string, left: number, drag?: SlideDrag, session = own) =>
      call<ChallengeSolved>("answer", session, { challenge, answer: String(left), ...(drag ? { drag } : {}) }),
    holeOf: ({ challenge }: { readonly challenge: string }) => puzzles.slideOf(challenge.split(".")[0]!).hole,
  };
}

const prng = createPrng(20_261_130);

/** A hand after the model of least jerk: it shakes, stops short of the place or beyond it, and comes back. */
function handTo(left: number): SlideDrag {
  const steps = 18 + prng.below(40);
  const aim = left + prng.below(17) - 8;
  const tremor = prng.next() * 2;
  let ms = 0;
  const points = [[0, 0, 0]];
  const move = (from: number, to: number, count: number) => {
    for (let n = 1; n <= count; n++) {
      const t = n / count;
      ms += prng.chance(0.9) ? 8 + prng.below(10) : 30 + prng.below(60);
      const x = from + (to - from) * t ** 3 * (10 - 15 * t + 6 * t * t) + (prng.next() - 0.5) * tremor;
      points.push([ms, n === count ? to : Math.round(x), Math.round(3 * Math.sin(n / 7) + prng.next() * tremor)]);
    }
  };
  move(0, aim, steps);
  move(aim, left, 2 + prng.below(8));
  return { by: "pointer", points };
}
const jumpTo = (left: number): SlideDrag => ({
  by: "pointer",
  points: [
    [0, 0, 0],
    [400, left, 0],
  ],
});
/** As robots pull: the same pixels every so many milliseconds. */
function pullTo(left: number): SlideDrag {
  const steps = 20 + prng.below(20);
  const everyMs = 10 + prng.below(30);
  const points = Array.from({ length: steps + 1 }, (_, n) => [
    n * everyMs,
    Math.round((left * n) / steps),
    prng.below(2),
  ]);
  return { by: "pointer", points };
}

test("who drags the piece into the hole by hand has a strict proof, and what was sent says not where the hole is", async () => {
  const { slide, answer, holeOf, proofs, clock, counts } = open();
  const given = await slide();
  const { left, top } = holeOf(given);
  expect(given).toMatchObject({ kind: "slide", level: "strict", pieceTop: top, triesMax: 3 });
  expect(Object.keys(given).toSorted()).toEqual(
    "act board challenge expiresAt kind level piece pieceTop triesMax".split(" "),
  );
  const solved = await answer(given.challenge, left - 5, handTo(left - 5));
  const proof = proofs.read(solved.body!.proof, { userId: 7, sessionId: "S1", act: "purchase" }, clock.now());
  expect(proof).toMatchObject({ level: "strict" });
  expect(counts).toMatchObject({ pictures: 1, solved: 1, doubtful: 0 });
});

test("five pixels beside the hole are right, and six are not; three such answers end it, and count as a failure of the account", async () => {
  const { slide, answer, holeOf, counters, clock } = open();
  const given = await slide();
  const { left } = holeOf(given);
  const codes = [];
  for (const beside of [6, -6, 6, 0])
    codes.push((await answer(given.challenge, left + beside, handTo(left + beside))).code);
  expect(codes).toEqual(["ChallengeWrong", "ChallengeWrong", "ChallengeWrong", "ChallengeInvalid"]);
  const other = await slide();
  const right = holeOf(other).left + 5;
  expect((await answer(other.challenge, right, handTo(right))).body).toBeDefined();
  const act = { userId: 7 as UserId, at: clock.now(), address: null, network: null };
  expect((await counters.act([act]))[0]!.failuresPerTenMinutes).toBe(1);
});

test("a slide is answered once, in a minute, by the session that it was given to", async () => {
  const { slide, answer, holeOf, clock } = open();
  const given = await slide();
  const { left } = holeOf(given);
  expect((await answer(given.challenge, left, handTo(left), stranger)).code).toBe("ChallengeInvalid");
  const both = await Promise.all([1, 2].map(() => answer(given.challenge, left, handTo(left))));
  expect(both.map(({ code }) => code ?? "solved").toSorted()).toEqual(["ChallengeInvalid", "solved"]);
  const late = await slide();
  await clock.advance(challengeMs);
  expect((await answer(late.challenge, holeOf(late).left, handTo(holeOf(late).left))).code).toBe("ChallengeInvalid");
});

test("a drag that was shown for one picture solves no other; sent again for the same one it is the same", async () => {
  const { slide, answer, holeOf, clock } = open();
  const first = await slide();
  const drag = handTo(holeOf(first).left);
  expect((await answer(first.challenge, holeOf(first).left, drag)).body).toBeDefined();
  for (let n = 0; n < 200; n++) {
    await clock.advance(4_000);
    const next = await slide();
    if (Math.abs(holeOf(next).left - holeOf(first).left) > 5) continue;
    expect((await answer(next.challenge, holeOf(first).left, drag)).code).toBe("ChallengeWrong");
    expect((await answer(next.challenge, holeOf(next).left, handTo(holeOf(next).left))).body).toBeDefined();
    return;
  }
  throw new Error("no two holes of 200 lie in the same place");
});

test("programs that jump, pull evenly or send no drag at all are turned away, and hands are not", () => {
  const left = () => slideSize.leftMin + prng.below(160);
  const doubted = (make: (left: number) => SlideDrag) =>
    Array.from({ length: 1_000 }, left).filter((at) => doubtOf(make(at), at) !== null).length;
  expect(doubted(jumpTo)).toBe(1_000);
  expect(doubted(pullTo)).toBeGreaterThanOrEqual(950);
  expect(doubted(handTo)).toBeLessThanOrEqual(10);
  expect(doubtOf({ by: "pointer", points: [[0, 0, 0]] }, 0)).toBe("tooQuick");
  // What is answered is where the drag ended, and time runs one way.
  expect(doubtOf(handTo(100), 101)).toBe("elsewhere");
  const { by, points } = handTo(100);
  expect(doubtOf({ by, points: points.toReversed() }, 0)).toBe("elsewhere");
});

test("keys move the piece, too: held down, or pressed one by one", () => {
  const held = Array.from({ length: 61 }, (_, n) => [n * 33, n * 2, 0]);
  expect(doubtOf({ by: "keys", points: held }, 120)).toBeNull();
  expect(
    doubtOf(
      {
        by: "keys",
        points: [
          [0, 0, 0],
          [900, 120, 0],
        ],
      },
      120,
    ),
  ).toBe("tooFew");
  // One key is as good as another's.
  expect(traceOf({ by: "keys", points: held })).toBeNull();
});

test("an answer without a drag, or with words for a place, is wrong", async () => {
  const { slide, answer, holeOf } = open();
  const given = await slide();
  expect((await answer(given.challenge, holeOf(given).left)).code).toBe("ChallengeWrong");
  expect((await answer(given.challenge, NaN, handTo(holeOf(given).left))).code).toBe("ChallengeWrong");
});

test("who does not see or drag has eight times the work; and so has everybody where too many pictures are asked for", async () => {
  const { given, clock, counts } = open();
  expect(await given(own, { kind: "work" })).toMatchObject({ kind: "work", level: "strict", bits: 19 });
  expect(await given(own, { level: "light" })).toMatchObject({ kind: "work", level: "light", bits: 16 });
  const kinds = [];
  for (let n = 0; n < 30; n++) kinds.push((await given({ ...own, userId: 100 + n })).kind);
  expect(kinds.filter((kind) => kind === "slide")).toHaveLength(20);
  expect(kinds.at(-1)).toBe("work");
  await clock.advance(1_000);
  expect((await given({ ...own, userId: 200 })).kind).toBe("slide");
  expect(counts.pictures).toBe(21);
});

test("a picture is a PNG of the size that is said, the same for the same seed, and darker in the hole", () => {
  const hole = { left: 120, top: 40 };
  const [once, again, other] = [drawSlide(5, hole), drawSlide(5, hole), drawSlide(6, hole)];
  expect(once.board.equals(again.board)).toBe(true);
  expect(once.board.equals(other.board)).toBe(false);
  const { width, height, piece } = slideSize;
  const board = pixelsOf(once.board);
  expect([board.width, board.height, pixelsOf(once.piece).width]).toEqual([width, height, piece]);
  const dark = board.pixels.map((line) => line.flatMap((colour, x) => (colour >= 120 && colour < 240 ? [x] : [])));
  const rows = dark.flatMap((columns, y) => (columns.length > 0 ? [y] : []));
  const columns = dark.flat();
  expect(Math.min(...rows)).toBeGreaterThanOrEqual(hole.top);
  expect(Math.max(...rows)).toBeLessThan(hole.top + piece);
  expect(Math.min(...columns)).toBeGreaterThanOrEqual(hole.left);
  expect(Math.max(...columns)).toBeLessThan(hole.left + piece);
});

function pixelsOf(png: Buffer) {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const data = png.indexOf("IDAT");
  const lines = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
  const pixels = Array.from({ length: height }, (_, y) => [
    ...lines.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)),
  ]);
  return { width, height, pixels };
}
