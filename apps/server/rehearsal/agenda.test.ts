/** The agenda of a crowd keeps time: nobody comes early, nobody is forgotten, and who is put during a call comes later. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { createAgenda } from "./agenda.ts";

const hourMs = 3_600_000;

test("each row comes once, when it is due, also hours later", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: hourMs }), { minLength: 1, maxLength: 50 }), (dues) => {
      const agenda = createAgenda(dues.length, 0);
      for (const [row, due] of dues.entries()) agenda.put(row, due);
      const came = new Map<number, number>();
      for (let now = 0; now <= hourMs + 1_000; now += 997)
        agenda.due(now, (row) => {
          expect(came.has(row)).toBe(false);
          came.set(row, now);
        });
      expect(came.size).toBe(dues.length);
      for (const [row, due] of dues.entries()) {
        expect(came.get(row)!).toBeGreaterThanOrEqual(due);
        expect(came.get(row)!).toBeLessThan(due + 1_100);
      }
      expect(agenda.waiting()).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test("who is put for now while others are called comes with the next look", () => {
  const agenda = createAgenda(1, 0);
  const came: number[] = [];
  agenda.put(0, 10);
  agenda.due(10, (row) => {
    came.push(10);
    agenda.put(row, 0);
  });
  expect(came).toEqual([10]);
  agenda.due(20, () => void came.push(20));
  expect(came).toEqual([10, 20]);
});
