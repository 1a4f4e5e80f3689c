/** Waiting in a queue: the own place, how long at least, and on to the purchase once it is one's turn. */
import type { QueuePlace, QueueStatus } from "@chepiao/contracts";
import { useEffect } from "react";
import { Notice, useErrorText } from "../../lib/components.tsx";
import { timeOf } from "../../lib/format.ts";
import { useLanguage } from "../../lib/messages.tsx";
import { isFirstToGoOn } from "../../lib/queuePlaces.ts";
import { LoginDeclined, useMe } from "../../lib/session.ts";
import { queueEn } from "../../messages/queue.en.ts";
import { type QueueMessages, queueZh } from "../../messages/queue.zh.ts";
import { minutesLeft, type Queued, useQueuePlace } from "./useQueuePlace.ts";

type Props = {
  readonly queueId: string;
  /** All that a purchase needs has been said. */
  readonly canGoOn: boolean;
  readonly isBuying: boolean;
  /** It may be bought now. */
  readonly onTurn: () => void;
  /** Nobody has to wait any more. */
  readonly onEnded: (queueId: string) => void;
};

export function QueueTurn({ queueId, canGoOn, isBuying, onTurn, onEnded }: Props) {
  const texts: QueueMessages = useLanguage().language === "zh" ? queueZh : queueEn;
  const userId = useMe()?.userId;
  const { status, place, turn, error } = useQueuePlace(queueId, userId);
  const refusal = useErrorText(error);
  const isInside = turn === "inside";
  const isEnded = status?.phase === "ended";

  useEffect(() => {
    if (isEnded) onEnded(queueId);
  }, [isEnded, onEnded, queueId]);
  useEffect(() => {
    if (!isInside || !canGoOn || userId === undefined || !isFirstToGoOn({ userId, queueId })) return;
    onTurn();
  }, [isInside, canGoOn, onTurn, userId, queueId]);
  useTitleAtTurn(isInside ? texts.yours : null);

  const trouble = error && !(error instanceof LoginDeclined) ? <p>{refusal}</p> : null;
  if (!status || !place)
    return (
      <Notice kind={trouble ? "warn" : "info"} title={texts.before} live>
        {trouble ?? (userId === undefined && <p>{texts.guest}</p>)}
      </Notice>
    );
  const ahead = aheadOf(place, status);
  return (
    <Notice kind="warn" title={texts.title} live>
      <p className="queue-place">{isInside && isBuying ? texts.goesOn : whereText({ status, place, turn }, texts)}</p>
      {!isInside && ahead !== null && (
        <p>{ahead > 0 ? texts.wait(String(minutesLeft(ahead, status.perMinute))) : texts.soon}</p>
      )}
      {ahead !== null && status.seatsLeft !== null && ahead >= status.seatsLeft && <p>{texts.moreThanSeats}</p>}
      {!isInside && <p>{texts.keeps(String(Math.round(status.keepSeconds / 60)))}</p>}
      {trouble}
      <p className="note">
        {texts.lot(place.lot.toUpperCase())} · <a href={`/api/queue/draw?queue=${queueId}`}>{texts.check}</a>
      </p>
    </Notice>
  );
}

/** The name of the tab calls who looks at another. */
function useTitleAtTurn(title: string | null): void {
  useEffect(() => {
    if (title === null) return undefined;
    const before = document.title;
    document.title = title;
    return () => {
      document.title = before;
    };
  }, [title]);
}

const aheadOf = ({ position }: QueuePlace, { served }: QueueStatus): number | null =>
  position === null ? null : Math.max(0, position - 1 - served);

type Waiting = Pick<Queued, "turn"> & { readonly status: QueueStatus; readonly place: QueuePlace };

function whereText({ status, place, turn }: Waiting, texts: QueueMessages): string {
  if (turn === "inside") return texts.yours;
  if (turn === "full") return texts.full;
  const ahead = aheadOf(place, status);
  if (ahead !== null) return texts.place(String(place.position), String(ahead));
  return status.phase === "collecting" ? texts.draws(timeOf(status.opensAt)) : texts.drawing;
}
