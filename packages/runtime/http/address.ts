/**
 * Requests that do not say whom they ask. For an empty `Host`, for HTTP/1.0 without one and for a name that no address can have, Bun
 * hands out a `request.url` that is relative or was never parsed; a handler that cuts a path out of that may cut another one than the
 * router took. They are answered 400 before a handler sees them (RFC 9112, 3.2).
 */
import { refusal } from "@chepiao/contracts";
import type { Metrics } from "../observe/index.ts";
import { languageOf, traceIdOf } from "./exchange.ts";
import { texts } from "./explain.ts";
import { createMeters } from "./meters.ts";
import { problemResponse } from "./replies.ts";

/** True for `http://host/…` and nothing else. */
export function createAddressCheck(): (url: string) => boolean {
  // Nearly every request names the same host: the last that was found good, up to its path.
  let good = "http://localhost/";
  return (url) => {
    if (url.startsWith(good)) return true;
    const parsed = URL.parse(url);
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) return false;
    good = `${parsed.origin}/`;
    return true;
  };
}

/** The answer to a request without an address. Counted and not logged: some balancers ask whether we live with nothing else. */
export function createMisaddressed(metrics: Metrics): (request: Request) => Response {
  const meterOf = createMeters(metrics, "(no address)");
  return ({ method, headers }) => {
    const language = languageOf(headers.get("accept-language"));
    const response = problemResponse(
      refusal("MalformedRequest", { in: "header" }, [{ path: "/host", message: texts.form[language] }]),
      { language, traceId: traceIdOf(headers.get("traceparent")), secure: false },
    );
    meterOf(method).observe(response.status, 0);
    return response;
  };
}
