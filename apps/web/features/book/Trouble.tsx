/** Why a booking was not taken, and what can be done about it. */
import type { Problem } from "@chepiao/contracts";
import { isRefused, Refused, Unreachable } from "../../lib/api.ts";
import { Notice, useErrorText } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { Link } from "@chepiao/ui";
import { LoginDeclined } from "../../lib/session.ts";

export function Trouble({
  error,
  about,
}: {
  readonly error: unknown;
  /** Which of several trains. */ readonly about?: string;
}) {
  const messages = useMessages();
  const text = useErrorText(error);
  // Sold out, a wrong passenger and a queue are said where they belong.
  if (!error || error instanceof LoginDeclined || isRefused(error, "SoldOut")) return null;
  if (error instanceof Unreachable)
    return (
      <Notice kind="warn" title={messages.states.unreachable} live>
        {messages.book.unsure}
      </Notice>
    );
  return (
    <Notice kind="bad" title={about === undefined ? text : `${about} · ${text}`} live>
      {error instanceof Refused ? <WayOut problem={error.problem} /> : null}
    </Notice>
  );
}

/** What the buyer can do about a refusal, where it is not to be seen from what it says. */
function WayOut({ problem }: { readonly problem: Problem }) {
  const messages = useMessages();
  const orderNo = problem.facts?.["orderNo"];
  const againAt = problem.facts?.["againAt"];
  const opensAt = problem.facts?.["opensAt"];
  if (problem.code === "UnpaidOrderOpen" && typeof orderNo === "string")
    return <Link to={`/order/${orderNo}`}>{messages.book.toOpenOrder}</Link>;
  if (problem.code === "CancelledTooOften" && typeof againAt === "string")
    return messages.book.againFrom(dayText(againAt.slice(0, 10), messages));
  if (problem.code === "ServiceClosed" && typeof opensAt === "string")
    return messages.book.serviceFrom(`${dayText(dateOf(opensAt), messages)} ${timeOf(opensAt)}`);
  const reference = problem.facts?.["reference"];
  if (problem.code === "PurchasesBlocked" && typeof reference === "string")
    return (
      <>
        {messages.book.blockedAs(reference)} <Link to={`/appeal/${reference}`}>{messages.book.toAppeal}</Link>
      </>
    );
  return problem.status >= 500 ? messages.book.unsure : null;
}
