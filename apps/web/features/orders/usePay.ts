/** From what is to be paid, an order or an entry of the waitlist, to the bank's page, from wherever it is shown. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask } from "../../lib/api.ts";

export function usePay(orderNo: string) {
  const client = useQueryClient();
  const isEntry = orderNo.startsWith("W");
  const returnUrl = `/${isEntry ? "waitlist" : "order"}/${orderNo}?back=bank`;
  const reload = () => void client.invalidateQueries({ queryKey: isEntry ? ["waitlist"] : ["order", orderNo] });
  const pay = useMutation({
    mutationFn: () => ask("POST /api/payment", { body: { orderNo, returnUrl } }),
    onSuccess: (payment) => {
      if (payment.payUrl !== null) location.assign(payment.payUrl);
      else reload();
    },
    onError: reload,
  });
  // Back from the bank by the browser's own button, the page stands as it was left: with a button that waits for ever.
  useEffect(() => {
    const shown = (event: PageTransitionEvent) => {
      if (!event.persisted) return;
      pay.reset();
      void client.invalidateQueries({ queryKey: isEntry ? ["waitlist"] : ["order", orderNo] });
    };
    addEventListener("pageshow", shown);
    return () => removeEventListener("pageshow", shown);
  }, [pay, client, isEntry, orderNo]);
  return { pay, isBusy: pay.isPending || (pay.isSuccess && pay.data.payUrl !== null) };
}
