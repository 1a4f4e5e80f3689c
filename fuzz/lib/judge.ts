/** Whether an answer may be: by the declaration of its operation, and by what holds for every request whatsoever. */
import type { Answer } from "./answer.ts";
import { type ApiDocument, readJson } from "./document.ts";
import type { Heard } from "./lines.ts";
import type { FuzzRequest } from "./request.ts";

export type Kind = "undeclared 5xx" | "violation";
export type Verdict = { readonly kind: Kind; readonly what: string };

/** Declared for every operation, and for what is mounted beside them: busy, and away for the moment. */
const declared5xx = 503;

export function judge(request: FuzzRequest, heard: Heard, document: ApiDocument): Verdict | null {
  if (heard.kind !== "answer") return { kind: "violation", what: withoutAnswer(heard) };
  const { answer } = heard;
  return badStatus(answer) ?? badAnswer(request, answer, document);
}

/** What the HTTP parser itself says, without a word, to a first line in which it cannot find its version. */
const versionNotSupported = 505;

/** Of bytes that need not be answered at all. */
export function judgeRaw(heard: Heard): Verdict | null {
  if (heard.kind !== "answer") return null;
  const { status, body } = heard.answer;
  return status === versionNotSupported && body.length === 0 ? null : badStatus(heard.answer);
}

function withoutAnswer(heard: Exclude<Heard, { readonly kind: "answer" }>): string {
  if (heard.kind === "silent") return "no answer came";
  if (heard.kind === "notHttp") return `the answer is no HTTP: ${JSON.stringify(heard.heard)}`;
  return `hung up without an answer${heard.heard === "" ? "" : ` after ${JSON.stringify(heard.heard)}`}`;
}

function badStatus({ status, body }: Answer): Verdict | null {
  if (status < 500 || status === declared5xx) return null;
  return { kind: "undeclared 5xx", what: `status ${status}: ${body.toString("utf8", 0, 300)}` };
}

function badAnswer(request: FuzzRequest, answer: Answer, document: ApiDocument): Verdict | null {
  const { operation, strict } = request;
  const fault = operation && strict ? operation.fault(answer, request.method === "HEAD") : anyFault(answer, document);
  if (fault) return { kind: "violation", what: fault };
  if (operation && strict && answer.status < 300 && !maySucceed(request)) {
    return { kind: "violation", what: `status ${answer.status} to a body that does not fit its schema` };
  }
  return null;
}

/** A refusal is a problem document, whichever room gives it; only the HTTP parser itself says no without words. */
function anyFault({ status, headers, body }: Answer, { isProblem }: ApiDocument): string | null {
  if (headers.get("content-type") !== "application/problem+json" || body.length === 0) return null;
  const problem = readJson(body);
  if (!isProblem(problem)) return `status ${status}: not the shape of a problem`;
  return (problem as { readonly status: number }).status === status
    ? null
    : `status ${status} and another in its problem`;
}

function maySucceed({ operation, body }: FuzzRequest): boolean {
  if (!operation!.body || operation!.body === "raw") return true;
  // A mark in front may be overlooked (RFC 8259, 8.1).
  const value = body && readJson(body.subarray(body.indexOf("\ufeff") === 0 ? 3 : 0));
  return value !== undefined && operation!.mayAccept(value);
}
