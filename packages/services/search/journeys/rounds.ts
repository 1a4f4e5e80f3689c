/**
 * Journeys by rounds (RAPTOR): rides from where one starts, then what can be reached from there with one change more. A round looks at each
 * train once. Besides the arrival a ride is judged by its departure and its fare, and by the seats that are for sale now: seats are asked
 * for inside of the rounds, and only for what no way found so far is as good as.
 */
import { createBounds } from "./bounds.ts";
import type { Steps } from "./budget.ts";
import { createWaiting, type Label, type Queue, type Waiting } from "./labels.ts";
import { floorMax, type Network } from "./network.ts";
import { createKnown, createStaircase, type Found, type Ride, type Staircase, undominated } from "./plans.ts";
import type { Question, Tail } from "./question.ts";
import type { Rides } from "./rides.ts";
import type { TransferRules } from "./rules.ts";
import { waitMaxS } from "./rules.ts";
import type { Calls } from "./calls.ts";

/** Of a train that is looked at, and of a way that is thought of. */
const lookSteps = 0.25;
const labelSteps = 0.25;

export function findJourneys(
  network: Network,
  calls: Calls,
  question: Question,
  rules: TransferRules,
  rides: Rides,
  steps: Steps,
): readonly Found[] {
  const { patterns } = network;
  const { from, to, seatClass } = question;
  const isInside = (station: number) => !from.has(station) && !to.has(station);

  /** What it costs; false where its last ride, or one before it, cannot be bought. */
  function resolve(label: Label): label is Label & { readonly rides: readonly Ride[] } {
    if (label.rides !== null) return label.rides !== false;
    const ride = rides.best(label.runKey, label.fromStop, label.toStop);
    if (!ride || (label.before && !resolve(label.before))) {
      label.rides = false;
      return false;
    }
    label.rides = [...(label.before ? (label.before.rides as readonly Ride[]) : []), ride];
    label.fareFen = (label.before?.fareFen ?? 0) + ride.fareFen;
    return true;
  }

  /** Every ride that begins where and when one starts. */
  function firstRides(): { readonly direct: Label[]; readonly others: Label[] } {
    const direct: Label[] = [];
    const others: Label[] = [];
    for (const { runKey, pattern, stop, dayStartS } of calls.boardings()) {
      const { stations, departs, arrives, alights } = patterns[pattern]!;
      for (let last = stop + 1; last < stations.length; last++) {
        const station = stations[last]!;
        const isThere = to.has(station);
        if (!alights[last] || (!isThere && from.has(station)) || !network.isShortest(pattern, stop, last)) continue;
        (isThere ? direct : others).push({
          departS: dayStartS + departs[stop]!,
          arriveS: dayStartS + arrives[last]!,
          station,
          before: null,
          runKey,
          pattern,
          fromStop: stop,
          toStop: last,
          fareFen: -1,
          rides: null,
        });
      }
    }
    return { direct: direct.sort((one, other) => one.arriveS - other.arriveS), others };
  }

  const floorOf = ({ pattern, fromStop, toStop }: Label) => network.floorOf(pattern, fromStop, toStop, seatClass);

  function isAllowed(found: readonly Ride[]): boolean {
    const most = Math.floor(rules.perUserRun / question.passengers);
    const isWithin = (ride: Ride) => found.filter(({ runKey }) => runKey === ride.runKey).length <= most;
    if (!found.every(isWithin)) return false;
    const { perDocumentDay } = rules;
    if (perDocumentDay === 0 || found.length <= perDocumentDay) return true;
    const days = found.map((ride) => calls.boardingDate(ride.runKey, ride.from));
    return days.every((day) => days.filter((other) => other === day).length <= perDocumentDay);
  }

  function directPlans(direct: readonly Label[]): Found[] {
    const stairs = createStaircase();
    const found: Found[] = [];
    for (const label of direct) {
      if (--steps.left <= 0) break;
      if (stairs.covers(label.departS, floorOf(label)) || !resolve(label)) continue;
      if (stairs.covers(label.departS, label.fareFen)) continue;
      stairs.add(label.departS, label.fareFen);
      found.push(planOf(label, label.rides, label.arriveS));
    }
    return found;
  }

  const planOf = ({ departS }: Label, of: readonly Ride[], arriveS: number): Found => ({
    departS,
    arriveS,
    fareFen: of.reduce((sum, { fareFen }) => sum + fareFen, 0),
    changes: of.length - 1,
    rides: of,
  });

  /** One train, and in one class another seat from some stop on: where no seat of the class is free all the way. */
  function splitOf(label: Label, stairs: Staircase): Found | null {
    const { runKey, pattern, fromStop, toStop, departS, arriveS } = label;
    const { boards, alights } = patterns[pattern]!;
    const stops: number[] = [];
    let floor = floorMax;
    for (let stop = fromStop + 1; stop < toStop; stop++) {
      if (!boards[stop] || !alights[stop]) continue;
      if (!network.isShortest(pattern, fromStop, stop) || !network.isShortest(pattern, stop, toStop)) continue;
      stops.push(stop);
      const sum =
        network.floorOf(pattern, fromStop, stop, seatClass) + network.floorOf(pattern, stop, toStop, seatClass);
      floor = Math.min(floor, sum);
    }
    if (stops.length === 0 || stairs.covers(departS, floor)) return null;
    const best = rides.split(runKey, fromStop, toStop, stops);
    return best && isAllowed(best) ? planOf(label, best, arriveS) : null;
  }

  /** Every way to go on, from where one is, by a train that calls where one wants to go. */
  function lastRides(
    waiting: readonly (Waiting | undefined)[],
    tails: readonly Tail[],
    before: readonly Found[],
    splits: readonly Label[],
  ): Found[] {
    const stairs = createStaircase();
    const found: Found[] = [];
    const sooner = before.toSorted((one, other) => one.arriveS - other.arriveS);
    let [nextSooner, nextSplit] = [0, 0];
    const keep = (plan: Found) => {
      if (stairs.covers(plan.departS, plan.fareFen)) return;
      stairs.add(plan.departS, plan.fareFen);
      found.push(plan);
    };

    /** What arrives by then is what a way has to be better than. */
    function upTo(arriveS: number) {
      for (; nextSooner < sooner.length && sooner[nextSooner]!.arriveS <= arriveS; nextSooner++)
        stairs.add(sooner[nextSooner]!.departS, sooner[nextSooner]!.fareFen);
      for (; nextSplit < splits.length && splits[nextSplit]!.arriveS <= arriveS; nextSplit++) {
        if (--steps.left <= 0) return;
        const plan = splitOf(splits[nextSplit]!, stairs);
        if (plan) keep(plan);
      }
    }

    function board({ labels, ready, cheapest }: Queue, tail: Tail, stop: number) {
      const { pattern, runKey, stop: last, arriveS } = tail;
      const boardS = tail.dayStartS + patterns[pattern]!.departs[stop]!;
      let fareFen = network.floorOf(pattern, stop, last, seatClass);
      if (fareFen === floorMax) return;
      let ride: Ride | null = null;
      for (let n = 0; n < labels.length; n++) {
        const label = labels[n]!;
        if (stairs.covers(label.departS, cheapest[n]! + fareFen)) return;
        steps.left--;
        if (label.rides === false || label.runKey === runKey) continue;
        if (ready[n]! > boardS || boardS - label.arriveS > waitMaxS) continue;
        if (stairs.covers(label.departS, label.fareFen + fareFen)) continue;
        ride ??= rides.best(runKey, stop, last);
        if (!ride) return;
        fareFen = ride.fareFen;
        if (!resolve(label)) continue;
        const all = [...label.rides, ride];
        if (isAllowed(all)) keep(planOf(label, all, arriveS));
      }
    }

    for (const tail of tails) {
      steps.left -= lookSteps;
      if (steps.left <= 0) break;
      upTo(tail.arriveS);
      const { stations, boards, departs } = patterns[tail.pattern]!;
      for (let stop = tail.stop - 1; stop >= 0 && steps.left > 0; stop--) {
        const here = waiting[stations[stop]!];
        if (!here || !boards[stop]) continue;
        const boardS = tail.dayStartS + departs[stop]!;
        if (boardS < here.firstS || boardS > here.lastS || !network.isShortest(tail.pattern, stop, tail.stop)) continue;
        board(here.queue(), tail, stop);
      }
    }
    upTo(Infinity);
    return found;
  }

  /** What can be reached with a second train, as far as any train goes on from there in time to be worth it. */
  function middleRides(
    waiting: readonly (Waiting | undefined)[],
    tails: readonly Tail[],
    before: readonly Found[],
  ): Label[] {
    const known = createKnown(before);
    steps.left -= tails.length;
    if (steps.left <= 0) return [];
    const bounds = createBounds(network, tails, rules, isInside, seatClass);
    const [firstS, lastS] = waiting.reduce(
      ([first, last], here) => (here ? [Math.min(first, here.firstS), Math.max(last, here.lastS)] : [first, last]),
      [Infinity, -Infinity],
    );
    const labels: Label[] = [];
    /** Those on the train, and where each got on. */
    const aboard: Label[] = [];
    const aboardFrom: number[] = [];
    const arrivesBest = new Float64Array(256);

    function alight(runKey: number, pattern: number, stop: number, arriveS: number) {
      const station = patterns[pattern]!.stations[stop]!;
      const bestS = bounds.arrives(station, arriveS);
      if (bestS === Infinity) return;
      const tailFen = bounds.fareFen(station);
      for (let n = 0; n < aboard.length && steps.left > 0; n++) {
        steps.left--;
        const rider = aboard[n]!;
        const fromStop = aboardFrom[n]!;
        const fareFen = rider.fareFen + network.floorOf(pattern, fromStop, stop, seatClass);
        if (fareFen >= floorMax || known.covers(rider.departS, bestS, fareFen + tailFen)) continue;
        if (!network.isShortest(pattern, fromStop, stop)) continue;
        const { departS } = rider;
        labels.push({
          departS,
          arriveS,
          station,
          before: rider,
          runKey,
          pattern,
          fromStop,
          toStop: stop,
          fareFen,
          rides: null,
        });
      }
    }

    function board(here: Queue, runKey: number, stop: number, boardS: number) {
      let cheapestFen = Infinity;
      for (let n = 0; n < here.labels.length; n++) {
        const label = here.labels[n]!;
        if (here.cheapest[n]! >= cheapestFen) return;
        if (known.covers(label.departS, arrivesBest[stop]!, here.cheapest[n]!)) return;
        steps.left--;
        if (label.rides === false || label.runKey === runKey || label.fareFen >= cheapestFen) continue;
        if (here.ready[n]! > boardS || boardS - label.arriveS > waitMaxS || !resolve(label)) continue;
        if (label.fareFen >= cheapestFen) continue;
        cheapestFen = label.fareFen;
        aboard.push(label);
        aboardFrom.push(stop);
      }
    }

    /** The first stop of a train at which anybody waits for it; most trains have none. */
    function firstBoarding(pattern: number, dayStartS: number): number {
      const { stations, boards, departs } = patterns[pattern]!;
      for (let stop = 0; stop < stations.length - 1; stop++) {
        const here = waiting[stations[stop]!];
        if (!here || !boards[stop]) continue;
        const boardS = dayStartS + departs[stop]!;
        if (boardS >= here.firstS && boardS <= here.lastS) return stop;
      }
      return -1;
    }

    for (const { runKey, pattern, dayStartS } of calls.running(firstS, lastS)) {
      steps.left -= lookSteps;
      if (steps.left <= 0) break;
      const { stations, boards, alights, arrives, departs } = patterns[pattern]!;
      const first = firstBoarding(pattern, dayStartS);
      if (first < 0) continue;
      steps.left--;
      let bestS = Infinity;
      for (let stop = stations.length - 1; stop >= first; stop--) {
        arrivesBest[stop] = bestS;
        if (alights[stop]) bestS = Math.min(bestS, bounds.arrives(stations[stop]!, dayStartS + arrives[stop]!));
      }
      if (bestS === Infinity) continue;
      aboard.length = 0;
      aboardFrom.length = 0;
      for (let stop = first; stop < stations.length && steps.left > 0; stop++) {
        if (aboard.length > 0 && alights[stop]) alight(runKey, pattern, stop, dayStartS + arrives[stop]!);
        const here = waiting[stations[stop]!];
        if (!here || !boards[stop] || arrivesBest[stop] === Infinity) continue;
        const boardS = dayStartS + departs[stop]!;
        if (boardS >= here.firstS && boardS <= here.lastS) board(here.queue(), runKey, stop, boardS);
      }
    }
    return labels;
  }

  const { direct, others } = firstRides();
  const found = directPlans(direct);
  steps.left -= others.length * labelSteps;
  if (steps.left <= 0) return undominated(found);
  const tails = calls.tails(others.reduce((first, { departS }) => Math.min(first, departS), Infinity));
  steps.left -= tails.length * lookSteps;
  const isTailStation = calls.boardedBy(tails);
  const wait = (labels: readonly Label[], isOfUse: (station: number) => boolean) =>
    createWaiting(network, labels, rules, (station) => isInside(station) && isOfUse(station), floorOf, steps);
  const waiting = wait(others, question.changesMax > 1 ? () => true : isTailStation);
  found.push(...lastRides(waiting, tails, found, direct));
  if (question.changesMax > 1) {
    const best = undominated(found);
    const reached = middleRides(waiting, tails, best);
    found.push(...lastRides(wait(reached, isTailStation), tails, best, []));
  }
  return undominated(found);
}
