/** Providers' statements of the days that a run looks at: each is asked for once a run. */
import type { ServiceDate } from "@chepiao/kernel";
import type { PaymentProvider, StatementLine } from "@chepiao/ports/payment-provider";

export type Statement = {
  readonly channel: string;
  /** By the payment that they name. */
  readonly byPayment: ReadonlyMap<string, readonly StatementLine[]>;
  readonly lines: readonly StatementLine[];
  statedFor(tradeNo: string): string | undefined;
};

export type Statements = {
  readonly channels: readonly string[];
  /** Null where the provider has none. */
  of(channel: string, day: ServiceDate): Promise<Statement | null>;
};

type Stating = Pick<PaymentProvider, "channel" | "statement">;

export function createStatements(providers: readonly Stating[]): Statements {
  const byChannel = new Map(providers.map((provider) => [provider.channel, provider]));
  const asked = new Map<string, Promise<Statement | null>>();
  return {
    channels: [...byChannel.keys()],
    of(channel, day) {
      const key = `${channel} ${day}`;
      const known = asked.get(key) ?? read(channel, byChannel.get(channel), day);
      asked.set(key, known);
      return known;
    },
  };
}

async function read(channel: string, provider: Stating | undefined, day: ServiceDate): Promise<Statement | null> {
  const lines = (await provider?.statement(day)) ?? null;
  if (lines === null) return null;
  const payments = new Map(
    lines.filter(({ refundNo }) => refundNo === null).map((line) => [line.tradeNo, line.paymentNo]),
  );
  return {
    channel,
    lines,
    byPayment: Map.groupBy(lines, ({ paymentNo }) => paymentNo),
    statedFor: (tradeNo) => payments.get(tradeNo),
  };
}
