/** What the party pays; for one adult where nobody is chosen yet. */
import type { ClassOffer, FareTable, TicketType } from "@chepiao/contracts";
import { useMessages } from "../../lib/messages.tsx";
import { totalOf } from "./fares.ts";

export type Priced = {
  readonly offer: ClassOffer;
  readonly types: readonly TicketType[];
  readonly table: FareTable | undefined;
};

export function Total({ parts }: { readonly parts: readonly Priced[] }) {
  const messages = useMessages();
  const isForOne = parts.every(({ types }) => types.length === 0);
  const totals = parts.map(({ offer: { fareFen, fareNote }, types, table }) => {
    const adultFen = fareNote ? Math.max(fareNote.lower, fareNote.upper) : fareFen;
    return totalOf(isForOne ? ["adult"] : types, table, adultFen);
  });
  return (
    <div className="total">
      <span className="soft">
        {isForOne ? messages.book.perPerson : messages.book.total}
        {totals.some(({ isMost }) => isMost) && ` · ${messages.book.atMost}`}
      </span>
      <strong className="number">{messages.money(totals.reduce((sum, { fen }) => sum + fen, 0))}</strong>
    </div>
  );
}
