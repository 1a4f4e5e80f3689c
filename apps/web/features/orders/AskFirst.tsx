/** A button for what cannot be taken back: it asks once more, beside itself. */
import { useEffect, useRef, useState } from "react";

type Props = {
  readonly button: string;
  readonly question: string;
  readonly keep: string;
  readonly isBusy: boolean;
  readonly onConfirm: () => void;
};

export function AskFirst({ button, question, keep, isBusy, onConfirm }: Props) {
  const [asking, setAsking] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  // The button that was pressed goes away; the focus goes on to what it asks, and back.
  useEffect(() => {
    if (asking) first.current?.focus();
    else if (wasAsking.current) opener.current?.focus();
    wasAsking.current = asking;
  }, [asking]);
  if (!asking)
    return (
      <button ref={opener} type="button" className="button small quiet" onClick={() => setAsking(true)}>
        {button}
      </button>
    );
  return (
    <div className="ask" role="group" aria-label={button}>
      <p>{question}</p>
      <div className="buttons">
        <button ref={first} type="button" className="button small danger" disabled={isBusy} onClick={onConfirm}>
          {button}
        </button>
        <button type="button" className="button small" onClick={() => setAsking(false)}>
          {keep}
        </button>
      </div>
    </div>
  );
}
