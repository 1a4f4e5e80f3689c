/** What a party pays, known before it orders. */
import type { FareTable, SeatClass, TicketType } from "@chepiao/contracts";
import { ask } from "../../lib/api.ts";

export type Total = {
  readonly fen: number;
  /** It can be less: which berth of a sleeper a passenger gets is only known with the seats. */
  readonly isMost: boolean;
};

/** @param adultFen the dearest adult fare, as long as nothing else is known */
export function totalOf(types: readonly TicketType[], table: FareTable | undefined, adultFen: number): Total {
  const fares = types.map((type) => faresOf(table, type));
  return {
    fen: fares.reduce((sum, ofType) => sum + (ofType.length > 0 ? Math.max(...ofType) : adultFen), 0),
    isMost: fares.some((ofType, n) => (ofType.length > 0 ? new Set(ofType).size > 1 : types[n] !== "adult")),
  };
}

const faresOf = (table: FareTable | undefined, type: TicketType): readonly number[] =>
  (table?.fares ?? []).filter(({ ticketType }) => ticketType === type).map(({ fareFen }) => fareFen);

type Way = {
  readonly trainNumber: string;
  readonly originDate: string;
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
};

/** The fares of a class for every kind of ticket; they do not change while the buyer fills in a form. */
export const faresOn = ({ trainNumber, originDate, from, to, seatClass }: Way, enabled: boolean) => ({
  queryKey: ["fares", trainNumber, originDate, from, to, seatClass],
  queryFn: () => ask("GET /api/search/fares", { query: { trainNumber, originDate, from, to, seatClass } }),
  enabled,
  staleTime: 5 * 60_000,
});
