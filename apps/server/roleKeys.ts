/**
 * Which of the platform's keys each role is given: what its rooms say that they work with, and what it shows to those it asks. An attacker who
 * takes over a gateway reads no document and signs no ticket; one who takes over a role that sells opens no seal.
 */
import type { KeyNeeds } from "@chepiao/adapters/crypto";
import { paymentProvidersPort } from "@chepiao/ports/payment-provider";
import type { KeyUse, RoomSpec } from "@chepiao/room";
import { insideLabels } from "@chepiao/runtime";
import { seedsSecret } from "@chepiao/services/queue";
import { type RoleName, type RoleTable, roles, rolesOf } from "./roles.ts";
import { bankSecretLabel } from "./rooms/bank.ts";
import { rooms as allRooms } from "./rooms/index.ts";

/** Commands look accounts, documents and phones up by their fingerprints, and announce queues; they open nothing. */
const commands = "commands";
const keysOfCommands: readonly KeyUse[] = ["fingerprint", `secret ${seedsSecret}`];
/** One of them asks providers for their statements, too. */
const secretsOfStatements: readonly KeyUse[] = [`secret ${bankSecretLabel}`];

/** Whom a file can be made for: a role, or the commands that work beside them. */
export const keyHolders: readonly string[] = [...roles, commands];

/** What a process with these roles needs. */
export function keyNeeds(holders: readonly string[], rooms: readonly RoomSpec[] = allRooms): KeyNeeds {
  return needsOf(
    holders.flatMap((holder) =>
      holder === commands ? [...keysOfCommands, ...secretsOfStatements] : usesOf(holder, rooms),
    ),
  );
}

/** Without which no command begins: a file that was made before there were statements is good for all others. */
export const keysOfAnyCommand = (): KeyNeeds => needsOf(keysOfCommands);

function needsOf(keyUses: readonly KeyUse[]): KeyNeeds {
  const uses = new Set(keyUses);
  return {
    sealing: uses.has("sealing"),
    fingerprint: uses.has("fingerprint"),
    signing: uses.has("signing"),
    publicKeys: uses.has("publicKeys"),
    secrets: [...uses].flatMap((use) => (use.startsWith("secret ") ? [use.slice("secret ".length)] : [])),
  };
}

const secret = (label: string): KeyUse => `secret ${label}`;

function usesOf(role: RoleName, rooms: readonly RoomSpec[]): readonly KeyUse[] {
  const table = rolesOf(rooms);
  const own = rooms.flatMap((room) => {
    const parts = table.spec(role).rooms[room.name] ?? [];
    const takesMoney = parts.length > 0 && Object.values(room.needs).includes(paymentProvidersPort);
    return [...parts.flatMap((part) => room.keys?.[part] ?? []), ...(takesMoney ? [secret(bankSecretLabel)] : [])];
  });
  return [...own, ...insideKeysOf(role, table).map(secret)];
}

/** Of those who call it, of those it calls, and of what a gateway passes on. */
function insideKeysOf(role: RoleName, table: RoleTable): readonly string[] {
  const passedOn = role === "gateway" ? table.names.filter(table.isPublic) : table.isPublic(role) ? [role] : [];
  return [
    ...passedOn.map(insideLabels.passing),
    ...table.called(role).map((room) => insideLabels.calling(role, room)),
    ...table
      .answered(role)
      .flatMap((room) => table.callersOf(room).map((caller) => insideLabels.calling(caller, room))),
  ];
}
