/** A field of a form, with its label and what is to be said about it. */
import { type ReactNode, useEffect, useId, useRef } from "react";

type FieldProps = {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly children: (given: {
    readonly id: string;
    readonly "aria-describedby"?: string;
    readonly "aria-invalid"?: true;
  }) => ReactNode;
};

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const note = error ?? hint;
  // What was pressed is the button; what is to be done is in the first field that is wrong.
  useEffect(() => {
    if (error) box.current?.closest("form")?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [error]);
  return (
    <div ref={box} className={error ? "field wrong" : "field"}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        ...(note ? { "aria-describedby": `${id}-note` } : {}),
        ...(error ? { "aria-invalid": true } : {}),
      })}
      {note && (
        <p id={`${id}-note`} className={error ? "field-error" : "field-hint"}>
          {note}
        </p>
      )}
    </div>
  );
}
