/** Work that the database undid so that another could go on. */
import { expect, test } from "bun:test";
import { againIfUndone } from "./errors.ts";

const undone = () => Object.assign(new Error("Lock wait timeout exceeded"), { code: "ER_LOCK_WAIT_TIMEOUT" });

test("what was undone is done again after a wait, and given up after eight tries", async () => {
  const waits: number[] = [];
  const wait = async (tries: number) => void waits.push(tries);
  let left = 2;
  expect(await againIfUndone(async () => (left-- > 0 ? Promise.reject(undone()) : "done"), wait)).toBe("done");
  expect(waits).toEqual([1, 2]);
  expect(againIfUndone(() => Promise.reject(undone()), wait)).rejects.toThrow("Lock wait timeout");
  await Bun.sleep(0);
  expect(waits).toEqual([1, 2, 1, 2, 3, 4, 5, 6, 7]);
});

test("what went wrong otherwise is not done again", async () => {
  let tries = 0;
  const work = async () => {
    tries++;
    throw new Error("no such table");
  };
  expect(againIfUndone(work, async () => undefined)).rejects.toThrow("no such table");
  expect(tries).toBe(1);
});

test("two that want each other's locks do not meet again and again", async () => {
  let busy = 0;
  // Whoever comes while the other is at it is undone, and so is the other.
  const work = () => async () => {
    const isAlone = ++busy === 1;
    await Bun.sleep(2);
    const wasAlone = isAlone && busy === 1;
    await Bun.sleep(2);
    busy--;
    if (!wasAlone) throw undone();
  };
  await Promise.all([againIfUndone(work()), againIfUndone(work())]);
});
