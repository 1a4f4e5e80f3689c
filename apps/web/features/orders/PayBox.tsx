/** How long there is to pay, the way to the bank, and what is said on the way back from it. */
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { clockText, type Left } from "../../lib/clock.ts";
import { Notice, Spinner, useErrorText } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { useAddress } from "@chepiao/ui";
import { LoginDeclined } from "../../lib/session.ts";

type Props = {
  readonly label: string;
  readonly note: string;
  readonly amountFen: number;
  readonly left: Left;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onPay: () => void;
  readonly terms: ReactNode;
  /** What can be done instead. */
  readonly children: ReactNode;
};

export function PayBox({ label, note, amountFen, left, isBusy, error, onPay, terms, children }: Props) {
  const messages = useMessages();
  const errorText = useErrorText(error);
  return (
    <section className="card pay" aria-label={label}>
      <div className="pay-clock">
        <span className="soft">{left.over ? messages.order.timeUp : label}</span>
        <strong className={left.minutes < 3 ? "countdown short" : "countdown"} role="timer" data-testid="countdown">
          {clockText(left)}
        </strong>
        <span className="soft">{note}</span>
      </div>
      <button
        type="button"
        className="button primary wide"
        disabled={left.over}
        aria-disabled={isBusy}
        onClick={() => isBusy || onPay()}
      >
        {isBusy ? (
          <>
            <Spinner /> {messages.order.paying}
          </>
        ) : (
          messages.order.pay(messages.money(amountFen))
        )}
      </button>
      {terms}
      {error !== null && error !== undefined && !(error instanceof LoginDeclined) && (
        <Notice kind="bad" title={errorText} live />
      )}
      {children}
    </section>
  );
}

/** Said by the bank on the way back, and believed only so far as to say it here. */
export function BackFromBank({ left, note }: { readonly left: Left; readonly note: string }) {
  const messages = useMessages();
  const { query } = useAddress();
  if (query.get("back") !== "bank" || left.over) return null;
  return query.get("outcome") === "declined" ? (
    <Notice kind="info" title={messages.order.declined} live>
      {note}
    </Notice>
  ) : (
    <Notice kind="info" title={messages.order.waitingBank} live>
      {messages.order.waitingBankNote}
    </Notice>
  );
}

const askAgainMs = 2_000;

/** The end of the time is the platform's to say: it is asked, not assumed. */
export function useAskWhenOver(isOver: boolean, queryKey: QueryKey): void {
  const client = useQueryClient();
  const key = useRef(queryKey);
  useEffect(() => {
    if (!isOver) return undefined;
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: key.current }), askAgainMs);
    return () => clearInterval(timer);
  }, [isOver, client]);
}
