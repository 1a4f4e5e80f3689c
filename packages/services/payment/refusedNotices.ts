/**
 * What the log is told of notices that are not believed. Any client can send them, so for each reason it is told at once and from then on
 * once a minute, with how many there were; the counter has them all.
 */
import { type EpochMs, minuteMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { NoticeRefusal } from "./decide.ts";

const tellEveryMs = minuteMs;

export function createRefusedNotices(clock: Clock, log: (line: string) => void) {
  const told = new Map<NoticeRefusal, { at: EpochMs; untold: number }>();
  return (fault: NoticeRefusal, channel: string, paymentNo: string | null): void => {
    const now = clock.now();
    const last = told.get(fault);
    if (last && now < last.at + tellEveryMs) {
      last.untold += 1;
      return;
    }
    const more = last?.untold ? `; ${last.untold} more since the last line` : "";
    const about = paymentNo === null ? "" : `payment ${JSON.stringify(paymentNo)}: `;
    log(`${about}a notice on ${channel} is refused, ${fault}${more}`);
    told.set(fault, { at: now, untold: 0 });
  };
}
