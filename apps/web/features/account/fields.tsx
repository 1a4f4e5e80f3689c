/** The fields of the forms about people: a line of text, the document that names somebody, a phone. What is wrong stands beside them. */
import type { DocumentType } from "@chepiao/contracts";
import type { InputHTMLAttributes } from "react";
import { Field } from "../../lib/parts.tsx";
import { useWords } from "../../lib/words.tsx";

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

/** What is typed letter by letter: no capitals, no red lines under it. */
export const asTyped = { autoCapitalize: "off", spellCheck: false } as const;

type DocumentProps = {
  readonly type: DocumentType;
  readonly number: string;
  readonly errors: Readonly<Record<string, string>>;
  /** A document that was saved stays as it is. */
  readonly fixed?: boolean;
  readonly onType: (type: DocumentType) => void;
  readonly onNumber: (number: string) => void;
};

export function DocumentFields({ type, number, errors, fixed = false, onType, onNumber }: DocumentProps) {
  const words = useWords();
  return (
    <>
      <Field label={words.passenger.documentType} error={errors["documentType"]}>
        {(given) => (
          <select
            {...given}
            name="documentType"
            value={type}
            disabled={fixed}
            onChange={(event) => onType(event.target.value as DocumentType)}
          >
            {(Object.keys(words.documents) as DocumentType[]).map((each) => (
              <option key={each} value={each}>
                {words.documents[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <TextField
        label={words.passenger.documentNumber}
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
