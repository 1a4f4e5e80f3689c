/** What a composition that replaces another does with the seats of that one. */
import { expect, test } from "bun:test";
import {
  type Coach,
  type Composition,
  isGrownFrom,
  presentSeatsOf,
  replacedInTurn,
  seatCountsBefore,
  seatLabel,
  seatsOf,
  standingParent,
} from "./composition.ts";
import type { SeatClass } from "./vocabulary.ts";

const coach = (no: number, ...sections: readonly [SeatClass, number][]): Coach => ({
  no,
  sections: sections.map(([seatClass, rows]) => ({ seatClass, rows })),
});
const labels = (composition: Composition, seatClass: SeatClass) =>
  seatsOf(composition)
    .get(seatClass)
    ?.map((seat) => seatLabel(seatClass, seat).replaceAll("\u2060", ""));
const before: Composition = { code: "A", coaches: [coach(1, ["business", 1], ["second", 1]), coach(2, ["second", 1])] };

test("a place that both compositions have is one seat, with the index that it had; what is new comes behind, as it is printed", () => {
  const after = {
    code: "B",
    coaches: [coach(1, ["first", 1], ["second", 1]), coach(2, ["second", 2])],
    replaces: before,
  };
  expect(labels(before, "second")).toEqual(
    ["0102A", "0102B", "0102C", "0102D", "0102F", "0201A", "0201B", "0201C", "0201D", "0201F"].map(
      (text) => `${text.slice(0, 2)}车${text.slice(2)}`,
    ),
  );
  expect(labels(after, "second")).toEqual([
    ...labels(before, "second")!,
    ...["A", "B", "C", "D", "F"].map((mark) => `02车02${mark}`),
  ]);
  expect(labels(after, "business")).toEqual(labels(before, "business"));
  expect(labels(after, "first")).toEqual(["01车01A", "01车01C", "01车01D", "01车01F"]);
  expect([...seatsOf(after).keys()]).toEqual(["business", "second", "first"]);
  for (const seats of seatsOf(after).values()) expect(seats.map(({ index }) => index)).toEqual([...seats.keys()]);
  expect(Object.fromEntries(seatCountsBefore(after))).toEqual({ business: 3, second: 10, first: 0 });
});

test("a composition is grown from those that it replaces, one after the other, and from no other", () => {
  const second = { code: "B", coaches: [coach(2, ["second", 2])], replaces: before };
  const third = { code: "C", coaches: [coach(1, ["business", 1]), coach(3, ["second", 1])], replaces: second };
  const sameSeats = { ...before, code: "A again" };
  expect([before, second, sameSeats, third].map((each) => isGrownFrom(third, each))).toEqual([true, true, true, false]);
  expect(isGrownFrom(third, { code: "D", coaches: [coach(1, ["second", 1])] })).toBe(false);
  expect(isGrownFrom({ code: "E", coaches: [coach(2, ["second", 1])], replaces: before }, before)).toBe(false);
  expect(labels(third, "second")!.slice(-5)).toEqual(["A", "B", "C", "D", "F"].map((mark) => `03车01${mark}`));
});

test("what the train has of them are its own places; of a composition that comes back those are its seats, by the numbers that they had", () => {
  const other = { code: "B", coaches: [coach(2, ["second", 2])] };
  const exchanged = replacedInTurn([before, other]);
  const present = (composition: Composition, seatClass: SeatClass) =>
    presentSeatsOf(composition)
      .get(seatClass)
      ?.map(({ index }) => index);
  expect(present(before, "second")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([present(exchanged, "business"), present(exchanged, "second")]).toEqual([
    [],
    [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  ]);
  const back = replacedInTurn([before, other, before]);
  expect([seatsOf(back), present(back, "second"), present(back, "business")]).toEqual([
    seatsOf(exchanged),
    present(before, "second"),
    [0, 1, 2],
  ]);
});

test("who may stand once which seats are gone is as it was before", () => {
  const standing = { code: "A", coaches: [coach(1, ["second", 1], ["standing", 2])] };
  expect(standingParent({ code: "B", coaches: [coach(1, ["hardSeat", 3])], replaces: standing })).toBe("second");
  expect(standingParent({ code: "C", coaches: [coach(1, ["hardSeat", 1], ["standing", 1])], replaces: before })).toBe(
    "hardSeat",
  );
});
