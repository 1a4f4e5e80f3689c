/**
 * Who may knock at a role's inner door: processes of this platform. Roles listen on an address of their own, which the street
 * does not reach; and because one open port would otherwise be enough to hold every seat or to read who travels, whoever knocks
 * also shows a secret that follows from the keys all roles share.
 */
import { timingSafeEqual } from "node:crypto";
import { refusal } from "@chepiao/contracts";
import type { RouteFunction } from "../http/bind.ts";
import { problemResponse } from "../http/replies.ts";
import { inTrace, traceOf } from "./trace.ts";

export const insideHeader = "x-chepiao-inside";

export function createInsideCheck(secret: string): (headers: Headers) => boolean {
  const expected = Buffer.from(secret);
  return (headers) => {
    const shown = headers.get(insideHeader);
    if (shown === null) return false;
    const given = Buffer.from(shown);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
}

/** The public routes of a role: for the gateway alone, which has seen to who is calling, and in the trace it sends along. */
export function insideOnly(secret: string): (answer: RouteFunction) => RouteFunction {
  const isInside = createInsideCheck(secret);
  return (answer) => (request, server) => {
    const trace = traceOf(request.headers);
    return isInside(request.headers)
      ? inTrace(trace, () => answer(request, server))
      : problemResponse(refusal("NotAllowed"), { language: "en", traceId: trace.traceId, secure: false });
  };
}
