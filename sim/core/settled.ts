/** What a promise brings that waits for nothing but other promises: memory stores answer so. */
import { drainMicrotasks } from "bun:jsc";
import { assert } from "@chepiao/kernel";

export function settled<T>(promise: Promise<T>): T {
  let outcome: { readonly value: T } | { readonly error: unknown } | null = null;
  promise.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { error }),
  );
  drainMicrotasks();
  const found = outcome as { readonly value: T } | { readonly error: unknown } | null;
  assert(found !== null, "this waits for something that has yet to happen");
  if ("error" in found) throw found.error;
  return found.value;
}
