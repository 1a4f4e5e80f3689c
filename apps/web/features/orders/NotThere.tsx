/** In the place of an order or an entry of the waitlist: it is still asked for, nobody is logged in, or there is none to be had. */
import type { RefusalCode } from "@chepiao/contracts";
import { isRefused } from "../../lib/api.ts";
import { Empty, Failure, PageSkeleton } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { Link } from "@chepiao/ui";
import { LoginDeclined } from "../../lib/session.ts";
import { LoginFirst } from "./LoginFirst.tsx";

type Props = {
  readonly title: string;
  readonly query: { readonly isError: boolean; readonly error: Error | null; readonly refetch: () => unknown };
  /** With what it is refused that is nobody's, or another's, and what is said then. */
  readonly unknown: { readonly code: RefusalCode; readonly title: string };
};

export function NotThere({ title, query, unknown }: Props) {
  const messages = useMessages();
  const retry = () => void query.refetch();
  if (query.error instanceof LoginDeclined) return <LoginFirst title={title} retry={retry} />;
  if (!query.isError) return <PageSkeleton className="order" />;
  return (
    <div className="page narrow">
      {isRefused(query.error, unknown.code) ? (
        <Empty
          heading="h1"
          title={unknown.title}
          action={
            <Link className="button primary" to="/orders">
              {messages.order.mine}
            </Link>
          }
        />
      ) : (
        <Failure error={query.error} retry={retry} />
      )}
    </div>
  );
}
