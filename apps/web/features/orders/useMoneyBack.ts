/** What goes back of a payment, asked for until it has arrived. */
import type { Payment } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { ask, isRefused } from "../../lib/api.ts";

const pollEveryMs = 3_000;

export type MoneyBack = { readonly sumFen: number; readonly isSettled: boolean };

/** Only a buyer who opened the bank's page can still pay late; and what is on its way back arrives some time. */
const isWatched = (payment: Payment | null | undefined): boolean =>
  payment !== null &&
  payment !== undefined &&
  (payment.refunds.length === 0 || payment.refunds.some(({ state }) => state === "due"));

/** Null where nothing goes back, or nobody knows yet. */
export function useMoneyBack(payableNo: string, enabled: boolean): MoneyBack | null {
  const payment = useQuery({
    queryKey: ["payment", payableNo],
    queryFn: async () => {
      try {
        return await ask("GET /api/payment/:orderNo", { params: { orderNo: payableNo } });
      } catch (error) {
        if (isRefused(error, "PaymentUnknown")) return null;
        throw error;
      }
    },
    enabled,
    refetchInterval: ({ state }) => (isWatched(state.data) ? pollEveryMs : false),
  });
  const refunds = payment.data?.refunds ?? [];
  if (refunds.length === 0) return null;
  return {
    sumFen: refunds.reduce((sum, { amountFen }) => sum + amountFen, 0),
    isSettled: refunds.every(({ state }) => state === "settled"),
  };
}
