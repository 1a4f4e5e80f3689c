/** Providers' statements of the days that a run looks at: each is asked for once a run. */
import type { ServiceDate } from "@chepiao/kernel";
import { isStatementLine, type PaymentProvider, type StatementLine } from "@chepiao/ports/payment-provider";

export type Statement = {
  readonly channel: string;
  /** By the payment that they name. */
  readonly byPayment: ReadonlyMap<string, readonly StatementLine[]>;
  readonly byRefund: ReadonlyMap<string, StatementLine>;
  readonly lines: readonly StatementLine[];
  statedFor(tradeNo: string): string | undefined;
};

export type Statements = {
  readonly channels: readonly string[];
  /** Channels of which one could not be had, or not be understood. */
  readonly unread: ReadonlySet<string>;
  /** Null where the provider has none, or none that can be read: it is asked again. */
  of(channel: string, day: ServiceDate): Promise<Statement | null>;
};

type Stating = Pick<PaymentProvider, "channel" | "statement">;

export function createStatements(providers: readonly Stating[], log: (message: string) => void): Statements {
  const byChannel = new Map(providers.map((provider) => [provider.channel, provider]));
  const asked = new Map<string, Promise<Statement | null>>();
  const unread = new Set<string>();

  async function readable(channel: string, day: ServiceDate): Promise<Statement | null> {
    try {
      return await read(channel, byChannel.get(channel), day);
    } catch (error) {
      unread.add(channel);
      log(`the statement of ${channel} for ${day} could not be read: ${String(error)}`);
      return null;
    }
  }

  return {
    channels: [...byChannel.keys()],
    unread,
    of(channel, day) {
      const key = `${channel} ${day}`;
      const known = asked.get(key) ?? readable(channel, day);
      asked.set(key, known);
      return known;
    },
  };
}

async function read(channel: string, provider: Stating | undefined, day: ServiceDate): Promise<Statement | null> {
  const lines = (await provider?.statement(day)) ?? null;
  if (lines === null) return null;
  const wrong = lines.findIndex((line) => !isStatementLine(line));
  if (wrong >= 0) throw new Error(`line ${wrong + 1} is not understood`);
  const payments = new Map(
    lines.filter(({ refundNo }) => refundNo === null).map((line) => [line.tradeNo, line.paymentNo]),
  );
  return {
    channel,
    lines,
    byRefund: new Map(lines.flatMap((line) => (line.refundNo === null ? [] : [[line.refundNo, line]]))),
    byPayment: Map.groupBy(lines, ({ paymentNo }) => paymentNo),
    statedFor: (tradeNo) => payments.get(tradeNo),
  };
}
