/** Another phone, or another mail address, for the account: its password, and a code that is read at the new one. */
import type { User } from "@chepiao/contracts";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { fieldErrorsOf } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import { ContactCodeForm } from "./ContactCodeForm.tsx";
import { contactShown, isEmailLike, isPhoneLike } from "./contacts.ts";
import { EmailField, PasswordField, PhoneField } from "./fields.tsx";
import { SecurityForm } from "./Security.tsx";

export function ContactChange({ me, onClose }: { readonly me: User; readonly onClose: () => void }) {
  const texts = useAccountMessages();
  const isPhone = me.knownBy === "phone";
  const [contact, setContact] = useState("");
  const [password, setPassword] = useState("");
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const send = useMutation({
    mutationFn: () => ask("POST /api/user/contact/change/code", { body: { contact: contact.trim(), password } }),
  });
  const errors = { ...fieldErrorsOf(send.error, {}), ...faults };
  const Contact = isPhone ? PhoneField : EmailField;
  return (
    <Dialog title={texts.contact.change[me.knownBy]} onClose={onClose}>
      {send.isSuccess ? (
        <ContactCodeForm
          kind={me.knownBy}
          submit={texts.contact.change[me.knownBy]}
          send={(code) => ask("PUT /api/user/contact", { body: { contact: contact.trim(), code } })}
          onAgain={() => send.reset()}
          onClose={onClose}
        />
      ) : (
        <SecurityForm
          error={Object.keys(errors).length === 0 ? send.error : null}
          isPending={send.isPending}
          submit={texts.auth.sendCode}
          onSubmit={() => {
            const isLike = isPhone ? isPhoneLike(contact) : isEmailLike(contact);
            const found = {
              ...(isLike ? {} : { contact: isPhone ? texts.auth.badPhone : texts.auth.badEmail }),
              ...(password ? {} : { password: texts.auth.required }),
            };
            setFaults(found);
            if (Object.keys(found).length === 0) send.mutate();
          }}
        >
          <p className="soft">{texts.contact.changeNote[me.knownBy](contactShown(me))}</p>
          <Contact
            label={texts.contact.next[me.knownBy]}
            error={errors["contact"]}
            data-first
            value={contact}
            onText={setContact}
          />
          <PasswordField
            label={texts.security.oldPassword}
            error={errors["password"]}
            name="current-password"
            autoComplete="current-password"
            value={password}
            onText={setPassword}
          />
        </SecurityForm>
      )}
    </Dialog>
  );
}
