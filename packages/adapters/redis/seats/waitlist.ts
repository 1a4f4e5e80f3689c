/** Who waits for a run, as waitlist.lua reads it and as functions.lua tells what became of it. */
import {
  classesOfNeed,
  type FreedSeats,
  type Grant,
  holdIn,
  holdText,
  type Need,
  type NeedGroup,
  type OverdueHold,
  type SeatClass,
  type WaitlistStep,
} from "@chepiao/contracts";
import { classNumber, type Layout, wishesText } from "./layout.ts";

const classesText = (seatClasses: readonly SeatClass[], layout: Layout): string =>
  seatClasses.map((seatClass) => classNumber(layout, seatClass)).join(",");

/** "id classes from to place wishes". */
export function textOfNeed(need: Need, layout: Layout): string {
  const { fromStop, toStop, place, preferences } = need;
  const classes = classesText(classesOfNeed(need), layout);
  return `${holdText(need)} ${classes} ${fromStop} ${toStop} ${place} ${wishesText(preferences)}`;
}

/** "classes from to party needs", with the names of the classes. */
export function groupIn(text: string): NeedGroup {
  const [wanted, ...numbers] = text.split(" ") as [string, ...string[]];
  const [fromStop, toStop, partySize, needs] = numbers.map(Number) as [number, number, number, number];
  return { seatClasses: wanted.split(",") as SeatClass[], fromStop, toStop, partySize, needs };
}

/** "class from to seats" of what came back or "-", then "id class from to seats" of each grant, with ";" between. */
export function stepIn(text: string): Pick<WaitlistStep, "freed" | "grants"> {
  const [freed, ...grants] = text.split(";") as [string, ...string[]];
  return { freed: freed === "-" ? null : seatsIn(freed), grants: grants.map(grantIn) };
}

function grantIn(text: string): Grant {
  const space = text.indexOf(" ");
  return { ...holdIn(text.slice(0, space)), ...seatsIn(text.slice(space + 1)) };
}

function seatsIn(text: string): FreedSeats {
  const [seatClass, from, to, seats] = text.split(" ") as [SeatClass, string, string, string];
  return {
    seatClass,
    fromStop: Number(from),
    toStop: Number(to),
    seatIndexes: seats.split(",").map(Number),
  };
}

/** "id", or "id g" for a grant. */
export function nameIn(text: string): Omit<OverdueHold, "runId"> {
  return text.endsWith(" g") ? { ...holdIn(text.slice(0, -2)), isGrant: true } : holdIn(text);
}
