/** Who is taken for silent, and for how long. */
import { afterAll, expect, test } from "bun:test";
import { createNodeWatch, NodeSilent } from "./nodeWatch.ts";

const silentMs = 300;
const cleanUp = new DisposableStack();
afterAll(() => cleanUp.dispose());

function watched(answers: () => Promise<boolean> = () => new Promise(() => {})) {
  const watch = cleanUp.use(createNodeWatch({ answers, silentMs }));
  const well = async (forMs: number) => {
    for (const until = performance.now() + forMs; performance.now() < until; await Bun.sleep(20))
      await watch.guard("well", async () => "done");
  };
  const failureOf = (node: string, work: () => Promise<unknown>) =>
    watch.guard(node, work).then(
      () => null,
      (error: unknown) => error,
    );
  return { watch, well, failureOf };
}
const never = () => new Promise<never>(() => {});

test("a master that says nothing while others answer fails what it was asked, and at once what it is asked next", async () => {
  const { well, failureOf } = watched();
  const startedAt = performance.now();
  const asked = failureOf("sick", never);
  await Promise.all([asked, well(3 * silentMs)]);
  expect(await asked).toBeInstanceOf(NodeSilent);
  let isAsked = false;
  const next = await failureOf("sick", async () => (isAsked = true));
  expect(next).toBeInstanceOf(NodeSilent);
  expect(isAsked).toBe(false);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(silentMs);
});

test("where none answers nobody is taken for silent: that is for each call's own time to say", async () => {
  const { failureOf } = watched();
  const asked = failureOf("sick", never);
  const other = failureOf("other", never);
  expect(await Promise.race([asked, other, Bun.sleep(4 * silentMs).then(() => "waits")])).toBe("waits");
});

test("a master that is slow, and answers all the same, is let be", async () => {
  const { watch, well } = watched();
  const slow = watch.guard("slow", () => Bun.sleep(silentMs / 2).then(() => "late"));
  const [answer] = await Promise.all([slow, well(silentMs)]);
  expect(answer).toBe("late");
});

test("who answers again, or is no master any more, is asked again", async () => {
  let isBack = false;
  const { watch, well, failureOf } = watched(async () => isBack);
  await Promise.all([failureOf("sick", never), well(3 * silentMs)]);
  isBack = true;
  await well(silentMs);
  expect(await watch.guard("sick", async () => "done")).toBe("done");
});

test("what a master says is handed on, also that something went wrong", async () => {
  const { watch, failureOf } = watched();
  expect(await watch.guard("well", async () => 5)).toBe(5);
  expect(await failureOf("well", () => Promise.reject(new Error("WRONGTYPE")))).toEqual(new Error("WRONGTYPE"));
});
