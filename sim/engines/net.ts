/**
 * The network between processes, and from people to them: a replica of a role is asked, and may be dead, or cut off, or lose what is
 * on its way.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import type { Life } from "../core/life.ts";
import { fairWeather, type Outside, type Reach, type Weather } from "../core/reach.ts";

/** A process that can be asked. */
export type Replica<Process> = { readonly role: string; readonly life: Life; readonly process: Process };

export type Net<Process> = {
  readonly weather: Weather;
  /** Opens and closes the way from one role, or from people, to another. */
  cut(from: string, to: string, isCut: boolean): void;
  /** Cuts nobody off any more. */
  heal(): void;
  /** Who answers for a role now, and who does no more. */
  open(replica: Replica<Process>): void;
  close(life: Life): void;
  replicas(role: string): readonly Replica<Process>[];
  /** @param from who asks: a role, or people */
  ask<T>(
    life: Life,
    from: string,
    role: string,
    what: string,
    timeoutMs: number,
    args: readonly unknown[],
    work: (process: Process) => Promise<T> | T,
  ): Promise<T>;
};

export function createNet<Process>(reach: Reach): Net<Process> {
  const weather = fairWeather();
  const replicasOf = new Map<string, Replica<Process>[]>();
  const cuts = new Set<string>();

  function link(from: string, role: string, life: Life | null, timeoutMs: number): Outside {
    return {
      name: `net ${role}`,
      wayUs: 300,
      timeoutUs: timeoutMs * 1_000,
      mayHang: true,
      weather,
      unavailable: (why) => new ServiceUnavailable(role, why),
      // What is sent to a process that sleeps is read when it wakes up; a dead machine's system refuses.
      presence: () =>
        !life?.isAlive() ? "away" : cuts.has(`${from} ${role}`) || cuts.has(`* ${role}`) ? "silent" : "there",
      // What could not be delivered is given up.
      whenBack: () => {},
    };
  }

  return {
    weather,
    cut(from, to, isCut) {
      if (isCut) cuts.add(`${from} ${to}`);
      else cuts.delete(`${from} ${to}`);
    },
    heal: () => cuts.clear(),
    open(replica) {
      const known = replicasOf.get(replica.role) ?? [];
      replicasOf.set(replica.role, [...known.filter(({ life }) => life.isAlive()), replica]);
    },
    close(life) {
      for (const [role, replicas] of replicasOf)
        replicasOf.set(
          role,
          replicas.filter((replica) => replica.life !== life),
        );
    },
    replicas: (role) => (replicasOf.get(role) ?? []).filter(({ life }) => life.isAlive()),
    ask<T>(
      life: Life,
      from: string,
      role: string,
      what: string,
      timeoutMs: number,
      args: readonly unknown[],
      work: (process: Process) => Promise<T> | T,
    ) {
      const replicas = replicasOf.get(role) ?? [];
      // Who has just died is still asked now and then.
      const living = replicas.filter((replica) => replica.life.isAlive());
      const choice = living.length > 0 && life.chance.chance(0.95) ? living : replicas;
      const replica = choice[life.chance.below(Math.max(1, choice.length))];
      return reach(life, link(from, role, replica?.life ?? null, timeoutMs), what, args, () => {
        // A process that sleeps takes the question up when it wakes.
        const { promise, resolve, reject } = Promise.withResolvers<T>();
        replica!.life.after(0, what, () => {
          Promise.resolve()
            .then(() => work(replica!.process))
            .then(resolve, reject);
        });
        return promise;
      });
    },
  };
}
