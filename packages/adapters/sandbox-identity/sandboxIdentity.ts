/**
 * Stands in for the ministry's service on a platform that is practised with. It knows by name whom it is told of; of everybody else it
 * believes what they say, but for numbers that stand for what can happen. Those are resident ids (digits 15 to 17) and passports:
 *
 *   …990, passport X000…   nobody has that number
 *   …991, passport X111…   the name is another
 *   …992                   no answer, until the time for it is over
 *   …993                   the service is away
 *   passport X444…         not a kind that is known there
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import {
  comparedName,
  type Identity,
  type IdentityVerdict,
  type IdentityVerifier,
} from "@chepiao/ports/identity-verifier";

export type SandboxIdentityDeps = {
  readonly clock: Pick<Clock, "after">;
  readonly people: readonly Identity[];
  /** How long a user who saves a passenger waits at most. */
  readonly timeoutMs?: number;
};

const timeoutMsDefault = 2 * secondMs;

export function createSandboxIdentity({
  clock,
  people,
  timeoutMs = timeoutMsDefault,
}: SandboxIdentityDeps): IdentityVerifier {
  const names = new Map(people.map((person) => [person.documentNumber, comparedName(person.name)]));

  const tooLate = () =>
    new Promise<never>((_, reject) =>
      clock.after(timeoutMs, () =>
        reject(new ServiceUnavailable("the identity verifier", "it did not answer in time")),
      ),
    );

  return {
    async verify(identity) {
      const name = names.get(identity.documentNumber);
      if (name !== undefined) return name === comparedName(identity.name) ? "matches" : "differs";
      const behaviour = behaviourOf(identity);
      if (behaviour === "never") return tooLate();
      if (behaviour === "away") throw new ServiceUnavailable("the identity verifier", "it is being worked on");
      return behaviour;
    },
  };
}

function behaviourOf({ documentType, documentNumber }: Identity): IdentityVerdict | "never" | "away" {
  if (documentType === "passport") return ofPassports[documentNumber.slice(0, 4)] ?? "matches";
  return (documentNumber.length === 18 ? ofNumbers[documentNumber.slice(14, 17)] : undefined) ?? "matches";
}

const ofPassports: Readonly<Record<string, IdentityVerdict>> = { X000: "unknown", X111: "differs", X444: "notCovered" };
const ofNumbers: Readonly<Record<string, IdentityVerdict | "never" | "away">> = {
  "990": "unknown",
  "991": "differs",
  "992": "never",
  "993": "away",
};
