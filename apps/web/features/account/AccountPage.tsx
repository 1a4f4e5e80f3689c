/** The account: who it is, whom they travel with, where they are logged in, and how it stays theirs. */
import type { Passenger, User } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { ForeignText, Empty, Failure, Icon, Notice, useErrorText, useTitle } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { Link, navigate } from "@chepiao/ui";
import { openLogin, useLogout, useMe } from "../../lib/session.ts";
import { useMessages } from "../../lib/messages.tsx";
import { useUnread } from "../../lib/unread.ts";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import { AppealList } from "../appeal/AppealList.tsx";
import { MailsRefused } from "../notifications/MailsRefused.tsx";
import { PassengerDialog } from "./PassengerDialog.tsx";
import { usePassengers } from "./passengers.ts";
import { ProvableContact } from "./ContactProof.tsx";
import { Security } from "./Security.tsx";

export function AccountPage() {
  const messages = useMessages();
  const texts = useAccountMessages();
  const me = useMe();
  useTitle(texts.account.title);
  return (
    <div className="page narrow account">
      <h1 className="page-title">{texts.account.title}</h1>
      {me === undefined && <div className="skeleton block" />}
      {me === null && (
        <Empty
          title={texts.account.title}
          action={
            <button type="button" className="button primary" onClick={() => void openLogin().catch(() => {})}>
              {messages.nav.login}
            </button>
          }
        >
          {texts.account.loginNote}
        </Empty>
      )}
      {me && (
        <>
          <Person me={me} />
          <Told me={me} />
          <People />
          <Sessions />
          <Security me={me} />
          <AppealList />
        </>
      )}
    </div>
  );
}

function Person({ me }: { readonly me: User }) {
  const messages = useMessages();
  const texts = useAccountMessages();
  const logout = useLogout();
  const leave = useMutation({ mutationFn: logout, onSuccess: () => navigate("/") });
  const errorText = useErrorText(leave.error);
  return (
    <section className="card section" aria-labelledby="person-title">
      <div className="section-head">
        <h2 id="person-title">
          <ForeignText>{me.realName}</ForeignText>
        </h2>
        <button type="button" className="button small" disabled={leave.isPending} onClick={() => leave.mutate()}>
          {texts.account.logout}
        </button>
      </div>
      {leave.error && <Notice kind="bad" title={errorText} live />}
      <dl className="facts">
        <dt>{texts.account.username}</dt>
        <dd>{me.username}</dd>
        <dt>{messages.documents[me.documentType]}</dt>
        <dd className="number">{me.documentMasked}</dd>
        <dt>{texts.account[me.knownBy]}</dt>
        <dd>
          <ProvableContact me={me} />
        </dd>
        {me.knownBy === "phone" && me.emailMasked !== null && (
          <>
            <dt>{texts.account.email}</dt>
            <dd>{me.emailMasked}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Told({ me }: { readonly me: User }) {
  const messages = useMessages();
  const texts = useAccountMessages();
  const unread = useUnread();
  return (
    <section className="card section" aria-labelledby="told-title">
      <div className="section-head">
        <h2 id="told-title">
          {texts.account.messages} {unread > 0 && <span className="badge key">{messages.nav.unread(unread)}</span>}
        </h2>
        <Link to="/notifications" className="button small" aria-describedby="told-title">
          {texts.account.show}
        </Link>
      </div>
      <p className="soft">{texts.account.messagesNote}</p>
      {me.knownBy === "email" && me.contactProved && <MailsRefused />}
    </section>
  );
}

function People() {
  const messages = useMessages();
  const texts = useAccountMessages();
  const passengers = usePassengers(true);
  const [open, setOpen] = useState<Passenger | "new" | null>(null);
  const [removing, setRemoving] = useState<Passenger | null>(null);
  const client = useQueryClient();
  const prove = useMutation({
    mutationFn: (passengerId: number) =>
      ask("POST /api/user/passengers/:passengerId/proof", { params: { passengerId } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["passengers"] }),
  });
  const proveError = useErrorText(prove.error);
  return (
    <section className="card section" aria-labelledby="people-title">
      <div className="section-head">
        <h2 id="people-title">{texts.account.passengers}</h2>
        <button type="button" className="button small" onClick={() => setOpen("new")}>
          <Icon name="plus" />
          {messages.common.add}
        </button>
      </div>
      {passengers.isError && !passengers.data && (
        <Failure error={passengers.error} retry={() => void passengers.refetch()} />
      )}
      {prove.error && <Notice kind="bad" title={proveError} live />}
      {passengers.data?.some(({ proof }) => proof !== "proved") && <p className="soft">{texts.passenger.proofNote}</p>}
      {passengers.isPending && <div className="skeleton block" />}
      {passengers.data?.length === 0 && <p className="soft">{texts.passenger.none}</p>}
      <ul className="rows">
        {passengers.data?.map((passenger) => (
          <li key={passenger.passengerId}>
            <span className="row-text">
              <strong>
                <ForeignText>{passenger.name}</ForeignText>
                {passenger.self && <small className="badge">{texts.passenger.self}</small>}
                {passenger.proof !== "proved" && (
                  <small className="badge warn">{texts.passenger.proof[passenger.proof]}</small>
                )}
              </strong>
              <span className="soft">
                {messages.ticketTypes[passenger.ticketType]} · {messages.documents[passenger.documentType]}{" "}
                <span className="part">{passenger.documentMasked}</span>
              </span>
            </span>
            <span className="buttons">
              {passenger.proof !== "proved" && (
                <button
                  type="button"
                  className="button small quiet"
                  disabled={prove.isPending}
                  onClick={() => prove.mutate(passenger.passengerId)}
                >
                  {texts.passenger.prove}
                  <span className="hidden">
                    {" "}
                    <ForeignText>{passenger.name}</ForeignText>
                  </span>
                </button>
              )}
              <button type="button" className="button small quiet" onClick={() => setOpen(passenger)}>
                {messages.common.edit}
                <span className="hidden">
                  {" "}
                  <ForeignText>{passenger.name}</ForeignText>
                </span>
              </button>
              {!passenger.self && (
                <button type="button" className="button small quiet" onClick={() => setRemoving(passenger)}>
                  {messages.common.remove}
                  <span className="hidden">
                    {" "}
                    <ForeignText>{passenger.name}</ForeignText>
                  </span>
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {open && <PassengerDialog {...(open === "new" ? {} : { passenger: open })} onClose={() => setOpen(null)} />}
      {removing && <RemoveDialog passenger={removing} onClose={() => setRemoving(null)} />}
    </section>
  );
}

function RemoveDialog({ passenger, onClose }: { readonly passenger: Passenger; readonly onClose: () => void }) {
  const messages = useMessages();
  const texts = useAccountMessages();
  const client = useQueryClient();
  const { passengerId } = passenger;
  const remove = useMutation({
    mutationFn: () => ask("DELETE /api/user/passengers/:passengerId", { params: { passengerId } }),
    onSuccess: () => {
      client.setQueryData<readonly Passenger[]>(["passengers"], (before) =>
        before?.filter((each) => each.passengerId !== passengerId),
      );
      onClose();
    },
  });
  const errorText = useErrorText(remove.error);
  return (
    <Dialog title={texts.passenger.removeAsk(passenger.name)} onClose={onClose}>
      {remove.error && <Notice kind="bad" title={errorText} live />}
      <div className="buttons">
        <button type="button" className="button danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {messages.common.remove}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {messages.common.cancel}
        </button>
      </div>
    </Dialog>
  );
}

function Sessions() {
  const messages = useMessages();
  const texts = useAccountMessages();
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ["sessions"],
    queryFn: async () => (await ask("GET /api/user/sessions", {})).sessions,
  });
  const end = useMutation({
    mutationFn: (sessionId: string) => ask("DELETE /api/user/sessions/:sessionId", { params: { sessionId } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["sessions"] }),
  });
  const errorText = useErrorText(end.error);
  return (
    <section className="card section" aria-labelledby="sessions-title">
      <h2 id="sessions-title">{texts.account.sessions}</h2>
      {found.isError && !found.data && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <div className="skeleton block" />}
      {end.error && <Notice kind="bad" title={errorText} live />}
      <ul className="rows">
        {found.data?.map((session) => (
          <li key={session.sessionId}>
            <span className="row-text">
              <strong>
                {deviceOf(session.userAgent)}
                {session.current && <small className="badge good">{texts.account.current}</small>}
              </strong>
              <span className="soft number">
                {texts.account.lastSeen(
                  `${dayText(dateOf(session.lastSeenAt), messages)} ${timeOf(session.lastSeenAt)}`,
                )}
              </span>
            </span>
            {!session.current && (
              <button
                type="button"
                className="button small quiet"
                disabled={end.isPending}
                onClick={() => end.mutate(session.sessionId)}
              >
                {texts.account.end}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `Chrome · Linux` of the long line that browsers send; whatever else asks is named as it names itself. */
export function deviceOf(userAgent: string): string {
  const browser = /(Edg|OPR|Firefox|HeadlessChrome|Chrome|Safari)\//.exec(userAgent)?.[1];
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux|HarmonyOS)/.exec(userAgent)?.[1];
  if (!browser) return userAgent.slice(0, 40) || "?";
  const names: Readonly<Record<string, string>> = {
    Edg: "Edge",
    OPR: "Opera",
    HeadlessChrome: "Chrome",
    "Mac OS X": "macOS",
  };
  return [browser, system].flatMap((name) => (name ? [names[name] ?? name] : [])).join(" · ");
}
