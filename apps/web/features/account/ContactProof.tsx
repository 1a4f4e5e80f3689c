/** The phone of the account, or its mail address: whether a code was read there, and the way to do it. Who has read one keeps it. */
import type { User } from "@chepiao/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { fieldErrorsOf } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { meKey } from "../../lib/session.ts";
import { type ContactKind, contactShown } from "./contacts.ts";
import { CodeField, CodeSent } from "./OneTimeCode.tsx";
import { oneTimeCodeDigits } from "./passwords.ts";
import { SecurityForm } from "./Security.tsx";

export function ProvableContact({ me }: { readonly me: User }) {
  const messages = useMessages();
  const [isOpen, setOpen] = useState(false);
  const state = me.contactProved ? messages.contact.proved : messages.contact.unproved;
  return (
    <>
      <span className={me.knownBy === "phone" ? "number" : "part"}>{contactShown(me)}</span>{" "}
      <small className={me.contactProved ? "badge good" : "badge warn"}>{state}</small>{" "}
      {!me.contactProved && (
        <button type="button" className="button small quiet" onClick={() => setOpen(true)}>
          {messages.contact.prove[me.knownBy]}
        </button>
      )}
      {isOpen && <ProveDialog me={me} onClose={() => setOpen(false)} />}
    </>
  );
}

function ProveDialog({ me, onClose }: { readonly me: User; readonly onClose: () => void }) {
  const messages = useMessages();
  const send = useMutation({ mutationFn: () => ask("POST /api/user/contact/code", {}) });
  return (
    <Dialog title={messages.contact.prove[me.knownBy]} onClose={onClose}>
      {send.isSuccess ? (
        <CodeForm kind={me.knownBy} onAgain={() => send.reset()} onClose={onClose} />
      ) : (
        <SecurityForm
          error={send.error}
          isPending={send.isPending}
          submit={messages.auth.sendCode}
          onSubmit={() => send.mutate()}
        >
          <p className="soft">{messages.contact.note[me.knownBy](contactShown(me))}</p>
        </SecurityForm>
      )}
    </Dialog>
  );
}

type CodeProps = { readonly kind: ContactKind; readonly onAgain: () => void; readonly onClose: () => void };

function CodeForm({ kind, onAgain, onClose }: CodeProps) {
  const messages = useMessages();
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const digits = code.replaceAll(/\s/g, "");
  const prove = useMutation({
    mutationFn: () => ask("POST /api/user/contact/proof", { body: { code: digits } }),
    onSuccess: (me) => {
      client.setQueryData<User>(meKey, me);
      onClose();
    },
  });
  const error = fault ?? fieldErrorsOf(prove.error, {})["code"];
  return (
    <>
      <SecurityForm
        error={error === undefined ? prove.error : null}
        isPending={prove.isPending}
        submit={messages.contact.prove[kind]}
        onSubmit={() => {
          const isCode = new RegExp(`^\\d{${oneTimeCodeDigits}}$`).test(digits);
          setFault(isCode ? null : messages.auth.badCode(oneTimeCodeDigits));
          if (isCode) prove.mutate();
        }}
      >
        <CodeSent title={messages.contact.codeSent} note={messages.contact.codeSentNote} kind={kind} />
        <CodeField error={error} value={code} onText={setCode} />
      </SecurityForm>
      <button type="button" className="button quiet" onClick={onAgain}>
        {messages.auth.codeAgain}
      </button>
    </>
  );
}
