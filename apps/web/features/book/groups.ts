/**
 * Groups of saved passengers with a name, such as a family. The account has no place for them: they are kept in this browser, for the
 * person who is logged in, and go with the session as tickets do on a device that is not one's own.
 */
import type { Passenger } from "@chepiao/contracts";
import { groupsKey, ticketArea } from "../../lib/device.ts";
import { isRecord, keep, kept } from "../../lib/storage.ts";

export type PassengerGroup = { readonly name: string; readonly passengerIds: readonly number[] };
type Groups = readonly PassengerGroup[];

/** A row of buttons, not a list to search. */
export const groupsMax = 10;
export const groupNameLettersMax = 20;

const isGroup = (value: unknown): value is PassengerGroup =>
  isRecord(value) &&
  typeof value["name"] === "string" &&
  Array.isArray(value["passengerIds"]) &&
  value["passengerIds"].every((id) => typeof id === "number");
const areGroups = (value: unknown): value is Groups => Array.isArray(value) && value.every(isGroup);

export const keptGroups = (userId: number): Groups => kept(ticketArea(), groupsKey(userId), areGroups) ?? [];
export const keepGroups = (userId: number, groups: Groups): void => keep(ticketArea(), groupsKey(userId), groups);

/** A group of the same name gives way. */
export function withGroup(groups: Groups, { name, passengerIds }: PassengerGroup): Groups {
  const named = { name: name.trim().slice(0, groupNameLettersMax), passengerIds };
  if (named.name === "" || passengerIds.length === 0) return groups;
  return [...withoutGroup(groups, named.name), named].slice(-groupsMax);
}

export const withoutGroup = (groups: Groups, name: string): Groups => groups.filter((group) => group.name !== name);

/** Those who are still saved, in the order of the group. */
export const membersOf = ({ passengerIds }: PassengerGroup, saved: readonly Passenger[]): readonly number[] =>
  passengerIds.filter((id) => saved.some(({ passengerId }) => passengerId === id));

const isSameParty = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((id) => other.includes(id));

export const hasGroup = (groups: Groups, party: readonly number[]): boolean =>
  groups.some(({ passengerIds }) => isSameParty(passengerIds, party));
