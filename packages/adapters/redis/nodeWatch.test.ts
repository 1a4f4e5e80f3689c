/** Who is taken for silent, and for how long. */
import { afterAll, expect, test } from "bun:test";
import { createNodeWatch, NodeSilent } from "./nodeWatch.ts";

const suspectMs = 200;
const cleanUp = new DisposableStack();
afterAll(() => cleanUp.dispose());

/** @param there which of the nodes answer when they are asked */
function watched(there: Set<string>) {
  const asked: string[] = [];
  const watch = cleanUp.use(
    createNodeWatch({
      async answers(node) {
        asked.push(node);
        return there.has(node);
      },
      anotherAnswers: async (node) => [...there].some((other) => other !== node),
      suspectMs,
    }),
  );
  const failureOf = (node: string, work: () => Promise<unknown>) =>
    watch.guard(node, work).then(
      () => null,
      (error: unknown) => error,
    );
  return { watch, asked, failureOf };
}
const never = () => new Promise<never>(() => {});

test("a master that says nothing while another does fails what it was asked, and at once what it is asked next", async () => {
  const { failureOf } = watched(new Set(["well"]));
  const startedAt = performance.now();
  expect(await Promise.all([failureOf("sick", never), failureOf("sick", never)])).toEqual([
    expect.any(NodeSilent),
    expect.any(NodeSilent),
  ]);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(suspectMs);
  let isAsked = false;
  expect(await failureOf("sick", async () => (isAsked = true))).toBeInstanceOf(NodeSilent);
  expect(isAsked).toBe(false);
});

test("where none answers nobody is taken for silent: that is for each call's own time to say", async () => {
  const { failureOf } = watched(new Set());
  const asked = failureOf("sick", never);
  const other = failureOf("other", never);
  expect(await Promise.race([asked, other, Bun.sleep(4 * suspectMs).then(() => "waits")])).toBe("waits");
});

test("a master that is slow, and answers when it is asked, is let be", async () => {
  const { watch, asked } = watched(new Set(["slow", "well"]));
  expect(await watch.guard("slow", () => Bun.sleep(3 * suspectMs).then(() => "late"))).toBe("late");
  expect(asked.length).toBeGreaterThan(0);
});

test("nobody is asked as long as answers come", async () => {
  const { watch, asked } = watched(new Set(["well"]));
  for (let n = 0; n < 20; n++) await watch.guard("well", () => Bun.sleep(20));
  expect(asked).toEqual([]);
});

test("who answers again, or is no master any more, is asked again", async () => {
  const there = new Set(["well"]);
  const { watch, failureOf } = watched(there);
  await failureOf("sick", never);
  there.add("sick");
  await Bun.sleep(2 * suspectMs);
  expect(await watch.guard("sick", async () => "done")).toBe("done");
});

test("what a master says is handed on, also that something went wrong", async () => {
  const { watch, failureOf } = watched(new Set());
  expect(await watch.guard("well", async () => 5)).toBe(5);
  expect(await failureOf("well", () => Promise.reject(new Error("WRONGTYPE")))).toEqual(new Error("WRONGTYPE"));
});
