/**
 * Keeps an eye on what a process cannot do without (engines) or would rather not (other roles): who waits for it can, `/readyz`
 * says what is missing and why, and the log tells when it goes and comes.
 */
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Readiness } from "../http/health.ts";
import type { Logger } from "../observe/index.ts";

/** Throws, saying why, while it is not there. */
export type Probe = () => Promise<void>;

export type Watch = AsyncDisposable & {
  /** Begins to look, and goes on. */
  add(name: string, probe: Probe, kind?: "needed" | "optional"): void;
  /** Resolves when it was seen for the first time; rejects with `Stopped` where the watch ends before that. */
  seen(name: string): Promise<void>;
  checks(): readonly Readiness[];
};

/** The process is told to stop before it has begun. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

export type WatchDeps = { readonly clock: Clock; readonly logger: Logger };

const probeEveryMs = 2 * secondMs;
/** Missing, it is looked for more often at first: what starts together with us comes soon. */
const missingFirstMs = 100;
const probeTimeoutMs = 5 * secondMs;
/** What connects in the background is not there at the first look, which is no news. */
const missesSaid = 3;
/** What stays missing is said again, for an operator who looks at the log only now. */
const sayAgainMs = 30 * secondMs;

type Watched = {
  readonly name: string;
  readonly probe: Probe;
  readonly optional: boolean;
  /** Null while it is there. */
  why: string | null;
  missedInARow: number;
  saidAt: number;
  cancel: () => void;
  readonly firstSeen: PromiseWithResolvers<void>;
};

export function createWatch({ clock, logger }: WatchDeps): Watch {
  const watched = new Map<string, Watched>();
  const probes = new Set<Promise<void>>();
  let stopped = false;

  async function probeOne(one: Watched) {
    const why = await reasonMissing(one.probe);
    if (stopped) return;
    tell(one, why);
    one.missedInARow = why === null ? 0 : one.missedInARow + 1;
    one.why = why;
    if (why === null) one.firstSeen.resolve();
    const pause = why === null ? probeEveryMs : Math.min(probeEveryMs, missingFirstMs * 2 ** (one.missedInARow - 1));
    one.cancel = clock.after(pause, () => probeNow(one));
  }

  function probeNow(one: Watched) {
    const probe: Promise<void> = probeOne(one).finally(() => probes.delete(probe));
    probes.add(probe);
  }

  async function reasonMissing(probe: Probe): Promise<string | null> {
    let cancel = () => {};
    const late = new Promise<string>((resolve) => {
      cancel = clock.after(probeTimeoutMs, () => resolve(`no answer within ${probeTimeoutMs / secondMs} seconds`));
    });
    const answer = probe().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return Promise.race([answer, late]).finally(cancel);
  }

  function tell(one: Watched, why: string | null) {
    const { name } = one;
    const now = clock.now();
    const service = "readiness";
    const missedBefore = one.missedInARow;
    if (why === null) {
      if (missedBefore >= missesSaid) logger.info({ service, message: `${name} is there` });
    } else if (missedBefore + 1 === missesSaid || (missedBefore >= missesSaid && now - one.saidAt >= sayAgainMs)) {
      one.saidAt = now;
      logger.warn({ service, message: `${name} is missing, looking for it: ${why}`, status: "failed" });
    }
  }

  return {
    add(name, probe, kind = "needed") {
      const firstSeen = Promise.withResolvers<void>();
      // Not everything that is watched is waited for.
      firstSeen.promise.catch(() => {});
      const one: Watched = {
        name,
        probe,
        optional: kind === "optional",
        why: "not looked for yet",
        missedInARow: 0,
        saidAt: 0,
        cancel: () => {},
        firstSeen,
      };
      watched.set(name, one);
      probeNow(one);
    },
    seen: (name) => watched.get(name)!.firstSeen.promise,
    checks: () =>
      [...watched.values()].map(({ name, why, optional }) => ({
        name,
        ready: why === null,
        ...(why === null ? {} : { why }),
        ...(optional ? { optional } : {}),
      })),
    async [Symbol.asyncDispose]() {
      stopped = true;
      for (const { cancel, firstSeen } of watched.values()) {
        cancel();
        firstSeen.reject(new Stopped("told to stop while waiting"));
      }
      await Promise.all(probes);
    },
  };
}
