/** A new account. What it is asked for is the railway's to say: the form is offered once that is known, and follows when it changes meanwhile. */
import type { DocumentType, Railway, Registration } from "@chepiao/contracts";
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ask } from "../../lib/api.ts";
import { ByRailwayRules } from "../../lib/ByRailwayRules.tsx";
import { fieldErrorsOf, Notice, Spinner, useErrorText } from "../../lib/components.tsx";
import { useLanguage } from "../../lib/messages.tsx";
import { railwayRulesKey } from "../../lib/railwayRules.ts";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import type { AccountMessages } from "../../messages/account.zh.ts";
import { type ContactKind, isEmailLike, isPhoneLike } from "./contacts.ts";
import { asTyped, DocumentFields, EmailField, PasswordField, PhoneField, TextField } from "./fields.tsx";
import { passwordLengthMin } from "./passwords.ts";

/** How they log in, and the question whose device this is, which every way in asks. */
export type WayIn = {
  readonly logIn: (username: string, password: string) => Promise<void>;
  readonly own: ReactNode;
};

export const RegisterForm = (wayIn: WayIn) => (
  <ByRailwayRules>{(rules) => <AccountForm {...wayIn} rules={rules} />}</ByRailwayRules>
);

type Draft = {
  username: string;
  password: string;
  realName: string;
  documentType: DocumentType;
  documentNumber: string;
  phone: string;
  email: string;
};
const emptyDraft: Draft = {
  username: "",
  password: "",
  realName: "",
  documentType: "residentId",
  documentNumber: "",
  phone: "",
  email: "",
};
const usernameLengthMin = 3;

/** What can be seen to be wrong without asking; the platform has the last word. */
function faultsOf(draft: Draft, knownBy: ContactKind, texts: AccountMessages): Readonly<Record<string, string>> {
  const faults: Record<string, string> = {};
  const { username, password, phone, email } = draft;
  if (username.length < usernameLengthMin) faults["username"] = texts.auth.tooShort(usernameLengthMin);
  else if (!/^[A-Za-z][A-Za-z0-9_.-]*$/.test(username)) faults["username"] = texts.auth.badUsername;
  if (password.length < passwordLengthMin) faults["password"] = texts.auth.tooShort(passwordLengthMin);
  if (draft.realName.trim() === "") faults["realName"] = texts.auth.required;
  if (draft.documentNumber.trim() === "") faults["documentNumber"] = texts.auth.required;
  if (knownBy === "phone" && !isPhoneLike(phone)) faults["phone"] = texts.auth.badPhone;
  if ((knownBy === "email" || email !== "") && !isEmailLike(email)) faults["email"] = texts.auth.badEmail;
  return faults;
}

const fieldOfCode = {
  UsernameTaken: "username",
  DocumentInvalid: "documentNumber",
  IdentityRefused: "documentNumber",
  DocumentAccountsFull: "documentNumber",
} as const;

/** The faults that no field of the form can show: the railway asks for another one since the form was opened. */
export function faultsElsewhere(
  errors: Readonly<Record<string, string>>,
  draft: Readonly<Record<string, unknown>>,
  knownBy: ContactKind,
): readonly string[] {
  const isOnForm = (field: string) => Object.hasOwn(draft, field) && (field !== "phone" || knownBy === "phone");
  return Object.entries(errors).flatMap(([field, message]) => (isOnForm(field) ? [] : [message]));
}

/** Where a phone or a mail address is refused, the railway may have changed which of them it asks for. */
export function askRulesAnew(client: QueryClient, error: unknown): void {
  const { phone, email } = fieldErrorsOf(error, fieldOfCode);
  if (phone ?? email) void client.invalidateQueries({ queryKey: railwayRulesKey });
}

/** Of which country a phone has to be; where several are taken, how one of another is written. */
export function phoneHint(regions: readonly string[], language: "zh" | "en", texts: AccountMessages): string {
  const [region, ...others] = regions;
  if (region === undefined || others.length > 0) return texts.auth.phoneHintAbroad;
  // Hong Kong and Macao are regions of their own.
  if (region === "CN") return texts.auth.phoneHint(texts.auth.mainland);
  return texts.auth.phoneHint(new Intl.DisplayNames(language, { type: "region" }).of(region) ?? region);
}

function AccountForm({ logIn, own, rules }: WayIn & { readonly rules: Railway }) {
  const { messages, language } = useLanguage();
  const texts = useAccountMessages();
  const client = useQueryClient();
  const { knownBy } = rules;
  const [draft, setDraft] = useState(emptyDraft);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const send = useMutation({
    mutationFn: async () => {
      const { phone, email, ...rest } = draft;
      const contact = { ...(knownBy === "phone" ? { phone } : {}), ...(email ? { email } : {}) };
      const body: Registration = { ...rest, realName: draft.realName.trim(), ...contact };
      await ask("POST /api/user/register", { body }, { login: false });
      await logIn(draft.username, draft.password);
    },
    onError: (error) => askRulesAnew(client, error),
  });
  const errors: Readonly<Record<string, string>> = { ...fieldErrorsOf(send.error, fieldOfCode), ...faults };
  const elsewhere = faultsElsewhere(errors, draft, knownBy);
  const errorText = useErrorText(send.error);
  const put = (field: keyof Draft) => (value: string) => setDraft((before) => ({ ...before, [field]: value }));
  return (
    <form
      method="post"
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const found = faultsOf(draft, knownBy, texts);
        setFaults(found);
        if (Object.keys(found).length === 0 && !send.isPending) send.mutate();
      }}
    >
      <TextField
        label={texts.account.username}
        hint={texts.auth.usernameHint}
        error={errors["username"]}
        name="username"
        autoComplete="username"
        {...asTyped}
        value={draft.username}
        onText={put("username")}
      />
      <PasswordField
        label={texts.account.password}
        hint={texts.auth.passwordHint}
        error={errors["password"]}
        name="password"
        autoComplete="new-password"
        value={draft.password}
        onText={put("password")}
      />
      <TextField
        label={texts.account.realName}
        hint={texts.passenger.nameHint}
        error={errors["realName"]}
        name="realName"
        autoComplete="name"
        value={draft.realName}
        onText={put("realName")}
      />
      <DocumentFields
        taken={rules.documents}
        type={draft.documentType}
        number={draft.documentNumber}
        errors={errors}
        onType={put("documentType")}
        onNumber={put("documentNumber")}
      />
      {knownBy === "phone" && (
        <PhoneField
          label={texts.account.phone}
          hint={phoneHint(rules.phoneRegions, language, texts)}
          error={errors["phone"]}
          autoComplete="tel-national"
          value={draft.phone}
          onText={put("phone")}
        />
      )}
      <EmailField
        label={knownBy === "email" ? texts.account.email : `${texts.account.email} (${messages.common.optional})`}
        error={errors["email"]}
        value={draft.email}
        onText={put("email")}
      />
      {own}
      {send.error && (Object.keys(errors).length === 0 || elsewhere.length > 0) && (
        <Notice kind="bad" title={errorText} live>
          {elsewhere.join(" ")}
        </Notice>
      )}
      <button type="submit" className="button primary" aria-disabled={send.isPending}>
        {send.isPending && <Spinner />} {send.isPending ? texts.auth.working : texts.auth.submitRegister}
      </button>
    </form>
  );
}
