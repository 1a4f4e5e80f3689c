/** Where the code is entered that was sent to a phone or a mail address, to prove it or to have it instead of another. */
import type { User } from "@chepiao/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fieldErrorsOf } from "../../lib/components.tsx";
import { meKey } from "../../lib/session.ts";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import type { ContactKind } from "./contacts.ts";
import { CodeField, CodeSent } from "./OneTimeCode.tsx";
import { oneTimeCodeDigits, oneTimeCodeMinutes } from "./passwords.ts";
import { SecurityForm } from "./Security.tsx";

type Props = {
  readonly kind: ContactKind;
  readonly submit: string;
  /** What is done with the code; the account afterwards. */
  readonly send: (code: string) => Promise<User>;
  readonly onAgain: () => void;
  readonly onClose: () => void;
};

export function ContactCodeForm({ kind, submit, send, onAgain, onClose }: Props) {
  const texts = useAccountMessages();
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const digits = code.replaceAll(/\s/g, "");
  const prove = useMutation({
    mutationFn: () => send(digits),
    onSuccess: (me) => {
      client.setQueryData<User>(meKey, me);
      void client.invalidateQueries({ queryKey: ["sessions"] });
      onClose();
    },
  });
  const error = fault ?? fieldErrorsOf(prove.error, {})["code"];
  return (
    <>
      <SecurityForm
        error={error === undefined ? prove.error : null}
        isPending={prove.isPending}
        submit={submit}
        onSubmit={() => {
          const isCode = new RegExp(`^\\d{${oneTimeCodeDigits}}$`).test(digits);
          setFault(isCode ? null : texts.auth.badCode(oneTimeCodeDigits));
          if (isCode) prove.mutate();
        }}
      >
        <CodeSent title={texts.contact.codeSent} note={texts.contact.codeSentNote(oneTimeCodeMinutes)} kind={kind} />
        <CodeField error={error} value={code} onText={setCode} />
      </SecurityForm>
      <button type="button" className="button quiet" onClick={onAgain}>
        {texts.auth.codeAgain}
      </button>
    </>
  );
}
