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
