/** What an owner can do to keep an account his own, and to leave: another password, every other session ended, the account deleted. */
import type { User } from "@chepiao/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { ask } from "../../lib/api.ts";
import { fieldErrorsOf, Notice, Spinner, useErrorText } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { navigate } from "@chepiao/ui";
import { useForgetPerson } from "../../lib/session.ts";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import { PasswordField } from "./fields.tsx";
import { passwordLengthMin } from "./passwords.ts";

type Asked = "password" | "sessions" | "delete";
type Closing = { readonly onClose: () => void };
type Done = Closing & { readonly onDone: (said: string) => void };

export function Security({ me }: { readonly me: User }) {
  const texts = useAccountMessages();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const open = (what: Asked) => () => {
    setSaid(null);
    setAsked(what);
  };
  const close = () => setAsked(null);
  const done = (text: string) => {
    setSaid(text);
    close();
  };
  return (
    <section className="card section" aria-labelledby="security-title">
      <h2 id="security-title">{texts.security.title}</h2>
      {said !== null && <Notice kind="good" title={said} live />}
      <div className="buttons">
        <button type="button" className="button small" onClick={open("password")}>
          {texts.security.changePassword}
        </button>
        <button type="button" className="button small" onClick={open("sessions")}>
          {texts.security.endOthers}
        </button>
        <button type="button" className="button small quiet" onClick={open("delete")}>
          {texts.security.deleteAccount}
        </button>
      </div>
      {asked === "password" && <ChangePassword me={me} onClose={close} onDone={done} />}
      {asked === "sessions" && <EndOthers onClose={close} onDone={done} />}
      {asked === "delete" && <DeleteAccount onClose={close} />}
    </section>
  );
}

function ChangePassword({ me, onClose, onDone }: Done & { readonly me: User }) {
  const texts = useAccountMessages();
  const client = useQueryClient();
  const [oldPassword, setOld] = useState("");
  const [newPassword, setNew] = useState("");
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const change = useMutation({
    mutationFn: () => ask("PUT /api/user/password", { body: { oldPassword, newPassword } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["sessions"] });
      onDone(texts.security.passwordChanged);
    },
  });
  const errors = { ...fieldErrorsOf(change.error, {}), ...faults };
  return (
    <Dialog title={texts.security.changePassword} onClose={onClose}>
      <SecurityForm
        error={Object.keys(errors).length === 0 ? change.error : null}
        isPending={change.isPending}
        submit={texts.security.changePassword}
        onSubmit={() => {
          const found = {
            ...(oldPassword ? {} : { oldPassword: texts.auth.required }),
            ...(newPassword.length < passwordLengthMin ? { newPassword: texts.auth.tooShort(passwordLengthMin) } : {}),
          };
          setFaults(found);
          if (Object.keys(found).length === 0) change.mutate();
        }}
      >
        {/* For password managers: which of their entries this is. */}
        <input
          className="hidden"
          name="username"
          autoComplete="username"
          tabIndex={-1}
          aria-hidden
          value={me.username}
          readOnly
        />
        <PasswordField
          label={texts.security.oldPassword}
          error={errors["oldPassword"]}
          data-first
          name="current-password"
          autoComplete="current-password"
          value={oldPassword}
          onText={setOld}
        />
        <PasswordField
          label={texts.auth.newPassword}
          hint={texts.auth.passwordHint}
          error={errors["newPassword"]}
          name="new-password"
          autoComplete="new-password"
          value={newPassword}
          onText={setNew}
        />
      </SecurityForm>
    </Dialog>
  );
}

function EndOthers({ onClose, onDone }: Done) {
  const texts = useAccountMessages();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => ask("DELETE /api/user/sessions", { query: { keep: "current" } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["sessions"] });
      onDone(texts.security.othersEnded);
    },
  });
  return (
    <Dialog title={texts.security.endOthers} onClose={onClose}>
      <SecurityForm
        error={end.error}
        isPending={end.isPending}
        submit={texts.security.endOthers}
        onSubmit={() => end.mutate()}
      >
        <p className="soft">{texts.security.endOthersNote}</p>
      </SecurityForm>
    </Dialog>
  );
}

function DeleteAccount({ onClose }: Closing) {
  const texts = useAccountMessages();
  const forgetPerson = useForgetPerson();
  const [password, setPassword] = useState("");
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const remove = useMutation({
    mutationFn: () => ask("DELETE /api/user/me", { body: { password } }),
    onSuccess: () => {
      forgetPerson();
      navigate("/");
    },
  });
  const errors = { ...fieldErrorsOf(remove.error, {}), ...faults };
  return (
    <Dialog title={texts.security.deleteAccount} onClose={onClose}>
      <SecurityForm
        error={Object.keys(errors).length === 0 ? remove.error : null}
        isPending={remove.isPending}
        submit={texts.security.deleteForGood}
        danger
        onSubmit={() => {
          setFaults(password ? {} : { password: texts.auth.required });
          if (password) remove.mutate();
        }}
      >
        <p className="soft">{texts.security.deleteNote}</p>
        <PasswordField
          label={texts.security.oldPassword}
          error={errors["password"]}
          data-first
          name="current-password"
          autoComplete="current-password"
          value={password}
          onText={setPassword}
        />
      </SecurityForm>
    </Dialog>
  );
}

/** A dialog of the account page: what is asked, what went wrong, and the button. */
export function SecurityForm(props: {
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly submit: string;
  readonly danger?: boolean;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}) {
  const texts = useAccountMessages();
  const errorText = useErrorText(props.error);
  return (
    <form
      method="post"
      className="form"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        event.stopPropagation();
        if (!props.isPending) props.onSubmit();
      }}
    >
      {props.children}
      {props.error && <Notice kind="bad" title={errorText} live />}
      <button
        type="submit"
        className={props.danger ? "button danger" : "button primary"}
        aria-disabled={props.isPending}
      >
        {props.isPending && <Spinner />} {props.isPending ? texts.auth.working : props.submit}
      </button>
    </form>
  );
}
