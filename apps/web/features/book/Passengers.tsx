/** Who travels: saved passengers to tick, a new one to add, and the kind of ticket of each with its rule beside it. */
import type { Passenger, SeatClass, TicketType, User } from "@chepiao/contracts";
import type { UseQueryResult } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Said, Failure, Icon, Notice } from "../../lib/parts.tsx";
import { useWords } from "../../lib/words.tsx";
import { PassengerDialog } from "../account/PassengerDialog.tsx";
import { type Draft, toggledPassenger } from "./draft.ts";

/** As many as the platform sells in one order. */
export const partyMax = 5;

type Props = {
  readonly me: User | null | undefined;
  readonly passengers: UseQueryResult<readonly Passenger[]>;
  readonly draft: Draft;
  readonly ticketTypeOf: (passengerId: number) => TicketType;
  readonly seatClass: SeatClass;
  readonly wrong: { readonly passengerId: number; readonly message: string } | null;
  readonly onChange: (by: (draft: Draft) => Draft) => void;
};

export function Passengers({ me, passengers, draft, ticketTypeOf, wrong, onChange }: Props) {
  const words = useWords();
  const [adding, setAdding] = useState(false);
  const title = useId();
  const chosen = draft.passengerIds.filter((id) => passengers.data?.some(({ passengerId }) => passengerId === id));
  const isFull = chosen.length >= partyMax;
  return (
    <section id="passengers" className="card section" aria-labelledby={title}>
      <div className="section-head">
        <h2 id={title}>{words.book.passengers}</h2>
        {me && chosen.length > 0 && (
          <span className="soft" role="status">
            {words.book.chosen(chosen.length)}
          </span>
        )}
      </div>
      {me === null ? (
        <p>{words.book.loginNote}</p>
      ) : (
        <>
          <p className="soft note">{isFull ? words.book.tooMany(partyMax) : words.book.passengersNote(partyMax)}</p>
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
          <ul className="people">
            {passengers.data?.map((passenger) => (
              <Person
                key={passenger.passengerId}
                passenger={passenger}
                isIn={chosen.includes(passenger.passengerId)}
                isFull={isFull}
                ticketType={ticketTypeOf(passenger.passengerId)}
                error={wrong?.passengerId === passenger.passengerId ? wrong.message : null}
                onToggle={() =>
                  onChange((before) =>
                    toggledPassenger({ ...before, passengerIds: chosen }, passenger.passengerId, partyMax),
                  )
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
              {words.book.addPassenger}
            </button>
          )}
          <details className="rules">
            <summary>{words.book.rules}</summary>
            <dl>
              {(Object.keys(words.ticketTypes) as TicketType[]).map((type) => (
                <div key={type}>
                  <dt>{words.ticketTypes[type]}</dt>
                  <dd>{words.ticketTypeRules[type]}</dd>
                </div>
              ))}
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

function Person(props: {
  readonly passenger: Passenger;
  readonly isIn: boolean;
  readonly isFull: boolean;
  readonly ticketType: TicketType;
  readonly error: string | null;
  readonly onToggle: () => void;
  readonly onTicketType: (ticketType: TicketType) => void;
}) {
  const words = useWords();
  const { passenger, isIn, ticketType, error } = props;
  const id = useId();
  // Students and veterans are what their saved passenger declares; everybody else may ask for a full or a child's ticket.
  const declared =
    passenger.ticketType === "student" || passenger.ticketType === "disabledVeteran" ? [passenger.ticketType] : [];
  const types: readonly TicketType[] = ["adult", "child", ...declared];
  return (
    <li className={isIn ? "person in" : "person"}>
      <label className="person-label">
        <input
          type="checkbox"
          checked={isIn}
          disabled={!isIn && props.isFull}
          onChange={props.onToggle}
          aria-describedby={`${id}-doc`}
        />
        <span className="person-name">
          <Said>{passenger.name}</Said>
          {passenger.self && <small className="badge">{words.passenger.self}</small>}
        </span>
        <span className="soft person-doc" id={`${id}-doc`}>
          {passenger.documentMasked}
          <span className="person-doc-kind"> · {words.documents[passenger.documentType]}</span>
        </span>
      </label>
      {isIn && (
        <select
          className="select"
          aria-label={words.book.ticketTypeOf(passenger.name)}
          value={ticketType}
          onChange={(event) => props.onTicketType(event.target.value as TicketType)}
        >
          {types.map((type) => (
            <option key={type} value={type}>
              {words.ticketTypes[type]}
            </option>
          ))}
        </select>
      )}
      {isIn && ticketType !== "adult" && <p className="person-rule">{words.ticketTypeRules[ticketType]}</p>}
      {isIn && error && <Notice kind="bad" title={error} live />}
    </li>
  );
}
