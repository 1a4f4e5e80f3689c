/**
 * Which masters say nothing. One that has not answered a call for a while is asked, and another with it; where it is silent and the other is not, it is
 * taken for silent: what it was asked fails, and so does at once whatever it is asked next, until it answers again or the cluster has another in its
 * place. So who asks several masters waits for a silent one once, and not with each batch.
 */
export type NodeWatch = Disposable & {
  /** Does the work that asks that node; rejects with NodeSilent as soon as the node is taken for silent. */
  guard<T>(node: string, work: () => Promise<T>): Promise<T>;
};

export type NodeWatchDeps = {
  /** Whether some other node does, within the same moment. Never rejects. */
  readonly anotherAnswers: (node: string) => Promise<boolean>;
  /** Whether the node answers within a moment; true as well where the cluster has no such node any more. Never rejects. */
  readonly answers: (node: string) => Promise<boolean>;
  /** A call that is not answered for so long is a reason to ask. */
  readonly suspectMs?: number;
  readonly nowMs?: () => number;
};

export class NodeSilent extends Error {
  override readonly name = "NodeSilent";
}

type Asked = { readonly sinceMs: number; readonly reject: (error: NodeSilent) => void };
type Watched = { readonly asked: Set<Asked>; isSilent: boolean; isTried: boolean };

/** With the moment in which it is asked, long for an engine and short for a buyer. */
const suspectMsDefault = 300;
const lookEveryMs = 100;

export function createNodeWatch({
  answers,
  anotherAnswers,
  suspectMs = suspectMsDefault,
  nowMs = () => performance.now(),
}: NodeWatchDeps): NodeWatch {
  const nodes = new Map<string, Watched>();
  let timer: ReturnType<typeof setInterval> | null = null;

  function watched(node: string): Watched {
    let known = nodes.get(node);
    if (!known) nodes.set(node, (known = { asked: new Set(), isSilent: false, isTried: false }));
    return known;
  }

  function checkNodes() {
    const now = nowMs();
    let isNeeded = false;
    for (const [name, node] of nodes) {
      if (node.isSilent || isSuspect(node, now)) void ask(name, node);
      isNeeded ||= node.isSilent || node.asked.size > 0;
    }
    if (!isNeeded) stop();
  }

  function isSuspect({ asked }: Watched, now: number): boolean {
    const [oldest] = asked;
    return oldest !== undefined && now - oldest.sinceMs > suspectMs;
  }

  /** Where none answers it is the cluster that is away, or we, or this process has stood still: that is for each call's own time to say. */
  async function ask(name: string, node: Watched) {
    if (node.isTried) return;
    node.isTried = true;
    const [isThere, isAnother] = await Promise.all([answers(name), node.isSilent || anotherAnswers(name)]);
    node.isTried = false;
    if (isThere) node.isSilent = false;
    else if (isAnother && !node.isSilent) takeForSilent(name, node);
  }

  function takeForSilent(name: string, node: Watched) {
    node.isSilent = true;
    for (const { reject } of node.asked) reject(silent(name));
    node.asked.clear();
  }

  const silent = (name: string) => new NodeSilent(`${name} says nothing`);

  function begin() {
    if (timer) return;
    timer = setInterval(checkNodes, lookEveryMs);
    timer.unref();
  }
  function stop() {
    if (timer) clearInterval(timer);
    timer = null;
  }

  return {
    async guard<T>(name: string, work: () => Promise<T>): Promise<T> {
      const node = watched(name);
      if (node.isSilent) throw silent(name);
      const { promise: gone, reject } = Promise.withResolvers<never>();
      const asked: Asked = { sinceMs: nowMs(), reject };
      node.asked.add(asked);
      begin();
      try {
        return await Promise.race([work(), gone]);
      } finally {
        node.asked.delete(asked);
      }
    },
    [Symbol.dispose]: stop,
  };
}
