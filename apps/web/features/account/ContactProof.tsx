/** The phone of the account, or its mail address: whether a code was read there, and the way to do it. Who has read one keeps it. */
import type { User } from "@chepiao/contracts";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { Dialog } from "../../lib/Dialog.tsx";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import { contactShown } from "./contacts.ts";
import { ContactChange } from "./ContactChange.tsx";
import { ContactCodeForm } from "./ContactCodeForm.tsx";
import { SecurityForm } from "./Security.tsx";

export function ProvableContact({ me }: { readonly me: User }) {
  const texts = useAccountMessages();
  const [isOpen, setOpen] = useState(false);
  const [isChanging, setChanging] = useState(false);
  const state = me.contactProved ? texts.contact.proved : texts.contact.unproved;
  return (
    <>
      <span className={me.knownBy === "phone" ? "number" : "part"}>{contactShown(me)}</span>{" "}
      <small className={me.contactProved ? "badge good" : "badge warn"}>{state}</small>{" "}
      {!me.contactProved && (
        <button type="button" className="button small quiet" onClick={() => setOpen(true)}>
          {texts.contact.prove[me.knownBy]}
        </button>
      )}
      <button type="button" className="button small quiet" onClick={() => setChanging(true)}>
        {texts.contact.change[me.knownBy]}
      </button>
      {isOpen && <ProveDialog me={me} onClose={() => setOpen(false)} />}
      {isChanging && <ContactChange me={me} onClose={() => setChanging(false)} />}
    </>
  );
}

function ProveDialog({ me, onClose }: { readonly me: User; readonly onClose: () => void }) {
  const texts = useAccountMessages();
  const send = useMutation({ mutationFn: () => ask("POST /api/user/contact/code", {}) });
  return (
    <Dialog title={texts.contact.prove[me.knownBy]} onClose={onClose}>
      {send.isSuccess ? (
        <ContactCodeForm
          kind={me.knownBy}
          submit={texts.contact.prove[me.knownBy]}
          send={(code) => ask("POST /api/user/contact/proof", { body: { code } })}
          onAgain={() => send.reset()}
          onClose={onClose}
        />
      ) : (
        <SecurityForm
          error={send.error}
          isPending={send.isPending}
          submit={texts.auth.sendCode}
          onSubmit={() => send.mutate()}
        >
          <p className="soft">{texts.contact.note[me.knownBy](contactShown(me))}</p>
        </SecurityForm>
      )}
    </Dialog>
  );
}
