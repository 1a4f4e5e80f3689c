/** A forgotten password: who it is, then the code that was sent to the phone or mail address and a new password; afterwards they are logged in. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { ask } from "../../lib/api.ts";
import { fieldErrorsOf, Notice, Spinner, useErrorText } from "../../lib/components.tsx";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import { loginName, PasswordField, TextField } from "./fields.tsx";
import { isEmailLike, isPhoneLike, useKnownBy } from "./contacts.ts";
import { CodeField, CodeSent } from "./OneTimeCode.tsx";
import { oneTimeCodeDigits, oneTimeCodeMinutes, passwordLengthMin } from "./passwords.ts";

type Props = {
  readonly onReset: (username: string, password: string) => Promise<void>;
  /** Asks whose device this is. */
  readonly own: ReactNode;
};
type Faults = Readonly<Record<string, string>>;

export function ForgotForm({ onReset, own }: Props) {
  const [username, setUsername] = useState("");
  const [isSent, setSent] = useState(false);
  return isSent ? (
    <NewPassword username={username} onAgain={() => setSent(false)} onReset={onReset} own={own} />
  ) : (
    <AskCode username={username} onUsername={setUsername} onSent={() => setSent(true)} />
  );
}

type AskProps = {
  readonly username: string;
  readonly onUsername: (username: string) => void;
  readonly onSent: () => void;
};

function AskCode({ username, onUsername, onSent }: AskProps) {
  const texts = useAccountMessages();
  const knownBy = useKnownBy();
  const [faults, setFaults] = useState<Faults>({});
  const send = useMutation({
    mutationFn: () => ask("POST /api/user/password/code", { body: { username: username.trim() } }, { login: false }),
    onSuccess: onSent,
  });
  const errorText = useErrorText(send.error);
  function submit(event: FormEvent) {
    event.preventDefault();
    const found: Faults = username.trim() ? {} : { username: texts.auth.required };
    setFaults(found);
    if (Object.keys(found).length === 0 && !send.isPending) send.mutate();
  }
  return (
    <form method="post" className="form" noValidate onSubmit={submit}>
      <p className="soft">{texts.auth.forgotNote[knownBy]}</p>
      <TextField
        label={texts.auth.nameOr[knownBy]}
        error={faults["username"]}
        data-first
        {...loginName(knownBy)}
        value={username}
        onText={onUsername}
      />
      {send.error && <Notice kind="bad" title={errorText} live />}
      <button type="submit" className="button primary" aria-disabled={send.isPending}>
        {send.isPending && <Spinner />} {send.isPending ? texts.auth.working : texts.auth.sendCode}
      </button>
    </form>
  );
}

function NewPassword({
  username,
  onAgain,
  onReset,
  own,
}: Props & { readonly username: string; readonly onAgain: () => void }) {
  const texts = useAccountMessages();
  const knownBy = useKnownBy();
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const [faults, setFaults] = useState<Faults>({});
  const name = username.trim();
  const reset = useMutation({
    mutationFn: async () => {
      const body = { username: name, code: code.replaceAll(/\s/g, ""), password };
      await ask("POST /api/user/password/reset", { body }, { login: false });
      await onReset(name, password);
    },
  });
  const errors: Faults = { ...fieldErrorsOf(reset.error, {}), ...faults };
  const errorText = useErrorText(reset.error);
  function submit(event: FormEvent) {
    event.preventDefault();
    const found: Record<string, string> = {};
    if (code.replaceAll(/\D/g, "").length !== oneTimeCodeDigits) found["code"] = texts.auth.badCode(oneTimeCodeDigits);
    if (password.length < passwordLengthMin) found["password"] = texts.auth.tooShort(passwordLengthMin);
    setFaults(found);
    if (Object.keys(found).length === 0 && !reset.isPending) reset.mutate();
  }
  return (
    <form method="post" className="form" noValidate onSubmit={submit}>
      <CodeSent
        title={texts.auth.codeSent}
        note={texts.auth.codeSentNote(oneTimeCodeMinutes)}
        kind={knownBy}
        {...(isPhoneLike(name) || isEmailLike(name) ? { to: name } : {})}
      />
      <CodeField error={errors["code"]} value={code} onText={setCode} />
      <PasswordField
        label={texts.auth.newPassword}
        hint={texts.auth.passwordHint}
        error={errors["password"]}
        name="new-password"
        autoComplete="new-password"
        value={password}
        onText={setPassword}
      />
      {own}
      {reset.error && Object.keys(errors).length === 0 && <Notice kind="bad" title={errorText} live />}
      <button type="submit" className="button primary" aria-disabled={reset.isPending}>
        {reset.isPending && <Spinner />} {reset.isPending ? texts.auth.working : texts.auth.submitReset}
      </button>
      <button type="button" className="button quiet" onClick={onAgain}>
        {texts.auth.codeAgain}
      </button>
    </form>
  );
}
