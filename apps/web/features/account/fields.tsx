/** The fields of the forms about people: a line of text, a password, the document that names a passenger, a phone. What is wrong stands beside them. */
import type { DocumentType } from "@chepiao/contracts";
import { type InputHTMLAttributes, useEffect, useState } from "react";
import { Field } from "../../lib/Field.tsx";
import type { ContactKind } from "./contacts.ts";
import { useMessages } from "../../lib/messages.tsx";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";

type TextProps = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> & {
  readonly label: string;
  readonly hint?: string;
  readonly error: string | undefined;
  readonly value: string;
  readonly onText: (text: string) => void;
};

export function TextField({ label, hint, error, onText, ...input }: TextProps) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })} error={error}>
      {(given) => <input {...given} {...input} onChange={(event) => onText(event.target.value)} />}
    </Field>
  );
}

/** A password, hidden until the user wants to see it: then a long one is no harder to type than a short one. */
export function PasswordField({ label, hint, error, onText, ...input }: TextProps) {
  const texts = useAccountMessages();
  const [isShown, setShown] = useState(false);
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })} error={error}>
      {(given) => (
        <span className="password">
          <input
            {...given}
            {...input}
            {...asTyped}
            type={isShown ? "text" : "password"}
            onChange={(event) => onText(event.target.value)}
          />
          <button
            type="button"
            className="button quiet"
            aria-label={isShown ? texts.auth.hideTyped : texts.auth.showTyped}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? texts.auth.hide : texts.auth.show}
          </button>
        </span>
      )}
    </Field>
  );
}

/** What is typed letter by letter: no capitals, no red lines under it. */
export const asTyped = { autoCapitalize: "off", spellCheck: false } as const;

type DocumentProps = {
  /** Those that the railway takes. */
  readonly taken: readonly DocumentType[];
  readonly type: DocumentType;
  readonly number: string;
  readonly errors: Readonly<Record<string, string>>;
  /** A document that was saved stays as it is. */
  readonly fixed?: boolean;
  readonly onType: (type: DocumentType) => void;
  readonly onNumber: (number: string) => void;
};

export function DocumentFields({ taken, type, number, errors, fixed = false, onType, onNumber }: DocumentProps) {
  const messages = useMessages();
  const texts = useAccountMessages();
  // A saved document keeps its kind, also where the railway takes no new ones of it.
  const kinds = fixed ? [type] : taken;
  const first = !taken.includes(type) && !fixed ? taken[0] : undefined;
  useEffect(() => {
    if (first !== undefined) onType(first);
  }, [first, onType]);
  return (
    <>
      <Field label={texts.passenger.documentType} error={errors["documentType"]}>
        {(given) => (
          <select
            {...given}
            name="documentType"
            value={type}
            disabled={fixed}
            onChange={(event) => onType(event.target.value as DocumentType)}
          >
            {kinds.map((each) => (
              <option key={each} value={each}>
                {messages.documents[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <TextField
        label={texts.passenger.documentNumber}
        error={errors["documentNumber"]}
        name="documentNumber"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        value={number}
        readOnly={fixed}
        onText={onNumber}
      />
    </>
  );
}

export const PhoneField = (props: TextProps) => <TextField name="phone" type="tel" inputMode="tel" {...props} />;

export const EmailField = (props: TextProps) => (
  <TextField name="email" type="email" inputMode="email" autoComplete="email" {...asTyped} {...props} />
);

/** A field for a username or what an account is known by. Its type stays text: a username is no mail address. */
export const loginName = (knownBy: ContactKind) =>
  ({
    name: "username",
    autoComplete: "username",
    ...asTyped,
    inputMode: knownBy === "email" ? "email" : "text",
  }) as const;
