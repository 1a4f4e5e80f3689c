/** Why an entry could not be opened, and what can be done about it. */
import type { Problem, TrainOffer } from "@chepiao/contracts";
import { useEffect, useRef } from "react";
import { Refused, Unreachable } from "../../lib/api.ts";
import { Notice, useErrorText } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { Link } from "@chepiao/ui";
import { LoginDeclined } from "../../lib/session.ts";
import type { Wanted } from "../book/address.ts";
import { bookAddress } from "../book/bookAddress.ts";
import { isToldAgain, refusedTrain, type WaitedTrain } from "./request.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

type Props = {
  readonly error: unknown;
  /** Beside the passenger whom it is about. */
  readonly isToldThere: boolean;
  readonly wanted: Wanted;
  /** As they were asked for. */
  readonly waited: readonly WaitedTrain[];
  /** Null where there is no other. */
  readonly withoutIt: (train: TrainOffer) => (() => void) | null;
};

export function JoinTrouble({ error, isToldThere, wanted, waited, withoutIt }: Props) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const text = useErrorText(error);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) box.current?.scrollIntoView({ block: "nearest" });
  }, [error]);
  if (!error || error instanceof LoginDeclined) return null;
  if (error instanceof Unreachable)
    return (
      <Notice kind="warn" title={messages.states.unreachable} live>
        {messages.book.unsure}
      </Notice>
    );
  const about = error instanceof Refused ? refusedTrain(error.problem.facts, waited) : undefined;
  const goOn = about ? withoutIt(about.train) : null;
  if (isToldThere && !isToldAgain(about, waited, goOn !== null)) return null;
  return (
    <div ref={box} className="notice bad" role="alert">
      <strong>{about && waited.length > 1 ? texts.ofTrain(about.train.trainNumber, text) : text}</strong>
      {error instanceof Refused && <WayOut problem={error.problem} wanted={wanted} about={about} />}
      {about && <GoOn train={about.train} onPress={goOn} />}
    </div>
  );
}

/** What can be done about a refusal. */
function WayOut(props: {
  readonly problem: Problem;
  readonly wanted: Wanted;
  readonly about: WaitedTrain | undefined;
}) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const { problem, wanted, about } = props;
  switch (problem.code) {
    case "WaitlistNotNeeded": {
      const seatClass = about?.classes.find((each) => each === problem.facts?.["seatClass"]);
      if (!about || !seatClass) return null;
      const date = about.train.boardingDate;
      return <Link to={bookAddress({ ...wanted, date, train: about.train, seatClass })}>{texts.buy}</Link>;
    }
    case "WaitlistEntriesFull":
      return <Link to="/orders">{texts.toEntries}</Link>;
    case "WaitlistCrowded":
    case "WaitlistStopped":
      return <div>{texts.chooseOther}</div>;
    case "WaitlistTooLate":
      return <div>{texts.chooseLater}</div>;
    default:
      return problem.status >= 500 ? <div>{messages.book.unsure}</div> : null;
  }
}

/** One train is no reason to have none of the others. */
function GoOn({ train, onPress }: { readonly train: TrainOffer; readonly onPress: (() => void) | null }) {
  const texts = useWaitlistMessages();
  if (!onPress) return null;
  return (
    <button type="button" className="button small" onClick={onPress}>
      {texts.withoutIt(train.trainNumber)}
    </button>
  );
}
