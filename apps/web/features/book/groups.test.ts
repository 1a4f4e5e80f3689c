/** Groups of passengers: named, chosen, and nobody else's. */
import { beforeEach, expect, test } from "bun:test";
import type { Passenger } from "@chepiao/contracts";
import { noteDevice } from "../../lib/device.ts";
import { createStorage } from "../../lib/testing.ts";
import {
  groupsMax,
  hasGroup,
  keepGroups,
  keptGroups,
  membersOf,
  type PassengerGroup,
  withGroup,
  withoutGroup,
} from "./groups.ts";

beforeEach(() => {
  globalThis.localStorage = createStorage();
  globalThis.sessionStorage = createStorage();
});

const family: PassengerGroup = { name: "Family", passengerIds: [3, 1, 2] };

test("a group has a name and somebody in it; one of the same name gives way, and there are not more than can be shown", () => {
  expect(withGroup([], { name: " Family ", passengerIds: [1] })).toEqual([{ name: "Family", passengerIds: [1] }]);
  expect(withGroup([family], { name: "Family", passengerIds: [4] })).toEqual([{ name: "Family", passengerIds: [4] }]);
  expect(withGroup([family], { name: "  ", passengerIds: [4] })).toEqual([family]);
  expect(withGroup([family], { name: "Empty", passengerIds: [] })).toEqual([family]);
  let many: readonly PassengerGroup[] = [];
  for (let n = 0; n <= groupsMax; n++) many = withGroup(many, { name: `group ${n}`, passengerIds: [n] });
  expect([many.length, many[0]!.name]).toEqual([groupsMax, "group 1"]);
  expect(withoutGroup([family], "Family")).toEqual([]);
});

test("who is saved no more is no member any more, and a party that is a group already is not named again", () => {
  const saved = [1, 3, 9].map((passengerId) => ({ passengerId }) as Passenger);
  expect(membersOf(family, saved)).toEqual([3, 1]);
  expect([hasGroup([family], [1, 2, 3]), hasGroup([family], [1, 2]), hasGroup([family], [1, 2, 4])]).toEqual([
    true,
    false,
    false,
  ]);
});

test("groups are their owner's, are kept on an own device alone, and what is no group is none", () => {
  noteDevice(true);
  keepGroups(7, [family]);
  expect([keptGroups(7), keptGroups(8)]).toEqual([[family], []]);
  localStorage.setItem("chepiao.groups.8", JSON.stringify([{ name: "x", passengerIds: ["1"] }]));
  expect(keptGroups(8)).toEqual([]);
  noteDevice(false);
  keepGroups(9, [family]);
  expect([sessionStorage.getItem("chepiao.groups.9") !== null, localStorage.getItem("chepiao.groups.9")]).toEqual([
    true,
    null,
  ]);
});
