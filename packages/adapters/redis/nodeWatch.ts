/**
 * Which masters say nothing. While others answer, a master that has not answered a call for `silentMs` is taken for silent: what it was asked fails, and so
 * does at once whatever it is asked next, until it answers again or the cluster has another in its place. So who asks several masters waits for a
 * silent one once, and not with each batch.
 */
import { secondMs } from "@chepiao/kernel";

export type NodeWatch = Disposable & {
  /** Does the work that asks that node; rejects with NodeSilent as soon as the node is taken for silent. */
  guard<T>(node: string, work: () => Promise<T>): Promise<T>;
};

export type NodeWatchDeps = {
  /** Whether the node answers within a moment; true as well where the cluster has no such node any more. Never rejects. */
  readonly answers: (node: string) => Promise<boolean>;
  readonly silentMs?: number;
  readonly nowMs?: () => number;
};

export class NodeSilent extends Error {
  override readonly name = "NodeSilent";
}

type Asked = { readonly sinceMs: number; readonly reject: (error: NodeSilent) => void };
type Watched = { readonly asked: Set<Asked>; answeredMs: number; isSilent: boolean; isTried: boolean };

/** Long for an engine, and short for a buyer. */
const silentMsDefault = secondMs;
const lookEveryMs = 100;
/** This process itself stood still: what it has not read yet is no silence. */
const ownStallMs = 3 * lookEveryMs;

export function createNodeWatch({
  answers,
  silentMs = silentMsDefault,
  nowMs = () => performance.now(),
}: NodeWatchDeps): NodeWatch {
  const nodes = new Map<string, Watched>();
  let timer: ReturnType<typeof setInterval> | null = null;
  let lookedMs = 0;

  function watched(node: string): Watched {
    let known = nodes.get(node);
    if (!known) nodes.set(node, (known = { asked: new Set(), answeredMs: -Infinity, isSilent: false, isTried: false }));
    return known;
  }

  function look() {
    const now = nowMs();
    const hasStalled = now - lookedMs > ownStallMs;
    lookedMs = now;
    let isNeeded = false;
    for (const [name, node] of nodes) {
      if (node.isSilent) void tryAgain(name, node);
      else if (!hasStalled && isSilentAt(name, node, now)) takeForSilent(name, node);
      isNeeded ||= node.isSilent || node.asked.size > 0;
    }
    if (!isNeeded) stop();
  }

  /** Where none answers it is the cluster that is away, or we: that is for each call's own time to say. */
  function isSilentAt(name: string, { asked }: Watched, now: number): boolean {
    const [oldest] = asked;
    if (!oldest || now - oldest.sinceMs <= silentMs) return false;
    return [...nodes].some(([other, { answeredMs }]) => other !== name && answeredMs > oldest.sinceMs + silentMs / 2);
  }

  function takeForSilent(name: string, node: Watched) {
    node.isSilent = true;
    for (const { reject } of node.asked) reject(silent(name));
    node.asked.clear();
  }

  async function tryAgain(name: string, node: Watched) {
    if (node.isTried) return;
    node.isTried = true;
    node.isSilent = !(await answers(name));
    node.isTried = false;
  }

  const silent = (name: string) => new NodeSilent(`${name} says nothing`);

  function begin() {
    if (timer) return;
    lookedMs = nowMs();
    timer = setInterval(look, lookEveryMs);
    timer.unref();
  }
  function stop() {
    if (timer) clearInterval(timer);
    timer = null;
  }

  return {
    guard<T>(name: string, work: () => Promise<T>): Promise<T> {
      const node = watched(name);
      if (node.isSilent) return Promise.reject(silent(name));
      return new Promise<T>((resolve, reject) => {
        const asked: Asked = { sinceMs: nowMs(), reject };
        node.asked.add(asked);
        begin();
        const over = () => {
          node.asked.delete(asked);
          node.answeredMs = nowMs();
        };
        work().then(
          (answer) => {
            over();
            resolve(answer);
          },
          (error: unknown) => {
            node.asked.delete(asked);
            reject(error as Error);
          },
        );
      });
    },
    [Symbol.dispose]: stop,
  };
}
