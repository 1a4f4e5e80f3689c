import { expect, test } from "bun:test";
import { seatsAtRest } from "./seatsAtRest.ts";

type Seats = { readonly taken: readonly number[]; readonly free: readonly (number | null)[] };

/** What books and searches answer one after the other; the last of them from then on. */
async function asked({ taken, free }: Seats, roundsMax = 5) {
  const answers = <T>(all: readonly T[], n = 0) => {
    return async () => all[Math.min(n++, all.length - 1)]!;
  };
  let rounds = 0;
  const wait = async () => void rounds++;
  const isLate = () => rounds >= roundsMax;
  return { ...(await seatsAtRest({ stock: 20, taken: answers(taken), free: answers(free), wait, isLate })), rounds };
}

test("what agrees at once is asked once", async () => {
  expect(await asked({ taken: [18], free: [2] })).toEqual({ taken: 18, free: 2, rounds: 1 });
});

test("a hold that runs out between books and search is no seat too many", async () => {
  expect(await asked({ taken: [18, 17], free: [3] })).toEqual({ taken: 17, free: 3, rounds: 2 });
});

test("a seat that is lost is not hidden by a hold that runs out", async () => {
  // 18 before and 2 free make 20 by chance: by then it is 17.
  expect(await asked({ taken: [18, 17], free: [2] })).toEqual({ taken: 17, free: 2, rounds: 5 });
});

test("a seat that is sold twice stays one too many, however often it is asked", async () => {
  expect(await asked({ taken: [18], free: [3] })).toEqual({ taken: 18, free: 3, rounds: 5 });
});

test("a search that says nothing once is asked again, and where it never does, nobody knows", async () => {
  expect(await asked({ taken: [18], free: [null, 2] })).toEqual({ taken: 18, free: 2, rounds: 2 });
  expect(await asked({ taken: [18], free: [null] })).toEqual({ taken: 18, free: null, rounds: 5 });
});

test("of books that were never at rest, nobody knows what is free", async () => {
  expect(await asked({ taken: [18, 17, 16, 15, 14, 13], free: [3, 4, 5, 6, 7] })).toMatchObject({ free: null });
});
