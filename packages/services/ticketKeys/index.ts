/** The room of ticket keys: what gates check ticket codes with. The order room signs the codes. */
import type { Handlers, TicketKey, ticketKeyRoutes, VerificationKeys } from "@chepiao/contracts";
import { ok } from "@chepiao/kernel";

export type TicketKeysDeps = {
  /** The key that signs now, then the others whose codes are valid. */
  readonly publicKeys: () => readonly TicketKey[];
};

export function createTicketKeys({ publicKeys }: TicketKeysDeps): Handlers<typeof ticketKeyRoutes> {
  return {
    verificationKey() {
      const keys = publicKeys();
      const body: VerificationKeys = { algorithm: "Ed25519", ...keys[0]!, keys: [...keys] };
      return ok({ status: 200, body });
    },
  };
}
