/** What lies over a page until it is closed. */
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { ForeignText, Icon } from "./components.tsx";
import { closeOnBack } from "@chepiao/ui";
import { useMessages } from "./messages.tsx";

/**
 * The browser's own modal dialog: it keeps the focus inside, closes on Escape and on Back, and gives the focus back. It stands at the
 * end of the page, whichever component opens it: a form in a form is none, and the browser would send it as it sends forms, with all
 * that was typed in the address.
 */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly side?: boolean;
}) {
  const messages = useMessages();
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const { onClose } = props;
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  }, [onClose]);
  // Closed while it still stands in the page: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current!;
    if (!dialog.open) dialog.showModal();
    // On a phone the keyboard would come up over what is to be read first.
    if (matchMedia("(pointer: fine)").matches) dialog.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => dialog.close();
  }, []);
  useEffect(() => closeOnBack(() => close.current()), []);
  return createPortal(
    <dialog
      ref={ref}
      className={props.side ? "dialog side" : "dialog"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
      // React hands events on to the component that opened the dialog, which may be a form of its own.
      onSubmit={(event) => event.stopPropagation()}
    >
      <div className="dialog-in">
        <header className="dialog-head">
          <h2 id={heading}>
            <ForeignText>{props.title}</ForeignText>
          </h2>
          <button type="button" className="icon-button" aria-label={messages.common.close} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>,
    document.body,
  );
}
