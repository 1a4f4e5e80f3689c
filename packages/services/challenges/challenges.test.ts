/** Puzzles: given to a session, solved by work, once and in time, and by nobody else. */
import { expect, test } from "bun:test";
import type { ChallengeSolved, SessionView, Timetable, WorkChallenge } from "@chepiao/contracts";
import { challengeMs, challengeProofMs, epochMs, minuteMs, parseZone } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createSeededRandom } from "@chepiao/ports/random";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemoryRiskCounters } from "@chepiao/ports/risk-counters";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createChallengeProofs } from "@chepiao/room";
import { createChallenges } from "./index.ts";
import { isSolvedBy } from "./puzzle.ts";

const sessionOf = (sessionId: string, userId = 7): SessionView => ({ sessionId, userId, role: "passenger" });
const own = sessionOf("S1");
const bits = 6;

function open() {
  const clock = createManualClock(epochMs(30_000_000 * minuteMs));
  const vault = createMemoryVault();
  const timetable = { zone: parseZone("Asia/Shanghai")!, policy: { policy: { risk: { mode: "on", workBits: bits } } } };
  const { handlers, counts } = createChallenges({
    clock,
    random: createSeededRandom(1),
    vault,
    counters: createMemoryRiskCounters(),
    limiter: createMemoryRateLimiter(clock),
    timetable: () => timetable as unknown as Pick<Timetable, "zone" | "policy">,
  });
  async function call<T>(route: "ask" | "answer", session: SessionView, body: object) {
    const answered = await handlers[route]({ session, body } as never);
    return answered.ok ? { body: answered.value.body as T } : { code: answered.error.code };
  }
  const given = async (session = own) => (await call<WorkChallenge>("ask", session, { act: "purchase" })).body!;
  const answer = (challenge: string, text: string, session = own) =>
    call<ChallengeSolved>("answer", session, { challenge, answer: text });
  return {
    clock,
    counts,
    given,
    answer,
    ask: (session = own) => call<WorkChallenge>("ask", session, { act: "purchase" }),
    proofs: createChallengeProofs(vault),
  };
}

function worked(challenge: string, isRight = true): string {
  for (let n = 0; ; n++) if (isSolvedBy(challenge, String(n), bits) === isRight) return String(n);
}

test("who does the work is given a proof for that session and that act, and for a while", async () => {
  const { clock, given, answer, proofs, counts } = open();
  const { challenge, kind, bits: asked } = await given();
  expect([kind, asked]).toEqual(["work", bits]);
  const solved = await answer(challenge, worked(challenge));
  const to = { userId: 7, sessionId: "S1", act: "purchase" } as const;
  const { proof } = solved.body!;
  expect(proofs.read(proof, to, clock.now())).toMatchObject({ until: clock.now() + challengeProofMs });
  expect(proofs.read(proof, { ...to, sessionId: "S2" }, clock.now())).toBeNull();
  expect(proofs.read(proof, { ...to, userId: 8 }, clock.now())).toBeNull();
  expect(proofs.read(proof, to, epochMs(clock.now() + challengeProofMs))).toBeNull();
  expect(counts).toEqual({ given: 1, solved: 1, wrong: 0, over: 0, pictures: 0, doubtful: 0 });
});

test("a challenge is answered rightly once", async () => {
  const { given, answer } = open();
  const { challenge } = await given();
  const right = worked(challenge);
  const all = await Promise.all([1, 2, 3].map(() => answer(challenge, right)));
  expect(all.filter(({ body }) => body)).toHaveLength(1);
  expect(all.filter(({ code }) => code === "ChallengeInvalid")).toHaveLength(2);
});

test("a challenge is of one session: no other can answer it, and that does not use it up", async () => {
  const { given, answer } = open();
  const { challenge } = await given();
  const right = worked(challenge);
  expect((await answer(challenge, right, sessionOf("S2"))).code).toBe("ChallengeInvalid");
  expect((await answer(challenge, right, sessionOf("S1", 8))).code).toBe("ChallengeInvalid");
  expect((await answer(challenge, right)).body).toBeDefined();
});

test("three wrong answers end it", async () => {
  const { given, answer } = open();
  const { challenge } = await given();
  const wrong = worked(challenge, false);
  const codes = [];
  for (let n = 0; n < 4; n++) codes.push((await answer(challenge, wrong)).code);
  expect(codes).toEqual(["ChallengeWrong", "ChallengeWrong", "ChallengeWrong", "ChallengeInvalid"]);
  expect((await answer(challenge, worked(challenge))).code).toBe("ChallengeInvalid");
});

test("it ends after a minute, and cannot be made easier or longer", async () => {
  const { clock, given, answer } = open();
  const { challenge } = await given();
  const [challengeId, act, kind, , , until, mac] = challenge.split(".");
  const forged = [
    `${challengeId}.${act}.${kind}.light.0.${until}.${mac}`,
    `${challengeId}.${act}.${kind}.strict.${bits}.${until}.${mac}`,
    `${challengeId}.${act}.${kind}.light.${bits}.${Number(until) + minuteMs}.${mac}`,
    "",
    "....",
    `${challenge}.`,
  ];
  for (const text of forged) expect((await answer(text, "0")).code).toBe("ChallengeInvalid");
  await clock.advance(challengeMs);
  expect((await answer(challenge, worked(challenge))).code).toBe("ChallengeInvalid");
});

test("who collects challenges has to wait, and others need not", async () => {
  const { ask } = open();
  const codes = new Set<string | undefined>();
  for (let n = 0; n < 40; n++) codes.add((await ask()).code);
  expect(codes).toEqual(new Set([undefined, "TooManyRequests"]));
  expect((await ask(sessionOf("S9", 9))).body).toBeDefined();
});

test("zero bits are counted from the first of the first byte", () => {
  for (const width of [1, 7, 8, 9]) {
    const text = Array.from({ length: 5_000 }, (_, n) => String(n)).find((each) => isSolvedBy("c", each, width))!;
    const digest = new Bun.CryptoHasher("sha256").update(`c.${text}`).digest();
    const zeros = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    expect(zeros.slice(0, width)).toBe("0".repeat(width));
  }
});
