/** Which gates there are: an operator adds one, and hands its key on. */
import { randomBytes } from "node:crypto";
import { gateNameForm } from "@chepiao/contracts";
import { formatInZone } from "@chepiao/kernel";
import type { Gate } from "@chepiao/ports/gate-store";
import { gateKeyHash } from "@chepiao/services/order";
import { CommandFailed, UsageError } from "../command.ts";
import { operatorActs } from "../operator.ts";
import { table } from "../table.ts";
import type { GateStores } from "./stores.ts";

type Say = (line: string) => void;

const keyBytes = 32;

export async function addGate(stores: GateStores, gateId: string, stationId: string, say: Say): Promise<void> {
  if (!new RegExp(gateNameForm).test(gateId))
    throw new UsageError(`"${gateId}" is no name of a gate: up to 32 letters, digits, - and _.`);
  const station = stores.timetable.station(stationId);
  if (!station) throw new CommandFailed(`The timetable does not know the station ${stationId}.`);
  const key = randomBytes(keyBytes).toString("base64url");
  const gate = { gateId, stationId, keyHash: gateKeyHash(key), addedAt: stores.clock.now(), retiredAt: null };
  const note = { action: "useGates", subject: `gate ${gateId}`, what: `add it at ${stationId}` } as const;
  await operatorActs(stores.auditTrail, note, async () => {
    if (!(await stores.gates.addGate(gate)))
      throw new CommandFailed(
        `There is, or was, a gate ${gateId}: what it said stays known under that name. Take another.`,
      );
  });
  say(`Gate ${gateId} is at ${station.name} (${stationId}). Its key is shown this once:`);
  say(`${gateId}:${key}`);
}

export async function retireGate(stores: GateStores, gateId: string, say: Say): Promise<void> {
  const note = { action: "useGates", subject: `gate ${gateId}`, what: "retire it" } as const;
  await operatorActs(stores.auditTrail, note, async () => {
    if (!(await stores.gates.retireGate(gateId, stores.clock.now())))
      throw new CommandFailed(`There is no gate ${gateId}.`);
  });
  say(`Gate ${gateId} is believed no more after 2 s. What it has said stands.`);
}

export async function showGates({ gates, timetable }: GateStores, say: Say): Promise<void> {
  const all = await gates.gates();
  if (all.length === 0) return say("There are no gates yet: gate add GATE --station STATION");
  const when = (at: Gate["retiredAt"]) => (at === null ? "" : formatInZone(at, timetable.zone));
  const rows = all.map(({ gateId, stationId, addedAt, retiredAt }) => [
    gateId,
    stationId,
    when(addedAt),
    when(retiredAt),
  ]);
  for (const line of table([["gate", "station", "added", "retired"], ...rows])) say(line);
}

/** One that may still say something. */
export async function gateNamed(stores: GateStores, gateId: string): Promise<Gate> {
  const gate = await gateEver(stores, gateId);
  if (gate.retiredAt !== null) throw noGate(gateId);
  return gate;
}

/** One that was retired, too. */
export async function gateEver({ gates }: GateStores, gateId: string): Promise<Gate> {
  const gate = (await gates.gates()).find((each) => each.gateId === gateId);
  if (!gate) throw noGate(gateId);
  return gate;
}

const noGate = (gateId: string) => new CommandFailed(`There is no gate ${gateId}: gate gates`);
