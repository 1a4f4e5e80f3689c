/** Log in or register, over whatever the person was doing; afterwards they are where they were. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ask } from "../../lib/api.ts";
import { isOwnDevice, noteDevice } from "../../lib/device.ts";
import { fieldErrorsOf, Notice, Spinner, useErrorText } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { loginDeclined, loginDone, type LoginAsked } from "../../lib/session.ts";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import { loginName, PasswordField, TextField } from "./fields.tsx";
import { ForgotForm } from "./ForgotForm.tsx";
import { useKnownBy } from "./contacts.ts";
import { RegisterForm, type WayIn } from "./RegisterForm.tsx";

type Mode = "login" | "register" | "forgot";

export function LoginDialog({ why }: LoginAsked) {
  const texts = useAccountMessages();
  const [mode, setMode] = useState<Mode>("login");
  const client = useQueryClient();
  const [isOwn, setOwn] = useState(isOwnDevice);
  const logIn = useLogin(isOwn);
  const own = <OwnDevice isOwn={isOwn} onOwn={setOwn} />;
  const titles: Readonly<Record<Mode, string>> = {
    login: why === "expired" ? texts.auth.expiredTitle : texts.auth.loginTitle,
    register: texts.auth.registerTitle,
    forgot: texts.auth.forgotTitle,
  };
  return (
    <Dialog title={titles[mode]} onClose={() => loginDeclined(client)}>
      {why === "expired" && mode === "login" && <p className="soft">{texts.auth.expiredNote}</p>}
      {mode === "login" && <LoginForm logIn={logIn} own={own} onForgot={() => setMode("forgot")} />}
      {mode === "register" && <RegisterForm logIn={logIn} own={own} />}
      {mode === "forgot" && <ForgotForm onReset={logIn} own={own} />}
      <button type="button" className="button quiet" onClick={() => setMode(mode === "login" ? "register" : "login")}>
        {mode === "login" ? texts.auth.toRegister : texts.auth.toLogin}
      </button>
    </Dialog>
  );
}

function useLogin(isOwn: boolean): WayIn["logIn"] {
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
  const texts = useAccountMessages();
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
        {texts.auth.ownDevice}
      </label>
      <p className="soft" id={note}>
        {texts.auth.ownDeviceNote}
      </p>
    </div>
  );
}

function LoginForm({ logIn, own, onForgot }: WayIn & { readonly onForgot: () => void }) {
  const texts = useAccountMessages();
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
          ...(username.trim() ? {} : { username: texts.auth.required }),
          ...(password ? {} : { password: texts.auth.required }),
        };
        setMissing(empty);
        if (Object.keys(empty).length === 0 && !send.isPending) send.mutate({ username: username.trim(), password });
      }}
    >
      <TextField
        label={knownBy === "phone" ? texts.account.username : texts.auth.nameOr.email}
        error={errors["username"]}
        data-first
        {...loginName(knownBy)}
        value={username}
        onText={setUsername}
      />
      <PasswordField
        label={texts.account.password}
        error={errors["password"]}
        name="password"
        autoComplete="current-password"
        value={password}
        onText={setPassword}
      />
      {own}
      {send.error && Object.keys(errors).length === 0 && <Notice kind="bad" title={errorText} live />}
      <button type="submit" className="button primary" aria-disabled={send.isPending}>
        {send.isPending && <Spinner />} {send.isPending ? texts.auth.working : texts.auth.submitLogin}
      </button>
      <button type="button" className="button quiet" onClick={onForgot}>
        {texts.auth.forgot}
      </button>
      {demoLogin && (
        <div className="demo-login">
          <p className="soft">{texts.auth.demoNote}</p>
          <button
            type="button"
            className="button"
            aria-disabled={send.isPending}
            onClick={() => send.isPending || send.mutate(demoLogin)}
          >
            {texts.auth.demo}
          </button>
        </div>
      )}
    </form>
  );
}
