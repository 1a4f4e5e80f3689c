/** What goes wrong at a rehearsal, as it was ordered: at which second after the opening, which process, and whether it is dead or silent. */
import { type RoleName, roles } from "../roles.ts";

export type Fault = {
  readonly atSeconds: number;
  readonly how: "kill" | "pause";
  /** Null: the platform that is one process. */
  readonly role: RoleName | null;
};

/** Of one that happened: when all of the platform answered again, from the opening. */
export type FaultFigures = Fault & { readonly overAtSeconds: number | null };

/** For so long a process that is silent says nothing. */
export const silentSeconds = 5;
export const faultsMax = 20;

/** `20:kill,35:pause:queue`; null where it cannot be read. A role is named where the platform has roles. */
export function parseFaults(text: string, engines: "cluster" | "embedded"): readonly Fault[] | null {
  const faults = text.split(",").map((each) => parseFault(each, engines));
  const known = faults.filter((each) => each !== null);
  if (known.length < faults.length || known.length > faultsMax) return null;
  return known.toSorted((a, b) => a.atSeconds - b.atSeconds);
}

function parseFault(text: string, engines: "cluster" | "embedded"): Fault | null {
  const [, at, how, name] = /^(-?\d{1,4}):(kill|pause)(?::([a-zA-Z]+))?$/.exec(text) ?? [];
  if (at === undefined || (name === undefined) !== (engines === "embedded")) return null;
  const role = name === undefined ? null : roles.find((each) => each === name);
  return role === undefined ? null : { atSeconds: Number(at), how: how as Fault["how"], role };
}

export const faultText = ({ atSeconds, how, role }: Fault): string =>
  `${atSeconds}:${how}${role === null ? "" : `:${role}`}`;
