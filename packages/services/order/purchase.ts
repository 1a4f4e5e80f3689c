/**
 * The route of purchases: from a request to the command it means. Apart from the room, because requests may be read on other
 * threads than the one that decides.
 */
import { hash } from "node:crypto";
import type { Handler, OrderRequest, orderRoutes, Refusal, Reply } from "@chepiao/contracts";
import type { Result, UserId } from "@chepiao/kernel";
import type { SubmitCommand } from "./submit.ts";

/** Decides a purchase, or has it decided elsewhere, and says what to answer. */
export type Purchase = (command: SubmitCommand) => Promise<Result<Reply, Refusal>>;

export const createPurchaseHandler =
  (purchase: Purchase): Handler<typeof orderRoutes.submit> =>
  ({ session, body, idempotencyKey }) =>
    purchase({
      userId: session.userId as UserId,
      key: idempotencyKey,
      requestHash: hashRequest(body),
      request: body,
    });

/** Equal requests have equal hashes, whatever order their fields came in. */
function hashRequest(request: OrderRequest): string {
  const { trainNumber, originDate, from, to, seatClass, passengers } = request;
  const parts = [
    trainNumber,
    originDate,
    from,
    to,
    seatClass,
    ...passengers.map(({ passengerId, ticketType, preference }) => [passengerId, ticketType ?? "", preference ?? ""]),
  ];
  return hash("sha256", JSON.stringify(parts), "base64url");
}
