/** A payment and what goes back of it, asked for until that has arrived. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";
import { pollUnlessDeclined } from "../../lib/session.ts";
import { anyRefund, isWatched, type MoneyBack, moneyBackOf, type Sought } from "./moneyBack.ts";

const pollEveryMs = 3_000;

/** Null where nothing was ever paid; undefined while nobody knows. */
export function usePayment(payableNo: string, enabled: boolean, sought: Sought = anyRefund) {
  const payment = useQuery({
    queryKey: ["payment", payableNo],
    queryFn: async () => (await ask("GET /api/payment/:orderNo", { params: { orderNo: payableNo } })) ?? null,
    enabled,
    refetchInterval: ({ state }) => pollUnlessDeclined(isWatched(state.data, sought) ? pollEveryMs : false, state),
  });
  return payment.data;
}

export const useMoneyBack = (payableNo: string, enabled: boolean, sought: Sought = anyRefund): MoneyBack | null =>
  moneyBackOf(usePayment(payableNo, enabled, sought), sought);
