/** Log in or register, over whatever the person was doing; afterwards they are where they were. */
import type { DocumentType, Registration } from "@chepiao/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { ask } from "../../lib/api.ts";
import { isOwnDevice, noteDevice } from "../../lib/device.ts";
import { fieldErrorsOf, Notice, Spinner, useErrorText } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { loginDeclined, loginDone, type LoginAsked } from "../../lib/session.ts";
import { useMessages } from "../../lib/messages.tsx";
import type { Messages } from "../../messages/zh.ts";
import { asTyped, DocumentFields, EmailField, loginName, PasswordField, PhoneField, TextField } from "./fields.tsx";
import { ForgotForm } from "./ForgotForm.tsx";
import { useRailwayRules } from "../../lib/railwayRules.ts";
import { type ContactKind, isEmailLike, isPhoneLike, useKnownBy } from "./contacts.ts";
import { passwordLengthMin } from "./passwords.ts";

type Mode = "login" | "register" | "forgot";

export function LoginDialog({ why }: LoginAsked) {
  const messages = useMessages();
  const [mode, setMode] = useState<Mode>("login");
  const client = useQueryClient();
  const [isOwn, setOwn] = useState(isOwnDevice);
  const logIn = useLogin(isOwn);
  const own = <OwnDevice isOwn={isOwn} onOwn={setOwn} />;
  const titles: Readonly<Record<Mode, string>> = {
    login: why === "expired" ? messages.auth.expiredTitle : messages.auth.loginTitle,
    register: messages.auth.registerTitle,
    forgot: messages.auth.forgotTitle,
  };
  return (
    <Dialog title={titles[mode]} onClose={() => loginDeclined(client)}>
      {why === "expired" && mode === "login" && <p className="soft">{messages.auth.expiredNote}</p>}
      {mode === "login" && <LoginForm logIn={logIn} own={own} onForgot={() => setMode("forgot")} />}
      {mode === "register" && <RegisterForm logIn={logIn} own={own} />}
      {mode === "forgot" && <ForgotForm onReset={logIn} own={own} />}
      <button type="button" className="button quiet" onClick={() => setMode(mode === "login" ? "register" : "login")}>
        {mode === "login" ? messages.auth.toRegister : messages.auth.toLogin}
      </button>
    </Dialog>
  );
}

type LogIn = (username: string, password: string) => Promise<void>;
/** How they log in, and the question whose device this is, which every way in asks. */
type WayIn = { readonly logIn: LogIn; readonly own: ReactNode };

function useLogin(isOwn: boolean): LogIn {
  const client = useQueryClient();
  return async (username, password) => {
    const { user } = await ask("POST /api/user/login", { body: { username, password } }, { login: false });
    noteDevice(isOwn);
    loginDone(client, user);
  };
}

/** A platform that is tried out offers its demonstration account; a visitor without one need not search for it. */
const demoLogin = (() => {
  const [username, password] =
    document.querySelector<HTMLMetaElement>("meta[name=demo-login]")?.content.split(" ") ?? [];
  return username && password ? { username, password } : null;
})();

function OwnDevice({ isOwn, onOwn }: { readonly isOwn: boolean; readonly onOwn: (isOwn: boolean) => void }) {
  const messages = useMessages();
  const note = useId();
  return (
    <div className="own-device">
      <label>
        <input
          type="checkbox"
          name="ownDevice"
          checked={isOwn}
          onChange={(event) => onOwn(event.target.checked)}
          aria-describedby={note}
        />
        {messages.auth.ownDevice}
      </label>
      <p className="soft" id={note}>
        {messages.auth.ownDeviceNote}
      </p>
    </div>
  );
}

function LoginForm({ logIn, own, onForgot }: WayIn & { readonly onForgot: () => void }) {
  const messages = useMessages();
  const knownBy = useKnownBy();
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
      method="post"
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const empty = {
          ...(username.trim() ? {} : { username: messages.auth.required }),
          ...(password ? {} : { password: messages.auth.required }),
        };
        setMissing(empty);
        if (Object.keys(empty).length === 0 && !send.isPending) send.mutate({ username: username.trim(), password });
      }}
    >
      <TextField
        label={knownBy === "phone" ? messages.account.username : messages.auth.nameOr.email}
        error={errors["username"]}
        data-first
        {...loginName(knownBy)}
        value={username}
        onText={setUsername}
      />
      <PasswordField
        label={messages.account.password}
        error={errors["password"]}
        name="password"
        autoComplete="current-password"
        value={password}
        onText={setPassword}
      />
      {own}
      {send.error && Object.keys(errors).length === 0 && <Notice kind="bad" title={errorText} live />}
      <button type="submit" className="button primary" aria-disabled={send.isPending}>
        {send.isPending && <Spinner />} {send.isPending ? messages.auth.working : messages.auth.submitLogin}
      </button>
      <button type="button" className="button quiet" onClick={onForgot}>
        {messages.auth.forgot}
      </button>
      {demoLogin && (
        <div className="demo-login">
          <p className="soft">{messages.auth.demoNote}</p>
          <button
            type="button"
            className="button"
            aria-disabled={send.isPending}
            onClick={() => send.isPending || send.mutate(demoLogin)}
          >
            {messages.auth.demo}
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
const usernameLengthMin = 3;

/** What can be seen to be wrong without asking; the platform has the last word. */
export function faultsOf(draft: Draft, knownBy: ContactKind, messages: Messages): Readonly<Record<string, string>> {
  const faults: Record<string, string> = {};
  const { username, password, phone, email } = draft;
  if (username.length < usernameLengthMin) faults["username"] = messages.auth.tooShort(usernameLengthMin);
  else if (!/^[A-Za-z][A-Za-z0-9_.-]*$/.test(username)) faults["username"] = messages.auth.badUsername;
  if (password.length < passwordLengthMin) faults["password"] = messages.auth.tooShort(passwordLengthMin);
  if (draft.realName.trim() === "") faults["realName"] = messages.auth.required;
  if (draft.documentNumber.trim() === "") faults["documentNumber"] = messages.auth.required;
  if (knownBy === "phone" && !isPhoneLike(phone)) faults["phone"] = messages.auth.badPhone;
  if ((knownBy === "email" || email !== "") && !isEmailLike(email)) faults["email"] = messages.auth.badEmail;
  return faults;
}

const fieldOfCode = {
  UsernameTaken: "username",
  DocumentInvalid: "documentNumber",
  IdentityRefused: "documentNumber",
  DocumentAccountsFull: "documentNumber",
} as const;

function RegisterForm({ logIn, own }: WayIn) {
  const messages = useMessages();
  const isAtHomeOnly = (useRailwayRules()?.phoneRegions ?? ["CN"]).join() === "CN";
  const knownBy = useKnownBy();
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
  });
  const errors: Readonly<Record<string, string>> = { ...fieldErrorsOf(send.error, fieldOfCode), ...faults };
  const errorText = useErrorText(send.error);
  const put = (field: keyof Draft) => (value: string) => setDraft((before) => ({ ...before, [field]: value }));
  return (
    <form
      method="post"
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const found = faultsOf(draft, knownBy, messages);
        setFaults(found);
        if (Object.keys(found).length === 0 && !send.isPending) send.mutate();
      }}
    >
      <TextField
        label={messages.account.username}
        hint={messages.auth.usernameHint}
        error={errors["username"]}
        name="username"
        autoComplete="username"
        {...asTyped}
        value={draft.username}
        onText={put("username")}
      />
      <PasswordField
        label={messages.account.password}
        hint={messages.auth.passwordHint}
        error={errors["password"]}
        name="password"
        autoComplete="new-password"
        value={draft.password}
        onText={put("password")}
      />
      <TextField
        label={messages.account.realName}
        hint={messages.passenger.nameHint}
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
      {knownBy === "phone" && (
        <PhoneField
          label={messages.account.phone}
          hint={isAtHomeOnly ? messages.auth.phoneHint : messages.auth.phoneHintAbroad}
          error={errors["phone"]}
          autoComplete="tel-national"
          value={draft.phone}
          onText={put("phone")}
        />
      )}
      <EmailField
        label={knownBy === "email" ? messages.account.email : `${messages.account.email} (${messages.common.optional})`}
        error={errors["email"]}
        value={draft.email}
        onText={put("email")}
      />
      {own}
      {send.error && Object.keys(errors).length === 0 && <Notice kind="bad" title={errorText} live />}
      <button type="submit" className="button primary" aria-disabled={send.isPending}>
        {send.isPending && <Spinner />} {send.isPending ? messages.auth.working : messages.auth.submitRegister}
      </button>
    </form>
  );
}
