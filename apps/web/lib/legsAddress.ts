/** Several trains as the address of a booking names them: `legs=G1.20261201.VNP.NKH.second~…`, one order for all of them. */
import type { SeatClass } from "@chepiao/contracts";
import { seatClassesOffered } from "./seatClasses.ts";

export type LegAddress = {
  readonly trainNumber: string;
  readonly originDate: string;
  /** Station ids. */
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
};

/** The search that they were found by, to go back to. */
export type LegsSearch = { readonly from: string; readonly to: string; readonly date: string };

export const legsMax = 3;

/** A class by the name that it has in an address. */
export const seatClassNamed = (text: string): SeatClass | null =>
  seatClassesOffered.find((each) => each === text) ?? null;

/** Ids of feeds may have any letter in them, and so those that part legs and their fields, too. */
const escaped = (text: string): string => encodeURIComponent(text).replaceAll(".", "%2E").replaceAll("~", "%7E");

const legText = ({ trainNumber, originDate, from, to, seatClass }: LegAddress): string =>
  [trainNumber, originDate.replaceAll("-", ""), from, to, seatClass].map(escaped).join(".");

/** Where they are bought. */
export function legsAddress(legs: readonly LegAddress[], { from, to, date }: LegsSearch): string {
  return `/book?${new URLSearchParams({ from, to, date, legs: legs.map(legText).join("~") }).toString()}`;
}

/** Null where there is none, or one of them cannot be read: the address was cut short or made by hand. */
export function readLegs(query: URLSearchParams): readonly LegAddress[] | null {
  const texts = query.get("legs")?.split("~") ?? [];
  if (texts.length === 0 || texts.length > legsMax) return null;
  const legs = texts.map(readLeg);
  return legs.every((leg) => leg !== null) ? legs : null;
}

function readLeg(text: string): LegAddress | null {
  const [trainNumber, day, from, to, className, ...rest] = text.split(".").map(unescaped);
  const date = /^(\d{4})(\d{2})(\d{2})$/.exec(day ?? "");
  const seatClass = seatClassNamed(className ?? "");
  if (!trainNumber || !date || !from || !to || !seatClass || rest.length > 0) return null;
  return { trainNumber, originDate: date.slice(1).join("-"), from, to, seatClass };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
