/** A trip in the language of the railway's staff, for a traveller who does not speak it: to be held out on the platform. */
import { ticketZh } from "../../messages/ticket.zh.ts";
import type { Order } from "@chepiao/contracts";
import { useEffect, useState } from "react";
import { Dialog } from "../../lib/Dialog.tsx";
import { dayText, timeOf } from "../../lib/format.ts";
import { loadMessages } from "../../lib/language.ts";
import { isTravelledOn, linesOf, stationsOf, ticketsOn } from "../../lib/orderLines.ts";
import type { Named } from "../../lib/places.ts";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";
import type { Messages } from "../../messages/zh.ts";

/** Stations are signed in Chinese, and the page speaks another language. */
export const isForStaff = (order: Order, nameOf: (station: Named) => string): boolean =>
  stationsOf(order).some((station) => /\p{Script=Han}/u.test(station.name) && nameOf(station) !== station.name);

export function StaffCard({ order, onClose }: { readonly order: Order; readonly onClose: () => void }) {
  const ticketTexts = useTicketMessages();
  const [local, setLocal] = useState<Messages | null>(null);
  useEffect(() => void loadMessages("zh").then(setLocal, () => {}), []);
  return (
    <Dialog title={ticketTexts.toStaff} onClose={onClose}>
      <p className="soft">{ticketTexts.staffAsk}</p>
      {local && <LocalTrips order={order} local={local} />}
    </Dialog>
  );
}

export function LocalTrips({ order, local }: { readonly order: Order; readonly local: Messages }) {
  return (
    <div className="local staff-card" lang="zh-CN">
      <p>{ticketZh.staffAsk}</p>
      {linesOf(order).map((line) => {
        const tickets = ticketsOn(order, line).filter(isTravelledOn);
        if (tickets.length === 0) return null;
        return (
          <section key={line.line}>
            <h3 className="number">
              {line.trainNumber} · {dayText(line.boardingDate, local)}
            </h3>
            <p className="number">
              {timeOf(line.departAt)} {line.from.name} → {timeOf(line.arriveAt)} {line.to.name}
            </p>
            <ul className="plain-list">
              {tickets.map(({ ticketNo, seat, passengerName }) => (
                <li key={ticketNo} className="number">
                  {seat} · {local.classes[line.seatClass]} · {passengerName}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
