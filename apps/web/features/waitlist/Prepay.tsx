/** An entry that is still to be prepaid, and how to leave one. */
import type { WaitlistEntry, WaitlistEntryTold } from "@chepiao/contracts";
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";
import { leftUntil, useServerNow } from "../../lib/clock.ts";
import { Notice, useErrorText } from "../../lib/components.tsx";
import { timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { LoginDeclined } from "../../lib/session.ts";
import { AskFirst } from "../orders/AskFirst.tsx";
import { BackFromBank, PayBox, useAskWhenOver } from "../orders/PayBox.tsx";
import { usePay } from "../orders/usePay.ts";
import { entryKey } from "./useEntry.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

export function Prepay({ entry }: { readonly entry: WaitlistEntryTold }) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const left = leftUntil(entry.prepayBy, useServerNow());
  const { pay, isBusy } = usePay(entry.waitlistNo);
  const cancel = useCancel(entry.waitlistNo);
  const by = texts.prepayBy(timeOf(entry.prepayBy));
  useAskWhenOver(left.over, entryKey(entry.waitlistNo));
  return (
    <>
      <BackFromBank left={left} note={by} />
      <PayBox
        label={texts.prepayWithin}
        note={by}
        amountFen={entry.prepayFen}
        left={left}
        isBusy={isBusy}
        error={pay.error ?? cancel.error}
        onPay={() => pay.mutate()}
        terms={<p className="soft note">{texts.how}</p>}
      >
        <AskFirst
          button={texts.cancel}
          question={texts.cancelUnpaidAsk}
          keep={messages.common.cancel}
          isBusy={cancel.isPending}
          onConfirm={() => cancel.mutate()}
        />
      </PayBox>
    </>
  );
}

/** Of an entry that is in line. */
export function Leave({ entry }: { readonly entry: WaitlistEntryTold }) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const cancel = useCancel(entry.waitlistNo);
  const errorText = useErrorText(cancel.error);
  return (
    <div className="leave">
      {cancel.error && !(cancel.error instanceof LoginDeclined) && <Notice kind="bad" title={errorText} live />}
      <AskFirst
        button={texts.cancel}
        question={texts.cancelAsk(messages.money(entry.prepayFen))}
        keep={texts.keep}
        isBusy={cancel.isPending}
        onConfirm={() => cancel.mutate()}
      />
    </div>
  );
}

function useCancel(waitlistNo: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ask("POST /api/waitlist/:waitlistNo/cancel", { params: { waitlistNo } }),
    onSuccess: (entry) => noteEntry(client, entry),
    onError: () => void client.invalidateQueries({ queryKey: entryKey(waitlistNo) }),
  });
}

/** Answers to changes come without the story, which is asked for anew. */
export function noteEntry(client: QueryClient, entry: WaitlistEntry): void {
  client.setQueryData<WaitlistEntryTold>(entryKey(entry.waitlistNo), (before) => before && { ...before, ...entry });
  void client.invalidateQueries({ queryKey: ["waitlist"] });
}
