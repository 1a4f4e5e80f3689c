/** What `chepiao repair` says of what it finds, and when it is content. */
import { expect, test } from "bun:test";
import type { RunId } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { RunRepaired } from "@chepiao/services/order";
import { compare, repair, repairCommand, type Repairing } from "./repair.ts";
import { UsageError } from "./command.ts";

const runIds = ["G1/2026-12-01", "G2/2026-12-01"] as RunId[];
const orders = (count: number) => Array.from({ length: count }, (_, n) => (n + 1) as OrderId);
const inLine: RunRepaired = { missing: [], unconfirmed: [], surplus: [], unexplained: [], blocked: [] };

function createTalk() {
  const lines: string[] = [];
  let pauses = 0;
  const say = (line: string) => void lines.push(line);
  return { lines, pauses: () => pauses, talk: { say, warn: say, pause: async () => void pauses++ } };
}

/** Each look at a run finds the next of its states; the last one stays. */
function repairingOf(states: Readonly<Record<string, readonly (RunRepaired | null)[]>>, unset = 0) {
  const probes = new Map<RunId, number>();
  const told: string[] = [];
  async function next(runId: RunId) {
    const n = probes.get(runId) ?? 0;
    probes.set(runId, n + 1);
    const known = states[runId] ?? [inLine];
    return known[Math.min(n, known.length - 1)]!;
  }
  async function* pages(what: string, ...counts: number[]) {
    told.push(what);
    yield* counts;
  }
  const repairing: Repairing = {
    repairer: { compareRun: next, repairRun: next },
    limits: () => pages("limits", 5_000, 12_000),
    keys: () => pages("keys"),
    lines: (only) => pages(["waitlist", ...(only ?? [])].join(" "), 7),
    withdrawn: async () => (told.push("withdrawn"), unset),
    quotas: async () => void told.push("quotas"),
  };
  return { repairing, probes, told };
}

test("a comparison names the runs that differ and what does, and its exit code says whether any", async () => {
  const { lines, talk } = createTalk();
  const found = { ...inLine, missing: orders(3), surplus: orders(1) };
  expect(await compare(repairingOf({ [runIds[0]!]: [found] }).repairing.repairer, runIds, talk)).toBe(1);
  expect(lines).toEqual([
    "G1/2026-12-01: 3 sold and for sale again, 1 given back and still taken",
    "seats: 2 of 2 runs",
    "1 of 2 runs differ.",
  ]);
  expect(await compare(repairingOf({}).repairing.repairer, runIds, talk)).toBe(0);
});

test("everything is repaired, and a run whose seats are in other hands is done again until they are not", async () => {
  const { lines, talk, pauses } = createTalk();
  const blocked = { ...inLine, missing: orders(2), blocked: orders(1) };
  const { repairing, probes, told } = repairingOf({ [runIds[1]!]: [blocked, blocked, inLine] });
  expect(await repair(repairing, runIds, true, talk)).toBe(0);
  expect([...probes.values()]).toEqual([1, 3]);
  expect(pauses()).toBe(2);
  expect(told).toEqual(["withdrawn", "quotas", "waitlist", "limits", "keys"]);
  expect(lines).toContain("waitlist: 7 needs, all");
  expect(lines).toContain("limits: 12000 orders, all");
});

test("what stays in other hands, or nobody can explain, is named at the end and fails", async () => {
  const { lines, talk, pauses } = createTalk();
  const blocked = { ...inLine, missing: orders(1), blocked: orders(1) };
  const strange = { ...inLine, unexplained: orders(1) };
  const states = { [runIds[0]!]: [blocked], [runIds[1]!]: [strange] };
  const { repairing, told } = repairingOf(states);
  expect(await repair(repairing, runIds, false, talk)).toBe(1);
  expect(pauses()).toBeLessThan(20);
  expect(told).toEqual(["withdrawn", "quotas", ["waitlist", ...runIds].join(" ")]);
  expect(lines.slice(-2)).toEqual([
    "G1/2026-12-01 still has sold seats in other hands: do it again in a while.",
    "G2/2026-12-01 needs an operator to look at it.",
  ]);
  expect(await repair(repairingOf({ [runIds[0]!]: [null] }).repairing, runIds, false, createTalk().talk)).toBe(1);
  const unset = createTalk();
  expect(await repair(repairingOf({}, 2).repairing, runIds, false, unset.talk)).toBe(1);
  expect(unset.lines.at(-1)).toContain("2 runs sell seats of coaches that are withdrawn");
});

test("a run that is none, and words that are nothing, are refused", async () => {
  for (const args of [["--run", "G1"], ["--run", "G1/2026-02-30"], ["--run", "G1/2026-12-01/2"], ["G1/2026-12-01"]])
    expect(await repairCommand.run(args).catch((error: unknown) => error)).toBeInstanceOf(UsageError);
});
