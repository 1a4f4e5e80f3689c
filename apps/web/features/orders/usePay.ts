/** From an order to the bank's page, from wherever the order is shown. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask } from "../../lib/api.ts";

export function usePay(orderNo: string) {
  const client = useQueryClient();
  const pay = useMutation({
    mutationFn: () => ask("POST /api/payment", { body: { orderNo, returnUrl: `/order/${orderNo}?back=bank` } }),
    onSuccess: (payment) => {
      if (payment.payUrl !== null) location.assign(payment.payUrl);
      else void client.invalidateQueries({ queryKey: ["order", orderNo] });
    },
    onError: () => void client.invalidateQueries({ queryKey: ["order", orderNo] }),
  });
  // Back from the bank by the browser's own button, the page stands as it was left: with a button that waits for ever.
  useEffect(() => {
    const shown = (event: PageTransitionEvent) => {
      if (!event.persisted) return;
      pay.reset();
      void client.invalidateQueries({ queryKey: ["order", orderNo] });
    };
    addEventListener("pageshow", shown);
    return () => removeEventListener("pageshow", shown);
  }, [pay, client, orderNo]);
  return { pay, isBusy: pay.isPending || (pay.isSuccess && pay.data.payUrl !== null) };
}
