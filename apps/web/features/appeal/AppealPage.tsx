/** Of a block: who is blocked says why that is wrong, and reads what became of it. */
import type { Appeal } from "@chepiao/contracts";
import { appealTextMax } from "@chepiao/kernel";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { Empty, Failure, ForeignText, Notice, SlowNote, useErrorText, useTitle } from "../../lib/components.tsx";
import { Field } from "../../lib/Field.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { Link } from "@chepiao/ui";
import { LoginDeclined, openLogin, useMe } from "../../lib/session.ts";
import { useAppealMessages } from "./useAppealMessages.ts";
import { appealsKey, useAppeals } from "./useAppeals.ts";

export function AppealPage({ reference }: { readonly reference: string }) {
  const messages = useMessages();
  const texts = useAppealMessages();
  const me = useMe();
  const appeals = useAppeals(me !== null && me !== undefined);
  const own = appeals.data?.find((appeal) => appeal.reference === reference);
  useTitle(texts.title);
  return (
    <div className="page narrow appeal">
      <h1 className="page-title">{texts.title}</h1>
      <p>
        {texts.blockedAs} <span className="number">{reference}</span>
      </p>
      {me === null ? (
        <Empty
          title={texts.title}
          action={
            <button type="button" className="button primary" onClick={() => void openLogin().catch(() => {})}>
              {messages.nav.login}
            </button>
          }
        >
          {texts.loginNote}
        </Empty>
      ) : appeals.isError && !appeals.data ? (
        <Failure error={appeals.error} retry={() => void appeals.refetch()} />
      ) : !appeals.data ? (
        <div aria-busy="true">
          <div className="skeleton block" />
          <SlowNote />
        </div>
      ) : own ? (
        <Sent appeal={own} />
      ) : (
        <AppealForm reference={reference} />
      )}
    </div>
  );
}

function AppealForm({ reference }: { readonly reference: string }) {
  const texts = useAppealMessages();
  const [text, setText] = useState("");
  const [isEmpty, setIsEmpty] = useState(false);
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: () => ask("POST /api/appeals", { body: { reference, text } }),
    // Also where one stands already, sent in another tab: that is then what the page shows.
    onSettled: () => client.invalidateQueries({ queryKey: appealsKey }),
  });
  const errorText = useErrorText(send.error);
  function submit(event: FormEvent) {
    event.preventDefault();
    setIsEmpty(text.trim() === "");
    if (text.trim() !== "") send.mutate();
  }
  const isWrong = isEmpty || isRefused(send.error, "AppealEmpty");
  return (
    <form method="post" className="card section" noValidate onSubmit={submit}>
      <p>{texts.how}</p>
      <Field label={texts.text} hint={texts.textHint(appealTextMax)} error={isWrong ? texts.empty : undefined}>
        {(given) => (
          <textarea
            {...given}
            rows={6}
            maxLength={appealTextMax}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      {send.error && !isWrong && !(send.error instanceof LoginDeclined) && <Notice kind="bad" title={errorText} live />}
      <button type="submit" className="button primary" disabled={send.isPending}>
        {send.isPending ? texts.sending : texts.send}
      </button>
    </form>
  );
}

const kindOf = { open: "info", granted: "good", refused: "warn", over: "info" } as const;

function Sent({ appeal: { state, text, at, answer } }: { readonly appeal: Appeal }) {
  const messages = useMessages();
  const texts = useAppealMessages();
  return (
    <>
      <div role="status">
        <Notice kind={kindOf[state]}>{texts.state[state]}</Notice>
      </div>
      <section className="card section">
        {answer !== null && (
          <>
            <h2>{texts.answer}</h2>
            <p>
              <ForeignText>{answer}</ForeignText>
            </p>
          </>
        )}
        <h2>{texts.yourText}</h2>
        <p>
          <ForeignText>{text}</ForeignText>
        </p>
        <p className="soft">
          {texts.sentAt}{" "}
          <time dateTime={at}>
            {dayText(dateOf(at), messages)} {timeOf(at)}
          </time>
        </p>
      </section>
      {(state === "granted" || state === "over") && (
        <Link to="/" className="button primary">
          {texts.toSearch}
        </Link>
      )}
    </>
  );
}
