/** What else there is when the one that was wanted is gone. Pure. */
import type { ClassOffer, SeatClass, TrainOffer } from "@chepiao/contracts";

export type Alternative = { readonly train: TrainOffer; readonly offer: ClassOffer };

/** A train may call at several stations of a city: each way is an offer of its own. */
export const wayKey = ({ trainNumber, originDate, from, to }: TrainOffer): string =>
  `${trainNumber} ${originDate} ${from.stationId} ${to.stationId}`;

export const hasRoom = (offer: ClassOffer, seats: number): boolean => offer.sellable && offer.free >= seats;

/** Who wanted business class would rather wait two hours for it than sit on a hard seat. */
const otherClassMs = 2 * 3_600_000;

/** Other classes of the train first; then other trains, nearest in time of departure, in the wanted class or the next best. */
export function alternativesTo(
  wanted: {
    readonly trainNumber: string;
    readonly originDate: string;
    readonly departAt: string;
    readonly seatClass: SeatClass;
  },
  trains: readonly TrainOffer[],
  seats: number,
  max = 4,
): { readonly classes: readonly Alternative[]; readonly trains: readonly Alternative[] } {
  const isSame = (train: TrainOffer) =>
    train.trainNumber === wanted.trainNumber && train.originDate === wanted.originDate;
  const open = trains.filter(({ sale }) => sale === "open");
  const classes = open
    .filter(isSame)
    .flatMap((train) => train.classes.map((offer) => ({ train, offer })))
    .filter(({ offer }) => offer.seatClass !== wanted.seatClass && hasRoom(offer, seats));
  const distance = ({ train, offer }: Alternative) =>
    Math.abs(Date.parse(train.departAt) - Date.parse(wanted.departAt)) +
    (offer.seatClass === wanted.seatClass ? 0 : otherClassMs);
  const others = open
    .filter((train) => !isSame(train))
    .flatMap((train) => {
      const withRoom = train.classes.filter((offer) => hasRoom(offer, seats) && offer.seatClass !== "standing");
      const offer =
        withRoom.find(({ seatClass }) => seatClass === wanted.seatClass) ??
        withRoom.toSorted((a, b) => a.fareFen - b.fareFen)[0];
      return offer ? [{ train, offer }] : [];
    })
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, max);
  return { classes, trains: others };
}
