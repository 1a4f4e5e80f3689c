/**
 * Who takes money for us, by channel. The channel stands in the path of a provider's notices and is part of every trade's identity,
 * so it is never given to another provider.
 */
import { assert } from "@chepiao/kernel";
import type { PaymentProvider } from "@chepiao/ports/payment-provider";

export type Providers = {
  /** Taken where a payer names none. */
  readonly first: PaymentProvider;
  readonly of: (channel: string) => PaymentProvider | undefined;
};

export function createProviders(all: readonly PaymentProvider[]): Providers {
  const table = new Map(all.map((provider) => [provider.channel, provider]));
  assert(all.length > 0, "a payment room has a provider");
  assert(table.size === all.length, "a channel is one provider");
  for (const channel of table.keys())
    assert(/^[A-Za-z0-9]{1,20}$/.test(channel), `a channel is 1 to 20 letters and digits, not ${channel}`);
  return { first: all[0]!, of: (channel) => table.get(channel) };
}
