/** Legs in an address: read as they were written, and refused where it was broken. */
import { expect, test } from "bun:test";
import { type LegAddress, legsAddress, legsMax, readLegs } from "./legsAddress.ts";

const search = { from: "VNP", to: "上海", date: "2026-12-01" };
const leg: LegAddress = {
  trainNumber: "G1",
  originDate: "2026-12-01",
  from: "VNP",
  to: "NKH",
  seatClass: "second",
};
const queryOf = (address: string) => new URL(address, "http://site").searchParams;
const readText = (legs: string) => readLegs(new URLSearchParams({ legs }));

test("legs are read from an address as they were written", () => {
  const others: LegAddress[] = [
    leg,
    { ...leg, trainNumber: "D7.2~x", from: "de:08111:6115.1~A&B=%2E", to: "a,b c", seatClass: "hardSleeper" },
    { ...leg, trainNumber: "K8", to: "上海" },
  ];
  for (const legs of [[leg], others]) {
    const query = queryOf(legsAddress(legs, search));
    expect(readLegs(query)).toEqual(legs);
    expect(Object.fromEntries(["from", "to", "date"].map((name) => [name, query.get(name)]))).toEqual(search);
  }
  expect(queryOf(legsAddress([leg], search)).get("legs")).toBe("G1.20261201.VNP.NKH.second");
});

test("an address that was cut short or made by hand names no legs", () => {
  const good = "G1.20261201.VNP.NKH.second";
  expect(readLegs(new URLSearchParams())).toBeNull();
  expect(readText(Array.from({ length: legsMax + 1 }, () => good).join("~"))).toBeNull();
  for (const bad of [
    "",
    "~",
    `${good}~`,
    `${good}.more`,
    "G1.20261201.VNP.NKH",
    "G1.2026-12-01.VNP.NKH.second",
    "G1.20261201.VNP.NKH.third",
    "G1.20261201.%.NKH.second",
    ".20261201.VNP.NKH.second",
  ])
    expect(readText(bad)).toBeNull();
});
