/** One passenger, new or saved: name, document, ticket. What is wrong is said beside the field. */
import type { DocumentType, Passenger, PassengerDraft, TicketType } from "@chepiao/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { Dialog, Field, fieldErrorsOf, Notice, Spinner, useErrorText } from "../../lib/parts.tsx";
import { useWords } from "../../lib/words.tsx";
import { DocumentFields, PhoneField, TextField } from "./fields.tsx";

type Props = {
  readonly passenger?: Passenger;
  readonly onClose: () => void;
  readonly onSaved?: (passenger: Passenger) => void;
};

const fieldOfCode = {
  DocumentInvalid: "documentNumber",
  PassengerExists: "documentNumber",
  TicketTypeNotAllowed: "ticketType",
} as const;

export function PassengerDialog({ passenger, onClose, onSaved }: Props) {
  const words = useWords();
  const client = useQueryClient();
  const [name, setName] = useState(passenger?.name ?? "");
  const [documentType, setDocumentType] = useState<DocumentType>(passenger?.documentType ?? "residentId");
  const [documentNumber, setDocumentNumber] = useState("");
  const [phone, setPhone] = useState("");
  const [ticketType, setTicketType] = useState<TicketType>(passenger?.ticketType ?? "adult");
  const [birthDate, setBirthDate] = useState("");
  const [missing, setMissing] = useState<Readonly<Record<string, string>>>({});

  const save = useMutation({
    mutationFn: () => {
      if (passenger) {
        const body = {
          ...(passenger.self ? {} : { name: name.trim() }),
          ...(phone.trim() ? { phone: phone.trim() } : {}),
          ticketType,
        };
        return ask("PUT /api/user/passengers/:passengerId", { params: { passengerId: passenger.passengerId }, body });
      }
      const body: PassengerDraft = {
        name: name.trim(),
        documentType,
        documentNumber: documentNumber.trim(),
        ticketType,
        ...(phone.trim() ? { phone: phone.trim() } : {}),
        ...(birthDate ? { birthDate } : {}),
      };
      return ask("POST /api/user/passengers", { body });
    },
    onSuccess: (saved) => {
      client.setQueryData<readonly Passenger[]>(["passengers"], (before = []) =>
        before.some(({ passengerId }) => passengerId === saved.passengerId)
          ? before.map((each) => (each.passengerId === saved.passengerId ? saved : each))
          : [...before, saved],
      );
      onSaved?.(saved);
      onClose();
    },
  });
  const errors: Readonly<Record<string, string>> = { ...fieldErrorsOf(save.error, fieldOfCode), ...missing };
  const errorText = useErrorText(save.error);
  const showsField = isRefused(save.error) && Object.keys(errors).length > 0;

  function submit() {
    const empty = {
      ...(name.trim() === "" ? { name: words.passenger.required } : {}),
      ...(!passenger && documentNumber.trim() === "" ? { documentNumber: words.passenger.required } : {}),
    };
    setMissing(empty);
    if (Object.keys(empty).length === 0 && !save.isPending) save.mutate();
  }

  const needsBirth = !passenger && ticketType === "child" && documentType !== "residentId";
  return (
    <Dialog title={passenger ? words.passenger.edit : words.passenger.add} onClose={onClose}>
      <form
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          submit();
        }}
      >
        <TextField
          label={words.passenger.name}
          hint={words.passenger.nameHint}
          error={errors["name"]}
          autoComplete="off"
          value={name}
          readOnly={passenger?.self ?? false}
          onText={setName}
        />
        <DocumentFields
          type={documentType}
          number={passenger ? passenger.documentMasked : documentNumber}
          errors={errors}
          fixed={passenger !== undefined}
          onType={setDocumentType}
          onNumber={setDocumentNumber}
        />
        <Field label={words.passenger.ticketType} hint={words.ticketTypeRules[ticketType]} error={errors["ticketType"]}>
          {(given) => (
            <select {...given} value={ticketType} onChange={(e) => setTicketType(e.target.value as TicketType)}>
              {(Object.keys(words.ticketTypes) as TicketType[]).map((type) => (
                <option key={type} value={type}>
                  {words.ticketTypes[type]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {needsBirth && (
          <TextField
            label={words.passenger.birthDate}
            hint={words.passenger.birthHint}
            error={errors["birthDate"]}
            type="date"
            value={birthDate}
            onText={setBirthDate}
          />
        )}
        <PhoneField
          label={`${words.passenger.phone} (${words.common.optional})`}
          error={errors["phone"]}
          autoComplete="off"
          placeholder={passenger?.phoneMasked ?? ""}
          value={phone}
          onText={setPhone}
        />
        {save.error && !showsField && <Notice kind="bad" title={errorText} live />}
        <button type="submit" className="button primary" aria-disabled={save.isPending}>
          {save.isPending ? <Spinner /> : null} {words.common.save}
        </button>
      </form>
    </Dialog>
  );
}
