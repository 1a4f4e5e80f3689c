/**
 * Another part of the platform cannot be reached, or does not answer as it should. Thrown, because most clients have no place for a
 * refusal in their answers; the rim says it as one. Nothing is known about what was asked: it may have been done.
 */
import { type Refusal, refusal } from "./refusals.ts";

export class ServiceUnavailable extends Error {
  override readonly name = "ServiceUnavailable";
  /** Who is away: a role of ours, or an engine. */
  readonly service: string;
  readonly retryAfterSeconds: number;

  constructor(service: string, why: string, retryAfterSeconds = 1, options?: ErrorOptions) {
    super(`${service} is away: ${why}`, options);
    this.service = service;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** As callers hear it: who is away is our own business. */
  get refusal(): Refusal {
    return refusal("ServiceUnavailable", { retryAfterSeconds: this.retryAfterSeconds });
  }
}
