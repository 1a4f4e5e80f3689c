/** What every form has that asks for a code which was sent: word of it, the way to read it where nothing is sent, and its field. */
import { Notice } from "../../lib/components.tsx";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import type { ContactKind } from "./contacts.ts";
import { TextField } from "./fields.tsx";
import { practiceMessages } from "./passwords.ts";

type SentProps = {
  readonly title: string;
  readonly note: string;
  readonly kind: ContactKind;
  /** Whose messages are shown at once, where that is known. */
  readonly to?: string;
};

export function CodeSent({ title, note, kind, to }: SentProps) {
  const texts = useAccountMessages();
  const page = practiceMessages();
  return (
    <Notice kind="info" title={title} live>
      {note}
      {page !== null && (
        <>
          {" "}
          <a href={to === undefined ? page : `${page}?to=${encodeURIComponent(to)}`} target="_blank" rel="noreferrer">
            {texts.auth.practiceMessages[kind]}
          </a>
        </>
      )}
    </Notice>
  );
}

type FieldProps = {
  readonly error: string | undefined;
  readonly value: string;
  readonly onText: (text: string) => void;
};

export function CodeField(props: FieldProps) {
  const texts = useAccountMessages();
  return (
    <TextField
      label={texts.auth.code}
      data-first
      name="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={20}
      {...props}
    />
  );
}
