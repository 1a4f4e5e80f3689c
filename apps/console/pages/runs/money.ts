/** Amounts in the currency of the railway. */
import { fen, formatMoney } from "@chepiao/kernel";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";
import { pageLanguage } from "../../lib/language.ts";

/** As numbers of its smallest unit until the currency is known. */
export function useMoney(): (amountFen: number) => string {
  const { data } = useQuery({
    queryKey: ["policy"],
    queryFn: ({ signal }) => ask("GET /api/policy", {}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (amountFen) =>
    data ? formatMoney(fen(amountFen), { language: pageLanguage(), currency: data.currency }) : String(amountFen);
}
