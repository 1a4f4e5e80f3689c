/** What a page asks again, how often and when. */
import { expect, test } from "bun:test";
import { problemOf, type Refusal, refusal } from "@chepiao/contracts";
import { Refused, Unreachable } from "./api.ts";
import { createQueryClient } from "./queries.ts";

const refusedBy = (told: Refusal) => new Refused(problemOf(told, "en"));
const overloaded = (retryAfterSeconds: number) => refusedBy(refusal("Overloaded", { retryAfterSeconds }));

type Rules = {
  readonly retry: (failures: number, error: Error) => boolean;
  readonly retryDelay: (attempt: number, error: Error) => number;
};
/** When it is asked again, in milliseconds after each failure. */
function waits(error: Error, chance = 0): number[] {
  const { retry, retryDelay } = createQueryClient(() => chance).getDefaultOptions().queries as Rules;
  const found: number[] = [];
  while (found.length < 10 && retry(found.length, error)) found.push(retryDelay(found.length, error));
  return found;
}

test("a platform that is too busy is asked once more, not before it said, and not by all pages at once", () => {
  expect(waits(overloaded(6))).toEqual([6_000]);
  expect(waits(overloaded(6), 0.5)).toEqual([7_500]);
  expect(waits(overloaded(2), 0.5)).toEqual([2_500]);
  expect(waits(refusedBy(refusal("Overloaded")))).toHaveLength(1);
});

test("who is to wait for long is told so at once", () => {
  expect(waits(overloaded(11))).toEqual([]);
});

test("what is away for the moment is asked three times, further and further apart; a refusal never", () => {
  const away = [refusedBy(refusal("ServiceUnavailable")), new Unreachable("GET /api/policy")];
  for (const error of away) {
    expect(waits(error, 0.5)).toEqual([800, 1_600, 3_200]);
    expect(waits(error, 0)).toEqual([400, 800, 1_600]);
  }
  expect(waits(refusedBy(refusal("OrderUnknown")))).toEqual([]);
  expect(waits(refusedBy(refusal("TooManyRequests", { retryAfterSeconds: 2 })))).toEqual([]);
});

test("a page whose question was turned away asks once more, and then says so", async () => {
  const client = createQueryClient(() => 0);
  const { retry } = client.getDefaultOptions().queries as Rules;
  let asked = 0;
  const failed = client.fetchQuery({
    queryKey: ["busy"],
    retry,
    queryFn: () => {
      asked++;
      throw overloaded(0.01);
    },
  });
  expect(await failed.catch((error: unknown) => error)).toBeInstanceOf(Refused);
  expect(asked).toBe(2);
});
