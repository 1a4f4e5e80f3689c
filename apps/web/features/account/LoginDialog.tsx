/** Log in or register, over whatever the person was doing; afterwards they are where they were. */
import type { DocumentType, Registration } from "@chepiao/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { Dialog, fieldErrorsOf, Notice, Spinner, useErrorText } from "../../lib/parts.tsx";
import { loginDeclined, loginDone, type LoginAsked } from "../../lib/session.ts";
import { useWords } from "../../lib/words.tsx";
import type { Words } from "../../words/zh.ts";
import { asTyped, DocumentFields, PhoneField, TextField } from "./fields.tsx";

export function LoginDialog({ why }: LoginAsked) {
  const words = useWords();
  const [registers, setRegisters] = useState(false);
  const title = registers
    ? words.auth.registerTitle
    : why === "expired"
      ? words.auth.expiredTitle
      : words.auth.loginTitle;
  return (
    <Dialog title={title} onClose={loginDeclined}>
      {why === "expired" && !registers && <p className="soft">{words.auth.expiredNote}</p>}
      {registers ? <RegisterForm /> : <LoginForm />}
      <button type="button" className="button quiet" onClick={() => setRegisters(!registers)}>
        {registers ? words.auth.toLogin : words.auth.toRegister}
      </button>
    </Dialog>
  );
}

function useLogin() {
  const client = useQueryClient();
  return async (username: string, password: string) => {
    const { user } = await ask("POST /api/user/login", { body: { username, password } }, { login: false });
    loginDone(client, user);
  };
}

/** A platform that is tried out offers its demonstration account; whoever has none need not search for it. */
const demoLogin = (() => {
  const [username, password] =
    document.querySelector<HTMLMetaElement>("meta[name=demo-login]")?.content.split(" ") ?? [];
  return username && password ? { username, password } : null;
})();

function LoginForm() {
  const words = useWords();
  const logIn = useLogin();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState<Readonly<Record<string, string>>>({});
  const send = useMutation({
    mutationFn: (who: { readonly username: string; readonly password: string }) => logIn(who.username, who.password),
  });
  const errors: Readonly<Record<string, string>> = {
    ...fieldErrorsOf(send.error, { WrongCredentials: "password" }),
    ...missing,
  };
  const errorText = useErrorText(send.error);
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const empty = {
          ...(username.trim() ? {} : { username: words.auth.required }),
          ...(password ? {} : { password: words.auth.required }),
        };
        setMissing(empty);
        if (Object.keys(empty).length === 0 && !send.isPending) send.mutate({ username: username.trim(), password });
      }}
    >
      <TextField
        label={words.account.username}
        error={errors["username"]}
        data-first
        name="username"
        autoComplete="username"
        {...asTyped}
        value={username}
        onText={setUsername}
      />
      <TextField
        label={words.account.password}
        error={errors["password"]}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onText={setPassword}
      />
      {send.error && Object.keys(errors).length === 0 && <Notice kind="bad" title={errorText} live />}
      <button type="submit" className="button primary" aria-disabled={send.isPending}>
        {send.isPending && <Spinner />} {send.isPending ? words.auth.working : words.auth.submitLogin}
      </button>
      {demoLogin && (
        <div className="demo-login">
          <p className="soft">{words.auth.demoNote}</p>
          <button
            type="button"
            className="button"
            aria-disabled={send.isPending}
            onClick={() => send.isPending || send.mutate(demoLogin)}
          >
            {words.auth.demo}
          </button>
        </div>
      )}
    </form>
  );
}

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
const passwordLengthMin = 8;
const usernameLengthMin = 3;

/** What can be seen to be wrong without asking; the platform has the last word. */
export function faultsOf(draft: Draft, words: Words): Readonly<Record<string, string>> {
  const faults: Record<string, string> = {};
  const { username, password, phone, email } = draft;
  if (username.length < usernameLengthMin) faults["username"] = words.auth.tooShort(usernameLengthMin);
  else if (!/^[A-Za-z][A-Za-z0-9_.-]*$/.test(username)) faults["username"] = words.auth.badUsername;
  if (password.length < passwordLengthMin) faults["password"] = words.auth.tooShort(passwordLengthMin);
  if (draft.realName.trim() === "") faults["realName"] = words.auth.required;
  if (draft.documentNumber.trim() === "") faults["documentNumber"] = words.auth.required;
  if (!/^1[3-9]\d{9}$/.test(phone)) faults["phone"] = words.auth.badPhone;
  if (email !== "" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) faults["email"] = words.auth.badEmail;
  return faults;
}

const fieldOfCode = {
  UsernameTaken: "username",
  PhoneTaken: "phone",
  DocumentInvalid: "documentNumber",
  DocumentAccountsFull: "documentNumber",
} as const;

function RegisterForm() {
  const words = useWords();
  const logIn = useLogin();
  const [draft, setDraft] = useState(emptyDraft);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const send = useMutation({
    mutationFn: async () => {
      const { email, ...rest } = draft;
      const body: Registration = { ...rest, realName: draft.realName.trim(), ...(email ? { email } : {}) };
      await ask("POST /api/user/register", { body }, { login: false });
      await logIn(draft.username, draft.password);
    },
  });
  const errors: Readonly<Record<string, string>> = { ...fieldErrorsOf(send.error, fieldOfCode), ...faults };
  const errorText = useErrorText(send.error);
  const put = (field: keyof Draft) => (value: string) => setDraft((before) => ({ ...before, [field]: value }));
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const found = faultsOf(draft, words);
        setFaults(found);
        if (Object.keys(found).length === 0 && !send.isPending) send.mutate();
      }}
    >
      <TextField
        label={words.account.username}
        hint={words.auth.usernameHint}
        error={errors["username"]}
        name="username"
        autoComplete="username"
        {...asTyped}
        value={draft.username}
        onText={put("username")}
      />
      <TextField
        label={words.account.password}
        hint={words.auth.passwordHint}
        error={errors["password"]}
        name="password"
        type="password"
        autoComplete="new-password"
        value={draft.password}
        onText={put("password")}
      />
      <TextField
        label={words.account.realName}
        hint={words.passenger.nameHint}
        error={errors["realName"]}
        name="realName"
        autoComplete="name"
        value={draft.realName}
        onText={put("realName")}
      />
      <DocumentFields
        type={draft.documentType}
        number={draft.documentNumber}
        errors={errors}
        onType={put("documentType")}
        onNumber={put("documentNumber")}
      />
      <PhoneField
        label={words.account.phone}
        hint={words.auth.phoneHint}
        error={errors["phone"]}
        autoComplete="tel-national"
        value={draft.phone}
        onText={put("phone")}
      />
      <TextField
        label={`${words.account.email} (${words.common.optional})`}
        error={errors["email"]}
        name="email"
        type="email"
        autoComplete="email"
        value={draft.email}
        onText={put("email")}
      />
      {send.error && Object.keys(errors).length === 0 && <Notice kind="bad" title={errorText} live />}
      <button type="submit" className="button primary" aria-disabled={send.isPending}>
        {send.isPending && <Spinner />} {send.isPending ? words.auth.working : words.auth.submitRegister}
      </button>
    </form>
  );
}
