/** Said before anybody fills in a form: at this hour the railway sells no tickets. */
import { Notice } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";

export function NotSoldNow({ from }: { readonly from: string }) {
  const messages = useMessages();
  return (
    <Notice kind="warn" title={messages.search.notSoldNow}>
      {messages.book.serviceFrom(`${dayText(dateOf(from), messages)} ${timeOf(from)}`)}
    </Notice>
  );
}
