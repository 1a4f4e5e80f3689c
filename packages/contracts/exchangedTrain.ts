/** A train that on one day is another composition than the timetable says, as every process comes to the same version of it. */
import { assert } from "@chepiao/kernel";
import { areSameCoaches, type Composition } from "./composition.ts";
import type { TrainVersion } from "./clients.ts";

/** Above every version of a timetable. */
const perExchange = 10 ** 13;
/** As long as a list of them gets, with one to spare: with its length before it, the version stays a whole number. */
const placesMax = 10;

/** Two processes that both know it know by its version that they count the same seats. */
export function exchangedTrain(train: TrainVersion, composition: Composition): TrainVersion {
  const chain: Composition[] = [];
  for (let each: Composition | undefined = composition; each; each = each.replaces) chain.unshift(each);
  const place = chain.findIndex((each) => areSameCoaches(each, composition));
  assert(chain.length <= placesMax, `a run is a list of at most ${placesMax} compositions`);
  const nth = chain.length * placesMax + place;
  return { ...train, composition, trainVersionId: train.trainVersionId + nth * perExchange };
}

/** That of the timetable, which it has on other days. */
export const plannedVersionOf = ({ trainVersionId }: Pick<TrainVersion, "trainVersionId">): number =>
  trainVersionId % perExchange;
