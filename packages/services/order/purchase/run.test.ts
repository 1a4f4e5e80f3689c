/** How purchases are taken through steps: onward together, back alone and backwards, and answered once. */
import { expect, test } from "bun:test";
import { refusal, ServiceUnavailable } from "@chepiao/contracts";
import { createPrng, epochMs, ok, type OrderId, orderNoOf, refuse, type UserId } from "@chepiao/kernel";
import { requestOf } from "../order.twin.ts";
import { createRun } from "./run.ts";
import {
  type Answer,
  type Draft,
  failed,
  overloaded,
  refused,
  type Step,
  unknown,
  type Verdict,
  verdictsOf,
} from "./step.ts";

const draftOf = (n: number, pass: string | null = null): Draft => ({
  command: {
    userId: n as UserId,
    key: `k${n}`,
    requestHash: "h",
    lines: [requestOf(n)],
    asker: { address: "127.0.0.1", device: null, pass, proof: null, session: null },
  },
  orderId: (n * 2_048) as OrderId,
  orderNo: orderNoOf((n * 2_048) as OrderId),
  at: epochMs(0),
  isAgain: false,
  change: null,
  trains: null,
  rules: null,
  payBy: null,
  plans: null,
  held: null,
  order: null,
});
const drafts = [1, 2, 3].map((n) => draftOf(n));

type Told = Partial<Pick<Step, "do" | "undo" | "inBackground">>;

/** A road of steps that let everybody through unless told otherwise, and what happened on it. */
function createRoad(told: Readonly<Record<string, Told>>, mayBeOrder = false) {
  const happened: string[] = [];
  const outcomes = new Map<number, Answer>();
  const reports: string[] = [];
  const steps = Object.entries(told).map(([name, step]): Step => ({
    name,
    do(some) {
      happened.push(`${name} ${some.map(({ command }) => command.userId).join()}`);
      return step.do?.(some) ?? null;
    },
    undo:
      step.undo === null
        ? null
        : async (draft, ended) => {
            happened.push(`undo ${name} ${draft.command.userId} ${ended.kind}`);
            await step.undo?.(draft, ended);
          },
    ...(step.inBackground && { inBackground: step.inBackground }),
  }));
  function settle({ command }: Draft, answer: Answer) {
    expect(outcomes.has(command.userId)).toBe(false);
    outcomes.set(command.userId, answer);
  }
  const run = createRun(steps, {
    accepted: (draft) => settle(draft, accepted(draft.command.userId)),
    settle,
    mayBeOrder: async () => mayBeOrder,
    report: (message) => void reports.push(message),
  });
  return { run, happened, outcomes, reports };
}

/** The second of them alone. */
const second =
  (verdict: Verdict): Step["do"] =>
  (some) =>
    some.map(({ command }) => (command.userId === 2 ? verdict : null));
const accepted = (n: number): Answer => ok({ status: 202, body: n });
const broken = () => Promise.reject(new Error("the port is broken"));

test("who is let through by every step is answered with the order", async () => {
  const { run, happened, outcomes } = createRoad({ a: {}, b: {} });
  await run(drafts);
  expect(happened).toEqual(["a 1,2,3", "b 1,2,3"]);
  expect([...outcomes]).toEqual([1, 2, 3].map((n) => [n, accepted(n)]));
});

test("what a port refuses is refused under its key for good; what it could not decide fails, and may be asked again", () => {
  const asked = drafts.map((draft) => ({ ...draft, plans: [{}] as unknown as NonNullable<Draft["plans"]> }));
  const verdicts = verdictsOf(asked, [ok(undefined), refuse(refusal("SoldOut")), refuse(overloaded)]);
  expect(verdicts).toMatchObject([null, { kind: "refused" }, { kind: "failed", refusal: { code: "Overloaded" } }]);
  expect(verdicts).not.toContainEqual(expect.objectContaining({ inPart: true }));
});

test("steps with nothing to wait for are not waited for: the answers are there when the call returns", () => {
  const { run, outcomes } = createRoad({ a: {}, b: { do: (some) => some.map(() => null) }, c: {} });
  void run(drafts);
  expect(outcomes.size).toBe(3);
});

test("one that is refused leaves alone: what it took is undone from the last step backwards, and then it is answered", async () => {
  const { run, happened, outcomes } = createRoad({
    a: {},
    b: {},
    c: { do: second(refused(refusal("SoldOut"))) },
    d: {},
  });
  await run(drafts);
  expect(happened).toEqual(["a 1,2,3", "b 1,2,3", "c 1,2,3", "undo b 2 refused", "undo a 2 refused", "d 1,3"]);
  expect(outcomes.get(2)).toEqual(refuse(refusal("SoldOut")));
  expect([outcomes.get(1), outcomes.get(3)]).toEqual([accepted(1), accepted(3)]);
});

test("one of which nobody knows what became is answered and keeps what it took", async () => {
  const { run, happened, outcomes } = createRoad({
    a: {},
    b: { do: second(unknown(refusal("ServiceUnavailable"))) },
    c: {},
  });
  await run(drafts);
  expect(happened).toEqual(["a 1,2,3", "b 1,2,3", "c 1,3"]);
  expect(outcomes.get(2)).toEqual(refuse(refusal("ServiceUnavailable")));
});

test("one that fails may have taken something in the very step that failed", async () => {
  const { run, happened, outcomes } = createRoad({ a: {}, b: { do: second(failed(refusal("Internal"))) }, c: {} });
  await run(drafts);
  expect(happened).toEqual(["a 1,2,3", "b 1,2,3", "undo b 2 failed", "undo a 2 failed", "c 1,3"]);
  expect(outcomes.get(2)).toEqual(refuse(refusal("Internal")));
});

test("a step that throws fails the batch, with its own undone too, and is reported once", async () => {
  for (const [thrown, code] of [
    [new Error("a bug"), "Internal"],
    [new ServiceUnavailable("Redis", "it is away"), "ServiceUnavailable"],
  ] as const) {
    const now = () => {
      throw thrown;
    };
    const later = () => Promise.reject(thrown);
    for (const doing of [now, later]) {
      const { run, happened, outcomes, reports } = createRoad({ a: {}, b: { do: doing }, c: {} });
      await run(drafts.slice(0, 2));
      const undone = ["undo a 1 failed", "undo a 2 failed", "undo b 1 failed", "undo b 2 failed"];
      expect(happened.slice(2).sort()).toEqual(undone);
      expect([...outcomes.values()]).toMatchObject([{ error: { code } }, { error: { code } }]);
      expect(reports).toEqual(["purchases could not be decided: b"]);
    }
  }
});

test("one that was answered before took nothing, hears the same, and holds nobody up", async () => {
  let tell: (answer: Answer) => void = () => {};
  const answer = new Promise<Answer>((resolve) => {
    tell = resolve;
  });
  const { run, happened, outcomes } = createRoad({ a: { do: second({ kind: "known", answer }) }, b: {} });
  await run(drafts);
  expect([...outcomes.keys()]).toEqual([1, 3]);
  tell(refuse(refusal("SaleClosed")));
  await answer;
  expect(outcomes.get(2)).toEqual(refuse(refusal("SaleClosed")));
  expect(happened).toEqual(["a 1,2,3", "b 1,3"]);
});

test("a step without an undo takes nothing, and is passed over on the way back", async () => {
  const { run, happened } = createRoad({ a: {}, b: { undo: null }, c: { do: second(refused(refusal("SoldOut"))) } });
  await run(drafts);
  expect(happened.slice(3)).toEqual(["undo a 2 refused"]);
});

test("the next batch does not wait for a step in the background, and what fails there is undone as anywhere", async () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { run, happened, outcomes } = createRoad({ a: {}, b: { inBackground: true, do: () => opened.then(broken) } });
  await run(drafts.slice(0, 1));
  await run(drafts.slice(1, 2));
  expect([happened, outcomes.size]).toEqual([["a 1", "b 1", "a 2", "b 2"], 0]);
  open();
  await Bun.sleep(0);
  expect(happened.slice(4).sort()).toEqual([
    "undo a 1 failed",
    "undo a 2 failed",
    "undo b 1 failed",
    "undo b 2 failed",
  ]);
  expect(outcomes.size).toBe(2);
});

test("a refusal that cannot be carried out is a failure: everything is undone once more, and it is answered as one", async () => {
  let times = 0;
  const { run, happened, outcomes, reports } = createRoad({
    a: {},
    b: { undo: () => (times++ === 0 ? broken() : Promise.resolve()) },
    c: { do: second(refused(refusal("SoldOut"))) },
  });
  await run(drafts);
  expect(happened.slice(3)).toEqual([
    "undo b 2 refused",
    "undo a 2 refused",
    "undo c 2 failed",
    "undo b 2 failed",
    "undo a 2 failed",
  ]);
  expect(outcomes.get(2)).toEqual(refuse(refusal("Internal")));
  expect(reports.length).toBe(1);
});

test("who cannot give back what a purchase took keeps it from no answer, and each is told of", async () => {
  const throws = () => {
    throw new Error("at once");
  };
  const { run, outcomes, reports } = createRoad({ a: { undo: throws }, b: { undo: broken }, c: { do: broken } });
  await run(drafts.slice(0, 1));
  expect(outcomes.get(1)).toEqual(refuse(refusal("Internal")));
  expect(reports.length).toBe(3);
});

test("a pass is a row: who has none is turned away behind the key, and nothing of the plan is asked", async () => {
  const pass: Told = {
    do: (some) => some.map(({ command }) => (command.asker.pass === "let in" ? null : refused(refusal("NotAllowed")))),
    undo: null,
  };
  const { run, happened, outcomes } = createRoad({ key: {}, pass, plan: {} });
  await run([draftOf(1, "let in"), draftOf(2), draftOf(3, "an old one")]);
  expect(happened).toEqual(["key 1,2,3", "pass 1,2,3", "undo key 2 refused", "undo key 3 refused", "plan 1"]);
  expect([1, 2, 3].map((n) => outcomes.get(n)!.ok)).toEqual([true, false, false]);
});

test("each is answered once and holds what it took or nothing, whatever its steps say, throw and fail to undo", async () => {
  const seed = Number(process.env["SEED"] ?? 20261122);
  for (let n = seed; n < seed + 300; n++) {
    const prng = createPrng(n);
    const taken = new Set<string>();
    const named = (step: string, draft: Draft) => `${step} ${draft.command.userId}`;
    const anyVerdict = (): Verdict | null => {
      if (prng.chance(0.7)) return null;
      return prng.pick([refused, failed])(refusal("SoldOut"));
    };
    const road = createRoad(
      Object.fromEntries(
        ["a", "b", "c", "d"].map((step): [string, Told] => [
          step,
          {
            do(some) {
              const verdicts = some.map(anyVerdict);
              for (const [at, draft] of some.entries())
                if (verdicts[at]?.kind !== "refused") taken.add(named(step, draft));
              if (prng.chance(0.1)) throw new Error("after it was done");
              return prng.chance(0.5) ? verdicts : Promise.resolve(verdicts);
            },
            async undo(draft) {
              if (prng.chance(0.5)) await Promise.resolve();
              taken.delete(named(step, draft));
            },
            ...(step === "d" && { inBackground: true as const }),
          },
        ]),
      ),
    );
    const batch = Array.from({ length: 6 }, (_, at) => draftOf(at + 1));
    await road.run(batch.slice(0, 3));
    await road.run(batch.slice(3));
    await Bun.sleep(0);
    expect([n, road.outcomes.size]).toEqual([n, 6]);
    for (const draft of batch) {
      const { ok: isAccepted } = road.outcomes.get(draft.command.userId)!;
      const holds = ["a", "b", "c", "d"].filter((step) => taken.has(named(step, draft)));
      expect([n, draft.command.userId, holds]).toEqual([
        n,
        draft.command.userId,
        isAccepted ? ["a", "b", "c", "d"] : [],
      ]);
    }
  }
});

test("one whose earlier attempt may be an order takes nothing back, and is told to ask again", async () => {
  const refusing = { a: {}, b: { do: second({ kind: "refused", refusal: refusal("RunCancelled") }) } } as const;
  const again = () => drafts.map((draft) => ({ ...draft, isAgain: true }));
  const ordered = createRoad(refusing, true);
  await ordered.run(again());
  expect(ordered.happened).toEqual(["a 1,2,3", "b 1,2,3"]);
  expect(ordered.outcomes.get(2)).toEqual(refuse(overloaded));
  const lost = createRoad(refusing, false);
  await lost.run(again());
  expect(lost.happened).toContain("undo a 2 refused");
  expect(lost.outcomes.get(2)).toEqual(refuse(refusal("RunCancelled")));
});
