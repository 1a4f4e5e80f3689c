/** The ticket room over HTTP: facts about a run, and the key that checks tickets. */
import {
  type Handlers,
  placesPerRow,
  refusal,
  type RunFacts,
  seatClasses,
  seatsOf,
  type ticketRoutes,
  type Timetable,
} from "@chepiao/contracts";
import { ok, parseServiceDate, refuse } from "@chepiao/kernel";

export type VerificationKey = { readonly algorithm: "Ed25519"; readonly keyId: string; readonly publicKeyPem: string };

export function createHandlers(
  timetable: Timetable,
  verificationKey: () => VerificationKey,
): Handlers<typeof ticketRoutes> {
  return {
    run({ params }) {
      const date = parseServiceDate(params.originDate);
      const run = date && timetable.run(params.trainNumber, date);
      if (!run) return refuse(refusal("RunUnknown"));
      const { trainNumber, trainType, composition, stops } = run.train;
      const body: RunFacts = {
        runId: run.runId,
        trainNumber,
        trainType,
        originDate: run.originDate,
        rollingStock: composition.code,
        coaches: composition.coaches.map(({ no, sections }) => ({
          no,
          sections: sections.map(({ seatClass, rows }) => ({
            seatClass,
            rows,
            places: rows * placesPerRow(seatClass),
          })),
        })),
        fares: seatClasses
          .filter((seatClass) => seatsOf(composition).has(seatClass))
          .map((seatClass) => ({
            seatClass,
            fullWayFen: timetable.fare(run, seatClass, 0, stops.length - 1, "adult"),
          })),
      };
      return ok({ status: 200, body });
    },
    verificationKey: () => ok({ status: 200, body: verificationKey() }),
  };
}
