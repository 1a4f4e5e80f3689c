/** Holds as functions.lua reads and writes them. */
import {
  type HoldCommand,
  holdIn,
  holdNameOf,
  type HoldName,
  holdText,
  type RecordedHold,
  type SeatClass,
} from "@chepiao/contracts";
import type { KnownHold } from "@chepiao/ports/seat-store";
import { numbersIn } from "./answers.ts";
import { classNumber, type Layout, wishesText } from "./layout.ts";
import { channelLetter } from "./offers.ts";

export function textOf(
  { holdId, line, seatClass, fromStop, toStop, deadline, channel, preferences }: HoldCommand,
  runLayout: Layout,
): string {
  const name = holdText({ holdId, line });
  const how = `${channelLetter(channel)} ${wishesText(preferences)}`;
  return `${name} ${classNumber(runLayout, seatClass)} ${fromStop} ${toStop} ${deadline} ${how}`;
}

export function textOfRecorded(hold: RecordedHold, runLayout: Layout): string {
  const { seatClass, fromStop, toStop, deadline, seatIndexes } = hold;
  return `${holdText(hold)} ${classNumber(runLayout, seatClass)} ${fromStop} ${toStop} ${deadline ?? 0} ${seatIndexes.join(",")}`;
}

/** "class from to deadline state live seats", `live` a bit a seat; state g for a grant. */
export function knownHold(field: string, text: string, classes: readonly SeatClass[]): KnownHold {
  const [, , , , state, live, seats] = text.split(" ") as [string, string, string, string, string, string, string];
  const [cls, fromStop, toStop] = text.split(" ").map(Number) as [number, number, number];
  const isLive = (_: number, place: number) => (Number(live) & (1 << place)) !== 0;
  const seatIndexes = numbersIn(seats).filter(isLive);
  const isGrant = state === "g" && seatIndexes.length > 0;
  const way = { seatClass: classes[cls - 1]!, fromStop, toStop };
  return { ...holdIn(field), ...way, seatIndexes, isConfirmed: state === "c", ...(isGrant && { isGrant }) };
}

export const namesIn = (holds: readonly RecordedHold[], texts: readonly string[]): HoldName[] =>
  holds.filter((each) => texts.includes(holdText(each))).map(holdNameOf);

export const textOfRelease = (hold: HoldName, seatIndexes: readonly number[] | undefined): string =>
  seatIndexes ? `${holdText(hold)} ${seatIndexes.join(",")}` : holdText(hold);

export const seatsIn = (text: string): number[] => (text === "" ? [] : numbersIn(text));
