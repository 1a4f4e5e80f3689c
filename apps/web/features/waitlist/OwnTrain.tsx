/** The train that the page is about: seats that are back, and why it is not waited for. Others that were chosen can be all the same. */
import type { SeatClass, TrainOffer } from "@chepiao/contracts";
import { Notice } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { Link } from "@chepiao/ui";
import { type Wanted, wantedAddress } from "../book/address.ts";
import type { LeftOut } from "./request.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

type Props = {
  readonly wanted: Wanted;
  readonly train: TrainOffer;
  /** Null where it is waited for. */
  readonly because: LeftOut | null;
  /** Of the class that the page is about. */
  readonly seatsBack: boolean;
  /** A class that was chosen and can be had at once. */
  readonly toBuy: SeatClass | null;
  readonly hasOthers: boolean;
};

export function OwnTrain({ wanted, train, because, seatsBack, toBuy, hasOthers }: Props) {
  const texts = useWaitlistMessages();
  const seatClass = seatsBack ? wanted.seatClass : because === "hasSeats" ? toBuy : null;
  return (
    <>
      {seatClass && (
        <Notice kind="good" title={seatsBack ? texts.seatsBack : `${train.trainNumber} ${texts.leftOut.hasSeats}`} live>
          {because === "hasSeats" && hasOthers && <p>{texts.othersOnly}</p>}
          <Link className="button small" to={wantedAddress({ ...wanted, seatClass }, "/book")}>
            {texts.buy}
          </Link>
        </Notice>
      )}
      {because !== null && because !== "hasSeats" && (
        <NotThisTrain trainNumber={train.trainNumber} because={because} hasOthers={hasOthers} />
      )}
    </>
  );
}

function NotThisTrain(props: {
  readonly trainNumber: string;
  readonly because: Exclude<LeftOut, "hasSeats">;
  readonly hasOthers: boolean;
}) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const { trainNumber, because, hasOthers } = props;
  const titles = { closed: messages.book.gone, tooLate: texts.tooLate };
  const title =
    because === "closed" || because === "tooLate" ? titles[because] : `${trainNumber} ${texts.leftOut[because]}`;
  // It comes and goes with the classes that are tapped: told aloud, and no alarm.
  const comesAndGoes = because === "noClass";
  return (
    <Notice kind={comesAndGoes ? "info" : "warn"} title={title} live={comesAndGoes}>
      {hasOthers ? texts.othersOnly : because === "closed" && messages.book.goneNote}
    </Notice>
  );
}
