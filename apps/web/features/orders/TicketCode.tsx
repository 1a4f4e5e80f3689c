/** The code of a ticket, drawn here from its text: on the screen, as large as the screen, and on paper. */
import { useMemo, useState } from "react";
import { Dialog } from "../../lib/Dialog.tsx";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";
import { codeOf, type Ecc } from "./code.ts";

/** A press makes it as large as the screen, which is then all white: gates read that best. On paper it bears dirt and folds. */
export function TicketCode({ text, label }: { readonly text: string; readonly label: string }) {
  const ticketTexts = useTicketMessages();
  const [isLarge, setLarge] = useState(false);
  return (
    <div className="ticket-code">
      <button
        type="button"
        className="code-button no-print"
        aria-label={`${label}, ${ticketTexts.enlarge}`}
        onClick={() => setLarge(true)}
      >
        <Code text={text} label={label} within={screenCodePx} />
      </button>
      <span className="print-only">
        <Code text={text} label={label} within={printCodePx} ecc="medium" />
      </span>
      <small className="soft">
        {ticketTexts.code}
        <span className="no-print"> · {ticketTexts.enlarge}</span>
      </small>
      {isLarge && (
        <Dialog title={label} onClose={() => setLarge(false)}>
          <div className="code-large">
            <Code text={text} label={label} within={Math.min(innerWidth - 32, innerHeight - 160, largeCodePx)} />
          </div>
        </Dialog>
      )}
    </div>
  );
}

const screenCodePx = 240;
const largeCodePx = 640;
const printCodePx = 240;

type CodeProps = { readonly text: string; readonly label: string; readonly within: number; readonly ecc?: Ecc };

/** Always dark on white, whatever the theme: scanners at the gate want it so. Each cell is whole pixels, so that all are as wide. */
function Code({ text, label, within, ecc = "low" }: CodeProps) {
  const { size, path } = useMemo(() => codeOf(text, ecc), [text, ecc]);
  const px = size * Math.max(1, Math.floor(within / size));
  return (
    <svg
      className={ecc === "low" ? "code" : "code-paper"}
      viewBox={`0 0 ${size} ${size}`}
      width={px}
      height={px}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
