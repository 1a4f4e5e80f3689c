/** Whether this page is proving that no program sits before it: said while it takes. */
import { useSyncExternalStore } from "react";

let underWay = 0;
const listeners = new Set<() => void>();

export async function whileChecking<T>(check: () => Promise<T>): Promise<T> {
  count(1);
  try {
    return await check();
  } finally {
    count(-1);
  }
}

function count(more: number): void {
  underWay += more;
  for (const listener of listeners) listener();
}

export const useIsChecking = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => underWay > 0,
  );
