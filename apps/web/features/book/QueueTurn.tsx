/** Waiting in a queue: the own place, how long at most, and on to the purchase once it is one's turn. */
import type { QueuePlace, QueueStatus } from "@chepiao/contracts";
import { useEffect, useRef } from "react";
import { Notice } from "../../lib/components.tsx";
import { timeOf } from "../../lib/format.ts";
import { useLanguage } from "../../lib/messages.tsx";
import { queueEn } from "../../messages/queue.en.ts";
import { type QueueMessages, queueZh } from "../../messages/queue.zh.ts";
import { minutesLeft, type Queued, useQueuePlace } from "./useQueuePlace.ts";

type Props = {
  readonly queueId: string;
  /** All that a purchase needs has been said. */
  readonly canGoOn: boolean;
  /** It may be bought now. */
  readonly onTurn: () => void;
  /** Nobody has to wait any more. */
  readonly onEnded: () => void;
};

export function QueueTurn({ queueId, canGoOn, onTurn, onEnded }: Props) {
  const texts: QueueMessages = useLanguage().language === "zh" ? queueZh : queueEn;
  const { status, place, turn } = useQueuePlace(queueId);
  const went = useRef(false);
  const goesOn = turn?.goesOn === true;
  const isEnded = status?.phase === "ended";

  useEffect(() => {
    if (isEnded) onEnded();
  }, [isEnded, onEnded]);
  useEffect(() => {
    if (!goesOn || !canGoOn || went.current) return;
    went.current = true;
    onTurn();
  }, [goesOn, canGoOn, onTurn]);

  if (!status || !place) return <Notice title={texts.title} live />;
  const ahead = aheadOf(place, status);
  return (
    <Notice kind="warn" title={texts.title} live>
      <p className="queue-place">{whereText({ status, place, turn }, texts)}</p>
      {turn?.turn !== "inside" && ahead !== null && (
        <p>{ahead > 0 ? texts.wait(String(minutesLeft(ahead, status.perMinute))) : texts.soon}</p>
      )}
      {ahead !== null && status.seatsLeft !== null && ahead >= status.seatsLeft && <p>{texts.moreThanSeats}</p>}
      {turn?.turn !== "inside" && <p>{texts.keeps(String(Math.round(status.keepSeconds / 60)))}</p>}
      <p className="note">
        {texts.lot(place.lot.toUpperCase())} · <a href={`/api/queue/draw?queue=${queueId}`}>{texts.check}</a>
      </p>
    </Notice>
  );
}

const aheadOf = ({ position }: QueuePlace, { served }: QueueStatus): number | null =>
  position === null ? null : Math.max(0, position - 1 - served);

function whereText({ status, place, turn }: Required<Queued>, texts: QueueMessages): string {
  if (turn?.turn === "inside") return turn.goesOn ? texts.goesOn : texts.yours;
  if (turn?.turn === "full") return texts.full;
  const ahead = aheadOf(place!, status!);
  if (ahead !== null) return texts.place(String(place!.position), String(ahead));
  return status!.phase === "collecting" ? texts.draws(timeOf(status!.opensAt)) : texts.drawing;
}
