/** Whom the judgement of risk lets buy, and what it is told of what became of a purchase. */
import { expect, test } from "bun:test";
import { type Refusal, refusal, type RiskClient } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { nobodyJudged } from "../order.twin.ts";
import { createDocumentsStep } from "./documentsStep.ts";
import { type Draft, type Ended, failed, refused } from "./step.ts";
import { createVerdictStep } from "./verdictStep.ts";

const at = epochMs(1_800_000_000_000);
const draftOf = (userId: number, more: object = {}) =>
  ({
    command: { userId, key: `key of ${userId}`, asker: { address: "", session: null, proof: null }, ...more },
    orderId: userId * 10,
    at,
  }) as unknown as Draft;
const granted = { granted: {} };

function createJudge(answer: (userId: number) => Refusal | null, isLate = false) {
  const [told, judged]: [unknown[], number[]] = [[], []];
  const risk: RiskClient = {
    isIdle: () => false,
    judge(acts) {
      judged.push(...acts.map(({ userId }) => userId));
      const answers = acts.map(({ userId }) => answer(userId));
      return isLate ? Promise.resolve(answers) : answers;
    },
    takeBack: ({ userId, key }) => void told.push(["back", userId, key]),
    failed: (...args) => void told.push(args),
    endedUnpaid: (...args) => void told.push(args),
    buysFor: (...args) => void told.push(args),
  };
  return { risk, told, judged };
}

test("where nobody is judged the steps ask nothing", () => {
  const asks = new Proxy({} as Draft, {
    get() {
      throw new Error("nobody needs it");
    },
  });
  expect(createVerdictStep({ risk: nobodyJudged }).do([asks])).toBeNull();
  expect(createDocumentsStep({ risk: nobodyJudged, report() {} }).do([asks])).toBeNull();
});

for (const isLate of [false, true]) {
  test(`who is doubted is turned away, with the key free again, and nobody else${isLate ? "; also where judging takes a while" : ""}`, async () => {
    const { risk, judged } = createJudge((userId) => (userId === 2 ? refusal("ChallengeRequired") : null), isLate);
    const verdicts = await createVerdictStep({ risk }).do([draftOf(1), draftOf(2, granted), draftOf(2), draftOf(3)]);
    expect(verdicts).toEqual([null, null, failed(refusal("ChallengeRequired")), null]);
    // Who was given seats by the waitlist is not judged.
    expect(judged).toEqual([1, 2, 3]);
  });
}

test("what is refused later on is told, and what was our own fault taken back; not who was turned away, nor what the waitlist gave", async () => {
  const { risk, told } = createJudge((userId) => (userId === 4 ? refusal("ChallengeRequired") : null));
  const { do: judge, undo } = createVerdictStep({ risk });
  const soldOut = refused(refusal("SoldOut"));
  await undo!(draftOf(1), soldOut);
  await undo!(draftOf(2), failed(refusal("Overloaded")));
  await undo!(draftOf(3, granted), soldOut);
  await undo!(draftOf(3, granted), failed(refusal("Overloaded")));
  const turnedAway = draftOf(4);
  const [verdict] = (await judge([turnedAway]))!;
  await undo!(turnedAway, verdict as Ended);
  expect(told).toEqual([
    [1, 10, at],
    ["back", 2, "key of 2"],
  ]);
});

test("documents are told once each, one that is not proved as its account's own", () => {
  const { risk, told } = createJudge(() => null);
  const passenger = (documentHash: string, proof: "proved" | "unproved") => ({ passenger: { documentHash, proof } });
  const plans = [
    { passengers: [passenger("a", "proved"), passenger("b", "unproved")] },
    { passengers: [passenger("a", "proved")] },
  ];
  const draft = { ...draftOf(1), plans } as unknown as Draft;
  expect(
    createDocumentsStep({ risk, report() {} }).do([draft, { ...draftOf(2, granted), plans } as unknown as Draft]),
  ).toBeNull();
  expect(told).toEqual([[1, ["a", "b@1"], at]]);
});
