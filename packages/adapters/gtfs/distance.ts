/** Distances along the way, for fares: as the feed gives them, else from where the stations are, else from the time it takes. */
export type Point = { readonly latitude: number; readonly longitude: number };

const earthRadiusM = 6_371_000;
const radians = Math.PI / 180;

export function greatCircleM(a: Point, b: Point): number {
  const dLatitude = (b.latitude - a.latitude) * radians;
  const dLongitude = (b.longitude - a.longitude) * radians;
  const haversine =
    Math.sin(dLatitude / 2) ** 2 +
    Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * Math.sin(dLongitude / 2) ** 2;
  return 2 * earthRadiusM * Math.asin(Math.sqrt(haversine));
}

/** Rails between two stations are about this much longer than the straight line. */
export const detour = 1.2;
/** For stretches between stations whose place nobody told: as fast as the rest of the way, else as this. */
const metresPerSecondDefault = 80 / 3.6;

export type DistanceStop = {
  readonly arriveS: number;
  readonly departS: number;
  readonly point: Point | null;
  /** `shape_dist_traveled`, in whatever unit the feed has, or null. */
  readonly given: number | null;
};

/** Metres from the first stop, never falling. `unitM` is the metres of the feed's unit, null where it gives no distances. */
export function distancesOf(stops: readonly DistanceStop[], unitM: number | null): number[] {
  if (unitM !== null && risesAllTheWay(stops))
    return stops.map((stop) => Math.round((stop.given! - stops[0]!.given!) * unitM));
  let knownM = 0;
  let knownS = 0;
  const stretches = stops.slice(1).map((stop, index) => {
    const before = stops[index]!;
    const seconds = stop.arriveS - before.departS;
    const metres = before.point && stop.point ? greatCircleM(before.point, stop.point) * detour : null;
    if (metres !== null) {
      knownM += metres;
      knownS += seconds;
    }
    return { seconds, metres };
  });
  const speed = knownM > 0 && knownS > 0 ? knownM / knownS : metresPerSecondDefault;
  const distances = [0];
  let total = 0;
  for (const { seconds, metres } of stretches) distances.push(Math.round((total += metres ?? seconds * speed)));
  return distances;
}

export const risesAllTheWay = (stops: readonly DistanceStop[]): boolean =>
  stops.every(({ given }, index) => given !== null && (index === 0 || given >= stops[index - 1]!.given!)) &&
  stops.at(-1)!.given! > stops[0]!.given!;

/** Metres of a metre, kilometre, mile and foot: a feed does not say which one it counts in. */
const units = [1, 1_000, 1_609.344, 0.3048];

/** The unit in which the feed's distances come closest to what the rails should measure. */
export function unitOf(trains: Iterable<readonly DistanceStop[]>): number | null {
  let given = 0;
  let expectedM = 0;
  let longest = 0;
  for (const stops of trains) {
    if (!risesAllTheWay(stops)) continue;
    const first = stops[0]!;
    const last = stops.at(-1)!;
    longest = Math.max(longest, last.given! - first.given!);
    if (!stops.every(({ point }) => point)) continue;
    given += last.given! - first.given!;
    for (let at = 1; at < stops.length; at++)
      expectedM += greatCircleM(stops[at - 1]!.point!, stops[at]!.point!) * detour;
  }
  // Without places to compare with: no railway is 20,000 km long, and hardly one is under 20 km.
  if (given === 0 || expectedM === 0) return longest === 0 ? null : longest > 20_000 ? 1 : 1_000;
  const error = (unit: number) => Math.abs(Math.log((given * unit) / expectedM));
  return units.toSorted((a, b) => error(a) - error(b))[0]!;
}
