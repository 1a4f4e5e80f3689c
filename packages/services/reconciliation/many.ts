/** Very many differences of a kind are one fault, such as a statement that came empty: one case, and not one each. Pure. */
import { createHash } from "node:crypto";
import { type ServiceDate, toBase32 } from "@chepiao/kernel";
import type { CaseFacts } from "@chepiao/ports/reconciliation-store";
import { caseIdOf, type Difference } from "./difference.ts";

export const differencesOfAKindMax = 1_000;

/** Where a kind has more on a channel than anybody looks at, their number and their sums stand for them. */
export function withManyInOne(day: ServiceDate, differences: readonly Difference[]): readonly Difference[] {
  const groups = Map.groupBy(differences, ({ kind, facts }) => `${kind} ${facts["channel"] ?? ""}`);
  return [...groups.values()].flatMap((same) => (same.length > differencesOfAKindMax ? [inOne(day, same)] : same));
}

function inOne(day: ServiceDate, same: readonly Difference[]): Difference {
  const { kind, facts } = same[0]!;
  const channel = facts["channel"] ?? null;
  const sums = ["booksFen", "statedFen", "diffFen"].filter((name) => facts[name] !== undefined);
  return {
    kind,
    subject: [...(channel === null ? [] : [channel]), day].join(" "),
    facts: {
      channel,
      day,
      count: same.length,
      ...(Object.fromEntries(sums.map((name) => [name, sumOf(same, name)])) as CaseFacts),
      // Others of the same number and sum are another difference.
      digest: digestOf(same),
    },
  };
}

const sumOf = (same: readonly Difference[], name: string): number =>
  same.reduce((sum, { facts }) => sum + Number(facts[name] ?? 0), 0);

const digestLength = 10;
const digestOf = (same: readonly Difference[]): string => {
  const ids = same.map((each) => `${caseIdOf(each)} ${JSON.stringify(each.facts)}`).toSorted();
  return toBase32(createHash("sha256").update(ids.join("\n")).digest()).slice(0, digestLength);
};
