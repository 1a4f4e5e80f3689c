/** One passenger, new or saved: name, document, ticket. What is wrong is said beside the field. */
import type { DocumentType, Passenger, PassengerDraft, Railway, TicketType } from "@chepiao/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { ByRailwayRules } from "../../lib/ByRailwayRules.tsx";
import { fieldErrorsOf, Notice, Spinner, useErrorText } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { Field } from "../../lib/Field.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { useTrainTypeName } from "../../lib/railwayRules.ts";
import { typeRule, typesSold } from "../../lib/ticketTypes.ts";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import { documentNumberFault } from "./documentNumber.ts";
import { DocumentFields, PhoneField, TextField } from "./fields.tsx";

type Props = {
  readonly passenger?: Passenger;
  readonly onClose: () => void;
  readonly onSaved?: (passenger: Passenger) => void;
};

const fieldOfCode = {
  DocumentInvalid: "documentNumber",
  IdentityRefused: "documentNumber",
  PassengerExists: "documentNumber",
  TicketTypeNotAllowed: "ticketType",
} as const;

export function PassengerDialog(props: Props) {
  const texts = useAccountMessages();
  return (
    <Dialog title={props.passenger ? texts.passenger.edit : texts.passenger.add} onClose={props.onClose}>
      <ByRailwayRules>{(railway) => <PassengerForm {...props} railway={railway} />}</ByRailwayRules>
    </Dialog>
  );
}

function PassengerForm({ passenger, onClose, onSaved, railway }: Props & { readonly railway: Railway }) {
  const messages = useMessages();
  const typeName = useTrainTypeName();
  const texts = useAccountMessages();
  const client = useQueryClient();
  const [name, setName] = useState(passenger?.name ?? "");
  const [documentType, setDocumentType] = useState<DocumentType>(passenger?.documentType ?? "residentId");
  const [documentNumber, setDocumentNumber] = useState("");
  const [phone, setPhone] = useState("");
  const [ticketType, setTicketType] = useState<TicketType>(passenger?.ticketType ?? "adult");
  const [birthDate, setBirthDate] = useState("");
  const [missing, setMissing] = useState<Readonly<Record<string, string>>>({});

  const types = typesSold(railway, messages);

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
    const numberFault = passenger
      ? null
      : documentNumberFault(documentType, documentNumber, texts, railway.documentPatterns?.[documentType]);
    const empty = {
      ...(name.trim() === "" ? { name: texts.passenger.required } : {}),
      ...(numberFault === null ? {} : { documentNumber: numberFault }),
    };
    setMissing(empty);
    if (Object.keys(empty).length === 0 && !save.isPending) save.mutate();
  }

  const needsBirth = !passenger && ticketType === "child" && documentType !== "residentId";
  return (
    <form
      method="post"
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        submit();
      }}
    >
      <TextField
        label={texts.passenger.name}
        hint={texts.passenger.nameHint}
        error={errors["name"]}
        autoComplete="off"
        value={name}
        readOnly={passenger?.self ?? false}
        onText={setName}
      />
      <DocumentFields
        taken={railway.documents}
        type={documentType}
        number={passenger ? passenger.documentMasked : documentNumber}
        errors={errors}
        fixed={passenger !== undefined}
        onType={setDocumentType}
        onNumber={setDocumentNumber}
      />
      <Field
        label={texts.passenger.ticketType}
        hint={typeRule(ticketType, railway, messages, typeName)}
        error={errors["ticketType"]}
      >
        {(given) => (
          <select {...given} value={ticketType} onChange={(e) => setTicketType(e.target.value as TicketType)}>
            {types.map((type) => (
              <option key={type} value={type}>
                {messages.ticketTypes[type]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {needsBirth && (
        <TextField
          label={texts.passenger.birthDate}
          hint={texts.passenger.birthHint}
          error={errors["birthDate"]}
          type="date"
          value={birthDate}
          onText={setBirthDate}
        />
      )}
      <PhoneField
        label={`${texts.passenger.phone} (${messages.common.optional})`}
        error={errors["phone"]}
        autoComplete="off"
        placeholder={passenger?.phoneMasked ?? ""}
        value={phone}
        onText={setPhone}
      />
      {save.error && !showsField && <Notice kind="bad" title={errorText} live />}
      <button type="submit" className="button primary" aria-disabled={save.isPending}>
        {save.isPending ? <Spinner /> : null} {messages.common.save}
      </button>
    </form>
  );
}
