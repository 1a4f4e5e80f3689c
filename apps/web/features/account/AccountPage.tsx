/** The account: who it is, whom they travel with, where they are logged in. */
import type { Passenger, User } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { Said, Dialog, Empty, Failure, Icon, Notice, useErrorText, useTitle } from "../../lib/parts.tsx";
import { navigate } from "../../lib/router.tsx";
import { openLogin, useLogout, useMe } from "../../lib/session.ts";
import { useWords } from "../../lib/words.tsx";
import { PassengerDialog } from "./PassengerDialog.tsx";
import { usePassengers } from "./passengers.ts";

export function AccountPage() {
  const words = useWords();
  const me = useMe();
  useTitle(words.account.title);
  return (
    <div className="page narrow account">
      <h1 className="page-title">{words.account.title}</h1>
      {me === undefined && <div className="skeleton block" />}
      {me === null && (
        <Empty
          title={words.account.title}
          action={
            <button type="button" className="button primary" onClick={() => void openLogin().catch(() => {})}>
              {words.nav.login}
            </button>
          }
        >
          {words.account.loginNote}
        </Empty>
      )}
      {me && (
        <>
          <Person me={me} />
          <People />
          <Sessions />
        </>
      )}
    </div>
  );
}

function Person({ me }: { readonly me: User }) {
  const words = useWords();
  const logout = useLogout();
  const leave = useMutation({ mutationFn: logout, onSuccess: () => navigate("/") });
  const errorText = useErrorText(leave.error);
  return (
    <section className="card section" aria-labelledby="person-title">
      <div className="section-head">
        <h2 id="person-title">
          <Said>{me.realName}</Said>
        </h2>
        <button type="button" className="button small" disabled={leave.isPending} onClick={() => leave.mutate()}>
          {words.account.logout}
        </button>
      </div>
      {leave.error && <Notice kind="bad" title={errorText} live />}
      <dl className="facts">
        <dt>{words.account.username}</dt>
        <dd>{me.username}</dd>
        <dt>{words.documents[me.documentType]}</dt>
        <dd className="number">{me.documentMasked}</dd>
        <dt>{words.account.phone}</dt>
        <dd className="number">{me.phoneMasked}</dd>
        {me.email !== null && (
          <>
            <dt>{words.account.email}</dt>
            <dd>{me.email}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function People() {
  const words = useWords();
  const passengers = usePassengers(true);
  const [open, setOpen] = useState<Passenger | "new" | null>(null);
  const [removing, setRemoving] = useState<Passenger | null>(null);
  return (
    <section className="card section" aria-labelledby="people-title">
      <div className="section-head">
        <h2 id="people-title">{words.account.passengers}</h2>
        <button type="button" className="button small" onClick={() => setOpen("new")}>
          <Icon name="plus" />
          {words.common.add}
        </button>
      </div>
      {passengers.isError && !passengers.data && (
        <Failure error={passengers.error} retry={() => void passengers.refetch()} />
      )}
      {passengers.isPending && <div className="skeleton block" />}
      {passengers.data?.length === 0 && <p className="soft">{words.passenger.none}</p>}
      <ul className="rows">
        {passengers.data?.map((passenger) => (
          <li key={passenger.passengerId}>
            <span className="row-text">
              <strong>
                <Said>{passenger.name}</Said>
                {passenger.self && <small className="badge">{words.passenger.self}</small>}
              </strong>
              <span className="soft">
                {words.ticketTypes[passenger.ticketType]} · {words.documents[passenger.documentType]}{" "}
                <span className="part">{passenger.documentMasked}</span>
              </span>
            </span>
            <span className="buttons">
              <button type="button" className="button small quiet" onClick={() => setOpen(passenger)}>
                {words.common.edit}
                <span className="hidden">
                  {" "}
                  <Said>{passenger.name}</Said>
                </span>
              </button>
              {!passenger.self && (
                <button type="button" className="button small quiet" onClick={() => setRemoving(passenger)}>
                  {words.common.remove}
                  <span className="hidden">
                    {" "}
                    <Said>{passenger.name}</Said>
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
  const words = useWords();
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
    <Dialog title={words.passenger.removeAsk(passenger.name)} onClose={onClose}>
      {remove.error && <Notice kind="bad" title={errorText} live />}
      <div className="buttons">
        <button type="button" className="button danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {words.common.remove}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {words.common.cancel}
        </button>
      </div>
    </Dialog>
  );
}

function Sessions() {
  const words = useWords();
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
      <h2 id="sessions-title">{words.account.sessions}</h2>
      {found.isError && !found.data && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <div className="skeleton block" />}
      {end.error && <Notice kind="bad" title={errorText} live />}
      <ul className="rows">
        {found.data?.map((session) => (
          <li key={session.sessionId}>
            <span className="row-text">
              <strong>
                {deviceOf(session.userAgent)}
                {session.current && <small className="badge good">{words.account.current}</small>}
              </strong>
              <span className="soft number">
                {words.account.lastSeen(`${dayText(dateOf(session.lastSeenAt), words)} ${timeOf(session.lastSeenAt)}`)}
              </span>
            </span>
            {!session.current && (
              <button
                type="button"
                className="button small quiet"
                disabled={end.isPending}
                onClick={() => end.mutate(session.sessionId)}
              >
                {words.account.end}
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
