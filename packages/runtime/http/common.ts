/** Which refusals a route may answer with: its own, and those that follow from its declaration. */
import type { RefusalCode, RouteSpec } from "@chepiao/contracts";

export function refusalsOf(spec: RouteSpec): readonly RefusalCode[] {
  const isUnsafe = spec.method !== "GET";
  const codes: RefusalCode[] = [...spec.refusals, "MalformedRequest", "QueryTooLong"];
  if (spec.idempotent) codes.push("IdempotencyKeyMissing");
  if (isUnsafe && spec.body !== "raw") codes.push("UnsupportedMediaType");
  if (isUnsafe) codes.push("BodyTooLarge");
  if (spec.who !== "anyone") codes.push("NotLoggedIn");
  // A cookie from another site's page is refused as well as a role that is too low.
  if (spec.who !== "anyone" && (isUnsafe || spec.who !== "passenger")) codes.push("NotAllowed");
  codes.push("TooManyRequests", "Overloaded", "ServiceUnavailable", "Internal");
  return [...new Set(codes)];
}
