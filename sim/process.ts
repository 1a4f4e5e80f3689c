/**
 * A simulated process with some of the roles: the house that production opens, in a world of its own. It waits for what it needs,
 * reads its part of the log, does its part of the work, and answers people and other processes.
 */
import { type CallSpec, ServiceUnavailable } from "@chepiao/contracts";
import { type IdSource, secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { Leases } from "@chepiao/ports/lease";
import type { Log } from "@chepiao/ports/log";
import type { Implementations } from "@chepiao/ports/port";
import type { Random } from "@chepiao/ports/random";
import type { Vault } from "@chepiao/ports/vault";
import { beginHouseWork, type Bus, type Logger, openHouse } from "@chepiao/runtime";
import { type RoleName, roleTable } from "../apps/server/roles.ts";
import { rooms } from "../apps/server/rooms/index.ts";
import { createNodeIds } from "../apps/server/wiring/nodeIds.ts";
import { reporter } from "../apps/server/wiring/world.ts";
import { endpointsOf, type OrderRules, type Process, settingsOf, site } from "./endpoints.ts";

export type ProcessDeps = {
  readonly roles: readonly RoleName[];
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly logger: Logger;
  readonly ports: Implementations;
  readonly leases: Leases;
  readonly nodeLeases: Leases;
  readonly watched: (ids: IdSource) => IdSource;
  readonly log: Log;
  readonly rules: OrderRules;
  /** Where to look for a free node number first. */
  readonly node: number;
  /** Puts a question to a copy of the room that lives elsewhere; rejects where it is not answered in time. */
  readonly ask: (spec: CallSpec, question: string) => Promise<string>;
};

const tryAgainMs = secondMs / 2;
const triesMax = 6;
const firstPauseMs = 50;

export async function startProcess(deps: ProcessDeps): Promise<Process> {
  const { roles, clock, random, vault, logger, ports } = deps;
  const cleanUp = new AsyncDisposableStack();
  const report = reporter(logger);
  const ids = roles.some(roleTable.makesIds) ? await leasedIds() : noIds;
  const house = await whileThere(() =>
    openHouse(
      {
        clock,
        random,
        vault,
        ids,
        ports,
        setting: settingsOf(deps.rules),
        site,
        bus,
        isSingleProcess: false,
        report,
        log: (service) => (message) => logger.info({ service, message }),
      },
      rooms,
      roles.map((role) => roleTable.spec(role).rooms),
    ),
  );
  cleanUp.use(house);
  cleanUp.use(beginHouseWork(house, { clock, logger, leases: deps.leases, report }));
  for (const consumer of house.consumers) cleanUp.use(deps.log.consume(consumer));
  cleanUp.defer(house.endStreams);

  /** As the caller of production does: every call may be made twice, so one that was not answered is made again in its time. */
  function bus(): ReturnType<Bus> {
    return {
      async ask(spec, question) {
        const text = JSON.stringify(question);
        const until = clock.now() + spec.timeoutMs;
        for (let tries = 1; ; tries++) {
          try {
            return JSON.parse(await deps.ask(spec, text)) as never;
          } catch (error) {
            const pauseMs = firstPauseMs * 2 ** (tries - 1);
            const isLast = tries === triesMax || clock.now() + pauseMs >= until;
            if (!(error instanceof ServiceUnavailable) || isLast) throw error;
            await sleep(clock, pauseMs);
          }
        }
      },
    };
  }

  async function leasedIds(): Promise<IdSource> {
    const nodeIds = cleanUp.use(createNodeIds({ leases: deps.nodeLeases, clock, logger, from: deps.node }));
    const isThere = () =>
      nodeIds.assertLeased().then(
        () => true,
        () => false,
      );
    while (!(await isThere())) await sleep(clock, tryAgainMs / 5);
    return deps.watched(nodeIds.ids);
  }

  async function whileThere<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof ServiceUnavailable)) throw error;
        await sleep(clock, tryAgainMs);
      }
    }
  }

  return { ...endpointsOf(house), stop: () => cleanUp.disposeAsync() };
}

const outOfPlace = (): never => {
  throw new Error("this role gives out no ids");
};
const noIds: IdSource = { orderId: outOfPlace, rowId: outOfPlace, skipPast: outOfPlace };
