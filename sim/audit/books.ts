/**
 * I3 from all sides: of each payment, of each account, and of each day of the railway, every fen that the bank took is on a valid ticket, a stated fee,
 * waiting with an entry, or back with the payer; and the payment room's books say of each what the bank's say. Whose money it was, and on which day it
 * came, the bank knows; whose ticket it became, and when it was paid, the orders. No sum over payments would see that the two are not the same.
 */
import { assert, dateIn, type EpochMs, type UserId } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { PaymentFile, PaymentStore } from "@chepiao/ports/payment-store";
import type { WaitlistRecord } from "@chepiao/ports/waitlist-store";
import type { Bank } from "../engines/bank.ts";
import { zone } from "../railway.ts";
import type { Moment } from "./moment.ts";

export type BankBooks = Pick<Bank, "disputes" | "refunds" | "trades">;
/** By number of the payment, of those that the bank took money for. */
export type PaymentFiles = ReadonlyMap<string, PaymentFile>;

export async function paymentFiles(
  { trades }: Pick<BankBooks, "trades">,
  payments: Pick<PaymentStore, "byOrder" | "find">,
): Promise<PaymentFiles> {
  const files = new Map<string, PaymentFile>();
  for (const paymentNo of new Set(trades.map((trade) => trade.paymentNo))) {
    const payment = await payments.find(paymentNo);
    const file =
      payment && (await payments.byOrder(payment.orderNo)).find((each) => each.payment.paymentNo === paymentNo);
    if (file) files.set(paymentNo, file);
  }
  return files;
}

/** Where some fen are: what the bank took or gave back, what the books say of both, and what became of it. */
type Kind = "back" | "backInBooks" | "fees" | "taken" | "takenInBooks" | "tickets" | "waiting";
type Entry = {
  readonly kind: Kind;
  readonly fen: number;
  readonly paymentNo: string;
  readonly account: UserId;
  /** When the money came. */
  readonly day: string;
};

const sides = {
  payment: ({ paymentNo }: Entry) => paymentNo,
  account: ({ account }: Entry) => String(account),
  day: ({ day }: Entry) => day,
} as const;

export function everySideAddsUp(
  bank: BankBooks,
  files: PaymentFiles,
  orders: readonly OrderRecord[],
  entries: readonly WaitlistRecord[],
  moment: Moment,
): string[] {
  // Refunds may be under way.
  if (moment === "rest") return [];
  const all = [...ofBank(bank), ...ofBooks(files), ...ofOrders(orders), ...ofEntries(entries)];
  const untold = moment === "over" ? new Set<string>() : notAllTold(bank, files);
  const wrong: string[] = [];
  for (const [side, keyOf] of Object.entries(sides)) {
    for (const [key, some] of Map.groupBy(all, keyOf)) {
      if (some.some(({ paymentNo }) => untold.has(paymentNo))) continue;
      const sum = (kind: Kind) => some.reduce((fen, entry) => (entry.kind === kind ? fen + entry.fen : fen), 0);
      const [taken, back, tickets, fees, waiting] = [
        sum("taken"),
        sum("back"),
        sum("tickets"),
        sum("fees"),
        sum("waiting"),
      ];
      if (taken !== tickets + fees + waiting + back)
        wrong.push(
          `I3: ${side} ${key}: of ${taken} fen ${tickets} are on tickets, ${fees} fees, ${waiting} wait, ${back} back`,
        );
      if (sum("takenInBooks") !== taken || sum("backInBooks") !== back)
        wrong.push(
          `I3: ${side} ${key}: ${taken} fen came and ${back} went back, and the books say ${sum("takenInBooks")} and ${sum("backInBooks")}`,
        );
    }
  }
  return wrong;
}

/** A second trade of which nobody has told is found a day later. */
const notAllTold = ({ trades }: BankBooks, files: PaymentFiles): Set<string> =>
  new Set(
    [...Map.groupBy(trades, ({ paymentNo }) => paymentNo)]
      .filter(([paymentNo, own]) => files.get(paymentNo)?.trades.length !== own.length)
      .map(([paymentNo]) => paymentNo),
  );

const dayOf = (at: EpochMs): string => dateIn(zone, at);

function ofBank({ trades, refunds }: BankBooks): Entry[] {
  const taken = new Map(
    trades.map(({ tradeNo, paymentNo, payer, amountFen, at }) => [
      tradeNo,
      { kind: "taken", fen: amountFen, paymentNo, account: payer, day: dayOf(at) } satisfies Entry,
    ]),
  );
  return [
    ...taken.values(),
    // It goes back to whoever paid, and is off the day on which he did.
    ...refunds.map(({ tradeNo, amountFen }): Entry => ({ ...taken.get(tradeNo)!, kind: "back", fen: amountFen })),
  ];
}

const ofBooks = (files: PaymentFiles): Entry[] =>
  [...files.values()].flatMap(({ payment: { paymentNo, userId: account }, trades, refunds }) => {
    const dayOfTrade = new Map(trades.map(({ tradeNo, paidAt }) => [tradeNo, dayOf(paidAt)]));
    return [
      ...trades.map(({ amountFen, paidAt }): Entry => {
        return { kind: "takenInBooks", fen: amountFen, paymentNo, account, day: dayOf(paidAt) };
      }),
      ...refunds
        .filter(({ state }) => state === "settled")
        .map(({ amountFen, tradeNo }): Entry => {
          return { kind: "backInBooks", fen: amountFen, paymentNo, account, day: dayOfTrade.get(tradeNo)! };
        }),
    ];
  });

const ofOrders = (orders: readonly OrderRecord[]): Entry[] =>
  orders.flatMap(({ orderNo, paymentNo, paidAt, userId: account, tickets }) => {
    if (paymentNo === null) return [];
    assert(paidAt !== null, `${orderNo} was paid at some time`);
    const paid = { paymentNo, account, day: dayOf(paidAt) };
    return tickets.flatMap(({ state, fareFen, feeFen }): Entry[] => [
      ...(state === "issued" || state === "used" ? [{ ...paid, kind: "tickets" as const, fen: fareFen }] : []),
      { ...paid, kind: "fees", fen: feeFen ?? 0 },
    ]);
  });

const ofEntries = (entries: readonly WaitlistRecord[]): Entry[] =>
  entries.flatMap(({ state, captured, userId: account }) =>
    captured && (state === "waiting" || state === "granted")
      ? [
          {
            kind: "waiting" as const,
            fen: captured.amountFen,
            paymentNo: captured.paymentNo,
            account,
            day: dayOf(captured.capturedAt),
          },
        ]
      : [],
  );
