/**
 * Which money pays for an order, or for an entry of the waitlist: what the payment room has captured, and nothing that an intruder has written
 * to the log. A record carries the room's word for it, which is checked without asking anybody; one without, as versions before wrote it, or
 * with another's, is looked up in the books of the payment room, and what they say is taken.
 */
import { capturedSecret, capturedText, type PaymentCaptured, type PaymentClient } from "@chepiao/contracts";
import { isSameMac, macBy, type Vault } from "@chepiao/ports/vault";

type Deps = {
  readonly vault: Pick<Vault, "secret">;
  readonly payments: PaymentClient;
  readonly report: (message: string) => void;
};

/** The captured money as it is believed; null where the books know nothing of it. Throws while they cannot be asked. */
export type Proved = (told: PaymentCaptured) => PaymentCaptured | null | Promise<PaymentCaptured | null>;

export function createProved({ vault, payments, report }: Deps): Proved {
  const macOf = macBy(vault, capturedSecret);

  const isOurs = (told: PaymentCaptured) => isSameMac(macOf(capturedText(told)), told.mac);

  async function lookUp(told: PaymentCaptured): Promise<PaymentCaptured | null> {
    const known = await payments.captured(told.paymentNo);
    if (known && known.orderNo === told.orderNo && known.amountFen === told.amountFen) return known;
    report(
      `somebody wrote to the log that payment ${JSON.stringify(told.paymentNo)} paid order ${JSON.stringify(told.orderNo)}; ` +
        "the books of the payment room do not say so, and it is not believed",
    );
    return null;
  }

  return (told) => (isOurs(told) ? told : lookUp(told));
}
