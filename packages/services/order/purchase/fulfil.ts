/**
 * An entry of the waitlist that was given seats becomes an order, by the same steps as any purchase: it is planned and its limits are taken
 * now, its seats are those that are held, and what was prepaid goes with it to the writer.
 */
import { type OrderAccepted, type OrderClient, refusal, ServiceUnavailable } from "@chepiao/contracts";
import { ok, type OrderId, orderNoOf, refuse } from "@chepiao/kernel";
import type { Purchase } from "./command.ts";

type Deps = {
  readonly findLogged: (orderId: OrderId) => Promise<OrderAccepted | null>;
  readonly purchase: Purchase;
};

/** Its key says what was asked for, where a buyer's request has a hash. */
export const isFulfilment = ({ idempotencyKey, requestHash }: Pick<OrderAccepted, "idempotencyKey" | "requestHash">) =>
  requestHash === idempotencyKey;

export const createFulfil =
  ({ findLogged, purchase }: Deps): OrderClient["fulfil"] =>
  async ({ orderId, userId, key, line, prepaid }) => {
    try {
      // Keys are remembered for a day, and orders for good.
      if (await findLogged(orderId)) return ok(orderNoOf(orderId));
    } catch (error) {
      return refuse(error instanceof ServiceUnavailable ? error.refusal : refusal("Internal"));
    }
    const answer = await purchase({
      userId,
      key,
      requestHash: key,
      lines: [line],
      asker: { address: "", device: null, pass: null, proof: null, session: null },
      granted: { orderId, prepaid },
    });
    return answer.ok ? ok(orderNoOf(orderId)) : answer;
  };
