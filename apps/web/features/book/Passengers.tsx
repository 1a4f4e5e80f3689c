/** Who travels: saved passengers to tick, a new one to add, and the kind of ticket of each with its rule beside it. */
import type { Passenger, SeatClass, TicketType, User } from "@chepiao/contracts";
import type { UseQueryResult } from "@tanstack/react-query";
import { useId, useState } from "react";
import { dayOfYearText } from "../../lib/format.ts";
import { Field } from "../../lib/Field.tsx";
import { ForeignText, Failure, Icon, Notice } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { useRailwayRules, useTrainTypeName } from "../../lib/railwayRules.ts";
import { typeRule, typesSold } from "../../lib/ticketTypes.ts";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";
import { PassengerDialog } from "../account/PassengerDialog.tsx";
import { Groups } from "./Groups.tsx";
import { type TripsLeft, useStudentTrips } from "./studentTrips.ts";
import { type Draft, findPassengers, isAdult, ticketTypesFor, toggledFreeChild, toggledPassenger } from "./draft.ts";

/** Until the railway has said how many one order may be for. */
const partyMaxAtFirst = 5;
/** So many are seen at a glance. */
const fewPassengers = 8;

type Props = {
  readonly me: User | null | undefined;
  readonly passengers: UseQueryResult<readonly Passenger[]>;
  readonly draft: Draft;
  readonly ticketTypeOf: (passengerId: number) => TicketType;
  readonly seatClass: SeatClass;
  readonly wrong: { readonly passengerId: number; readonly message: string } | null;
  /** How many it may be for, where it is not for an order. */
  readonly most?: number;
  /** When they travel. */
  readonly date?: string;
  /** How many tickets each of them needs. */
  readonly tickets?: number;
  /** Whether children may be named who travel free. */
  readonly takesFree?: boolean;
  readonly onChange: (by: (draft: Draft) => Draft) => void;
};

export function Passengers(props: Props) {
  const { me, passengers, draft, ticketTypeOf, wrong, most, date, tickets = 1, takesFree = false, onChange } = props;
  const messages = useMessages();
  const typeName = useTrainTypeName();
  const railway = useRailwayRules();
  const orderMax = railway
    ? Math.min(railway.ticketsMax, Math.floor(railway.orderTicketsMax / tickets))
    : partyMaxAtFirst;
  const partyMax = most ?? orderMax;
  const [adding, setAdding] = useState(false);
  const [text, setText] = useState("");
  const title = useId();
  const chosen = draft.passengerIds.filter((id) => passengers.data?.some(({ passengerId }) => passengerId === id));
  const studentTripsOf = useStudentTrips(me ? date : undefined, passengers.data ?? []);
  const isFull = chosen.length >= partyMax;
  const together = passengers.data?.filter(({ passengerId }) => chosen.includes(passengerId)) ?? [];
  const isWithoutAdult =
    railway?.childWithAdult === true && together.length > 0 && together.every(({ child }) => child);
  const free = takesFree
    ? (passengers.data ?? []).filter(
        ({ passengerId, freeChild }) => freeChild && draft.freeChildIds.includes(passengerId),
      )
    : [];
  const adults = together.filter((person) => isAdult(person, ticketTypeOf(person.passengerId)));
  return (
    <section id="passengers" className="card section" aria-labelledby={title}>
      <div className="section-head">
        <h2 id={title}>{messages.book.passengers}</h2>
        {me && chosen.length > 0 && (
          <span className="soft" role="status">
            {messages.book.chosen(chosen.length)}
            {free.length > 0 && messages.book.freeChosen(free.length)}
          </span>
        )}
      </div>
      {me === null ? (
        <p>{messages.book.loginNote}</p>
      ) : (
        <>
          <p className="soft note">
            {isFull ? messages.book.tooMany(partyMax) : messages.book.passengersNote(partyMax)}
          </p>
          {passengers.isError && !passengers.data && (
            <Failure error={passengers.error} retry={() => void passengers.refetch()} />
          )}
          {passengers.isPending && (
            <div aria-busy="true">
              <div className="skeleton passenger-skeleton" />
              <div className="skeleton passenger-skeleton" />
              <div className="skeleton passenger-skeleton" />
            </div>
          )}
          {(passengers.data?.length ?? 0) > fewPassengers && (
            <Field label={messages.book.findPassenger}>
              {(given) => (
                <input
                  {...given}
                  type="search"
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                  // Enter would send the order.
                  onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
                />
              )}
            </Field>
          )}
          {me && passengers.data && (
            <Groups
              key={me.userId}
              userId={me.userId}
              saved={passengers.data}
              chosen={chosen}
              most={partyMax}
              onChoose={(passengerIds) => onChange((before) => ({ ...before, passengerIds }))}
            />
          )}
          <ul className="people">
            {findPassengers(passengers.data ?? [], text, [...chosen, ...draft.freeChildIds]).map((passenger) => (
              <Person
                key={passenger.passengerId}
                passenger={passenger}
                isIn={chosen.includes(passenger.passengerId)}
                isFree={free.includes(passenger)}
                isFull={isFull}
                ticketType={ticketTypeOf(passenger.passengerId)}
                studentTrips={studentTripsOf(passenger.passengerId)}
                tickets={tickets}
                error={wrong?.passengerId === passenger.passengerId ? wrong.message : null}
                onToggle={() =>
                  onChange((before) =>
                    toggledPassenger({ ...before, passengerIds: chosen }, passenger.passengerId, partyMax),
                  )
                }
                onFree={
                  takesFree && passenger.freeChild
                    ? () =>
                        onChange((before) =>
                          toggledFreeChild({ ...before, passengerIds: chosen }, passenger.passengerId),
                        )
                    : null
                }
                onTicketType={(ticketType) =>
                  onChange((before) => ({
                    ...before,
                    ticketTypes: { ...before.ticketTypes, [passenger.passengerId]: ticketType },
                  }))
                }
              />
            ))}
          </ul>
          {passengers.data && (
            <button type="button" className="button small quiet add" onClick={() => setAdding(true)}>
              <Icon name="plus" />
              {messages.book.addPassenger}
            </button>
          )}
          {free.length > adults.length && <Notice kind="warn" title={messages.book.freeTooMany} live />}
          {isWithoutAdult && <Notice kind="warn" title={messages.book.childAlone} live />}
          <details className="rules">
            <summary>{messages.book.rules}</summary>
            <dl>
              {typesSold(railway, messages).map((type) => (
                <div key={type}>
                  <dt>{messages.ticketTypes[type]}</dt>
                  <dd>{typeRule(type, railway, messages, typeName)}</dd>
                </div>
              ))}
              {takesFree && railway?.freeChildBelow != null && (
                <div>
                  <dt>{messages.book.freeChild}</dt>
                  <dd>{messages.book.freeChildRule(railway.freeChildBelow)}</dd>
                </div>
              )}
            </dl>
          </details>
        </>
      )}
      {adding && (
        <PassengerDialog
          onClose={() => setAdding(false)}
          onSaved={(passenger) => onChange((before) => toggledPassenger(before, passenger.passengerId, partyMax))}
        />
      )}
    </section>
  );
}

function StudentTripsLeft({ left, until, tickets }: TripsLeft & { readonly tickets: number }) {
  const messages = useMessages();
  const day = dayOfYearText(until, messages);
  if (left >= tickets) return <p className="person-rule">{messages.book.studentTripsLeft(left, day)}</p>;
  const text = left === 0 ? messages.book.studentTripsUsed(day) : messages.book.studentTripsShort(left, tickets, day);
  return <Notice kind="warn" title={text} live />;
}

function Person(props: {
  readonly passenger: Passenger;
  readonly isIn: boolean;
  readonly isFull: boolean;
  readonly ticketType: TicketType;
  readonly studentTrips: TripsLeft | null;
  readonly tickets: number;
  readonly error: string | null;
  readonly isFree: boolean;
  readonly onToggle: () => void;
  /** Where this one may travel free. */
  readonly onFree: (() => void) | null;
  readonly onTicketType: (ticketType: TicketType) => void;
}) {
  const messages = useMessages();
  const typeName = useTrainTypeName();
  const texts = useAccountMessages();
  const railway = useRailwayRules();
  const { passenger, isIn, isFree, ticketType, error } = props;
  const id = useId();
  const types = ticketTypesFor(passenger);
  return (
    <li className={isIn || isFree ? "person in" : "person"}>
      <label className="person-label">
        <input
          type="checkbox"
          checked={isIn}
          disabled={!isIn && props.isFull}
          onChange={props.onToggle}
          aria-describedby={`${id}-doc`}
        />
        <span className="person-name">
          <ForeignText>{passenger.name}</ForeignText>
          {passenger.self && <small className="badge">{texts.passenger.self}</small>}
        </span>
        <span className="soft person-doc" id={`${id}-doc`}>
          {passenger.documentMasked}
          <span className="person-doc-kind"> · {messages.documents[passenger.documentType]}</span>
        </span>
      </label>
      {isIn && types.length > 1 && (
        <select
          className="select"
          aria-label={messages.book.ticketTypeOf(passenger.name)}
          value={ticketType}
          onChange={(event) => props.onTicketType(event.target.value as TicketType)}
        >
          {types.map((type) => (
            <option key={type} value={type}>
              {messages.ticketTypes[type]}
            </option>
          ))}
        </select>
      )}
      {isIn && ticketType !== "adult" && (
        <p className="person-rule">{typeRule(ticketType, railway, messages, typeName)}</p>
      )}
      {isIn && ticketType === "student" && props.studentTrips && (
        <StudentTripsLeft {...props.studentTrips} tickets={props.tickets} />
      )}
      {props.onFree && (
        <label className="person-free">
          <input type="checkbox" checked={isFree} onChange={props.onFree} />
          {messages.book.freeChildTick}
          <span className="hidden"> {passenger.name}</span>
        </label>
      )}
      {(isIn || isFree) && error && <Notice kind="bad" title={error} live />}
    </li>
  );
}
