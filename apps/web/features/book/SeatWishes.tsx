/**
 * Where everybody would like to sit. A row of the coach with its letters, one choice a passenger; the platform gives the seats and
 * keeps the party together. The map shows what is free now, with the wished places marked.
 */
import type { FareTable, Passenger, SeatMap, SeatPreference, TicketType } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useId, useState } from "react";
import { ask } from "../../lib/api.ts";
import { ForeignText, Failure, SlowNote } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import type { TrainChoice, Wanted } from "./address.ts";
import { type Wishes, wishesOf, wishFor } from "./draft.ts";

type Trip = TrainChoice & Pick<Wanted, "seatClass">;
type Sitting = Pick<Passenger, "documentMasked" | "name" | "passengerId">;

type Props = {
  readonly wanted: Trip;
  readonly party: readonly Sitting[];
  readonly wishes: Wishes;
  readonly ticketTypeOf: (passengerId: number) => TicketType;
  readonly table: FareTable | undefined;
  /** The party sits in several classes: each says which. */
  readonly isOneOfSeveral?: boolean;
  readonly onWish: (passengerId: number, wish: SeatPreference | null) => void;
};

export function SeatWishes({
  wanted,
  party,
  wishes: made,
  ticketTypeOf,
  table,
  isOneOfSeveral = false,
  onWish,
}: Props) {
  const messages = useMessages();
  const title = useId();
  const [showMap, setShowMap] = useState(false);
  const { seatClass } = wanted;
  const wishes = wishesOf[seatClass];
  const wished = party.flatMap(({ passengerId }) => wishFor(made, passengerId, seatClass) ?? []);
  const fareOf = (kind: SeatPreference, type: TicketType) =>
    table?.fares.find((fare) => fare.kind === kind && fare.ticketType === type)?.fareFen ?? null;
  return (
    <section className="card section" aria-labelledby={title}>
      <h2 id={title}>
        {messages.book.wishes}
        {isOneOfSeveral && ` · ${messages.classes[seatClass]}`}
      </h2>
      <p className="soft note">
        {seatClass === "standing"
          ? messages.book.standingNote
          : seatClass === "hardSeat"
            ? messages.book.hardSeatNote
            : messages.book.wishesNote}
      </p>
      {wishes.length > 0 && (
        <ul className="wishes">
          {party.map((passenger) => (
            <li key={passenger.passengerId}>
              <Wish
                name={nameAmong(passenger, party)}
                wishes={wishes}
                chosen={wishFor(made, passenger.passengerId, seatClass)}
                fareOf={(kind) => fareOf(kind, ticketTypeOf(passenger.passengerId))}
                onWish={(preference) => onWish(passenger.passengerId, preference)}
              />
            </li>
          ))}
        </ul>
      )}
      {party.length > 1 && seatClass !== "standing" && (
        <details className="rules">
          <summary>{messages.book.together}</summary>
          <ul className="plain-list">
            {(["adjacent", "row", "coach", "split"] as const).map((each) => (
              <li key={each}>{messages.book.togetherRules[each]}</li>
            ))}
          </ul>
        </details>
      )}
      {seatClass !== "standing" && (
        <>
          <button type="button" className="button small" aria-expanded={showMap} onClick={() => setShowMap(!showMap)}>
            {showMap ? messages.book.mapHide : messages.book.mapShow}
          </button>
          {showMap && <Map wanted={wanted} wished={wished} />}
        </>
      )}
    </section>
  );
}

/** Of two people of one name each is told by the end of his document. */
function nameAmong({ name, documentMasked }: Sitting, party: readonly Sitting[]): string {
  const isAlone = party.filter((one) => one.name === name).length === 1;
  return isAlone ? name : `${name} (${documentMasked.slice(-4)})`;
}

/** The aisle runs behind C; a window is at both ends. */
const isLetter = (wish: SeatPreference): boolean => /^[A-F]$/.test(wish);

function Wish(props: {
  readonly name: string;
  readonly wishes: readonly SeatPreference[];
  readonly chosen: SeatPreference | null;
  /** Of a berth; null where all places cost the same. */
  readonly fareOf: (kind: SeatPreference) => number | null;
  readonly onWish: (wish: SeatPreference | null) => void;
}) {
  const messages = useMessages();
  const { wishes, chosen, onWish } = props;
  const lettered = isLetter(wishes[0]!);
  const group = useId();
  const choice = (wish: SeatPreference | null) => {
    const fare = wish && props.fareOf(wish);
    return (
      <label className={lettered && wish ? "seat-choice" : "chip"}>
        <input type="radio" name={group} checked={chosen === wish} onChange={() => onWish(wish)} />
        <span>
          {wish === null ? messages.book.any : messages.preferences[wish]}
          {fare !== null && <small className="number"> {messages.money(fare)}</small>}
          {lettered && wish && <span className="hidden"> {sideOf(wish, messages.kinds)}</span>}
        </span>
      </label>
    );
  };
  return (
    <fieldset className="wish">
      <legend>
        <ForeignText>{messages.book.wishOf(props.name)}</ForeignText>
      </legend>
      <div className={lettered ? "wish-row" : "wish-row plain"}>
        {choice(null)}
        {lettered ? (
          <span className="seat-row">
            <small className="soft" aria-hidden="true">
              {messages.book.window}
            </small>
            {wishes.map((wish) => (
              <Fragment key={wish}>
                {choice(wish)}
                {wish === "C" && (
                  <small className="soft aisle" aria-hidden="true">
                    {messages.book.aisle}
                  </small>
                )}
              </Fragment>
            ))}
            <small className="soft" aria-hidden="true">
              {messages.book.window}
            </small>
          </span>
        ) : (
          wishes.map((wish) => <Fragment key={wish}>{choice(wish)}</Fragment>)
        )}
      </div>
    </fieldset>
  );
}

const sideOf = (
  letter: string,
  kinds: { readonly window: string; readonly middle: string; readonly aisle: string },
): string => (letter === "A" || letter === "F" ? kinds.window : letter === "B" ? kinds.middle : kinds.aisle);

const mapEveryMs = 10_000;

function Map({ wanted, wished }: { readonly wanted: Trip; readonly wished: readonly SeatPreference[] }) {
  const messages = useMessages();
  const { trainNumber, originDate, board, alight, seatClass } = wanted;
  const [coachNo, setCoachNo] = useState<number | null>(null);
  const found = useQuery({
    queryKey: ["seats", trainNumber, originDate, board, alight, seatClass],
    queryFn: () =>
      ask("GET /api/search/seats", { query: { trainNumber, originDate, from: board, to: alight, seatClass } }),
    refetchInterval: mapEveryMs,
  });
  if (found.isError && !found.data) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) {
    return (
      <div aria-busy="true">
        <div className="skeleton block" />
        <SlowNote />
      </div>
    );
  }
  const freeIn = (coach: Coach) =>
    coach.rows.reduce((sum, row) => sum + row.seats.filter(({ free }) => free).length, 0);
  const { coaches } = found.data;
  const first = coaches.find((each) => freeIn(each) > 0) ?? coaches[0];
  const coach = coaches.find((each) => each.coachNo === coachNo) ?? first;
  return (
    <div className="map">
      <p className="soft note">{messages.book.mapNote}</p>
      <div className="coaches" role="group" aria-label={messages.book.map}>
        {coaches.map((each) => (
          <button
            key={each.coachNo}
            type="button"
            className="chip"
            aria-pressed={each === coach}
            onClick={() => setCoachNo(each.coachNo)}
          >
            {messages.book.mapOf(each.coachNo)} <small>{messages.book.mapFree(freeIn(each))}</small>
          </button>
        ))}
      </div>
      {coach && (
        <CoachMap coach={coach} wished={wished} label={messages.book.freeSeats(coach.coachNo, freeIn(coach))} />
      )}
      <ul className="legend" aria-hidden="true">
        <li>
          <i className="place" /> {messages.book.free}
        </li>
        <li>
          <i className="place wished" /> {messages.book.wished}
        </li>
        <li>
          <i className="place taken" /> {messages.book.taken}
        </li>
      </ul>
    </div>
  );
}

type Coach = SeatMap["coaches"][number];
type Place = Coach["rows"][number]["seats"][number];

const levelOrder = ["upper", "middleBerth", "lower"];

/** A picture for the eye; in words it is how many seats of the coach are free, since no single one can be taken anyway. */
export function CoachMap({
  coach,
  wished,
  label,
}: {
  readonly coach: Coach;
  readonly wished: readonly SeatPreference[];
  readonly label: string;
}) {
  const messages = useMessages();
  const wants = new Set<string>(wished);
  const isWished = ({ free, mark, kind }: Place) => free && (wants.has(mark) || wants.has(kind));
  const first = coach.rows[0]?.seats ?? [];
  const isSleeper = levelOrder.includes(first[0]?.kind ?? "");
  const place = (seat: Place, text: string) => (
    <i key={seat.index} className={seat.free ? (isWished(seat) ? "place wished" : "place") : "place taken"}>
      {text}
    </i>
  );
  return (
    <div className={isSleeper ? "coach sleeper" : "coach"} role="img" aria-label={label}>
      {coach.rows.map((row) => (
        <div key={row.row} className="coach-row" aria-hidden="true">
          <span className="row-number">{row.row}</span>
          {isSleeper ? (
            <span className="compartment">
              {levelOrder.map((level) => {
                const berths = row.seats.filter(({ kind }) => kind === level);
                return berths.length === 0 ? null : (
                  <span key={level} className="berths">
                    {berths.map((seat) => place(seat, `${seat.mark} ${messages.berths[level as "upper"]}`))}
                  </span>
                );
              })}
            </span>
          ) : (
            row.seats.map((seat, n) => (
              <Fragment key={seat.index}>
                {place(seat, seat.mark)}
                {seat.kind === "aisle" && row.seats[n + 1]?.kind !== undefined && isAisleAfter(row.seats, n) && (
                  <span className="gap" />
                )}
              </Fragment>
            ))
          )}
        </div>
      ))}
    </div>
  );
}

/** Between two aisle seats, or between an aisle seat and the single window seat of business class. */
const isAisleAfter = (seats: readonly Place[], n: number): boolean =>
  seats[n + 1]!.kind === "aisle" || (seats.length === 3 && n === 1);
