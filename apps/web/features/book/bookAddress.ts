/** The way from a list of trains to a booking: the list needs no more of it than this. */
import type { SeatClass, TrainOffer } from "@chepiao/contracts";

type Choice = {
  readonly from: string;
  readonly to: string;
  readonly date: string;
  readonly train: TrainOffer;
  readonly seatClass: SeatClass;
};

/** Where a class of a train is bought, or, once it is sold out, waited for: both begin with the same choice. */
export function bookAddress(
  { from, to, date, train, seatClass }: Choice,
  page: "/book" | "/waitlist" = "/book",
): string {
  const query = new URLSearchParams({
    from,
    to,
    date,
    train: train.trainNumber,
    origin: train.originDate,
    board: train.from.stationId,
    alight: train.to.stationId,
    class: seatClass,
  });
  return `${page}?${query.toString()}`;
}
