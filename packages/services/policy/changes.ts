/** What differs between two policies, a line a value, as an operator reads it before he puts one in force. */
import type { Policy } from "@chepiao/contracts";

export type PolicyDifference = { readonly path: string; readonly before: unknown; readonly after: unknown };

export function differencesOf(before: Policy, after: Policy): readonly PolicyDifference[] {
  return [...differing("", before, after)];
}

function* differing(path: string, before: unknown, after: unknown): Iterable<PolicyDifference> {
  if (!isObject(before) || !isObject(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) yield { path: path || "/", before, after };
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
    if (key !== "$schema") yield* differing(`${path}/${key}`, before[key], after[key]);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
