/** The message centre: what the account was told of its orders, newest first. */
import type { NotificationView } from "@chepiao/contracts";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, type RequestParts } from "../../lib/api.ts";
import { Empty, Failure, SlowNote, useTitle } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { Link } from "@chepiao/ui";
import { openLogin, useMe } from "../../lib/session.ts";
import { notificationsKey } from "../../lib/unread.ts";
import { MailsRefused } from "./MailsRefused.tsx";
import { Preferences } from "./Preferences.tsx";
import { useNotificationsMessages } from "./useNotificationsMessages.ts";

const pageSize = 20;

export function NotificationsPage() {
  const messages = useMessages();
  const { language } = useLanguage();
  const texts = useNotificationsMessages();
  const me = useMe();
  useTitle(texts.title);
  const found = useInfiniteQuery({
    // The platform writes them in the language of the page.
    queryKey: [...notificationsKey, "list", language],
    queryFn: ({ pageParam }) =>
      ask("GET /api/notifications", { query: { limit: pageSize, ...(pageParam ? { before: pageParam } : {}) } }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    enabled: me !== null && me !== undefined,
  });
  const client = useQueryClient();
  const read = useMutation({
    mutationFn: (body: RequestParts<"POST /api/notifications/read">["body"]) =>
      ask("POST /api/notifications/read", { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: notificationsKey }),
  });
  const all = found.data?.pages.flatMap(({ notifications }) => notifications) ?? [];
  const hasUnread = (found.data?.pages[0]?.unread ?? 0) > 0;
  return (
    <div className="page narrow">
      <div className="section-head notifications-head">
        <h1 className="page-title">{texts.title}</h1>
        {hasUnread && (
          <button
            type="button"
            className="button small"
            disabled={read.isPending}
            onClick={() => read.mutate({ upTo: all[0]!.place })}
          >
            {texts.readAll}
          </button>
        )}
      </div>
      {read.isError && <Failure error={read.error} />}
      {me && <MailsRefused />}
      {me && <Preferences />}
      {me === null ? (
        <Empty
          title={texts.title}
          action={
            <button type="button" className="button primary" onClick={() => void openLogin().catch(() => {})}>
              {messages.nav.login}
            </button>
          }
        >
          {texts.loginNote}
        </Empty>
      ) : found.isError && !found.data ? (
        <Failure error={found.error} retry={() => void found.refetch()} />
      ) : !found.data ? (
        <div aria-busy="true">
          <div className="skeleton order-skeleton" />
          <div className="skeleton order-skeleton" />
          <SlowNote />
        </div>
      ) : all.length === 0 ? (
        <Empty title={texts.none}>{texts.noneNote}</Empty>
      ) : (
        <ul className="order-list">
          {all.map((each) => (
            <li key={each.notificationId}>
              <Message
                told={each}
                open={() => !each.isRead && read.mutate({ notificationIds: [each.notificationId] })}
              />
            </li>
          ))}
        </ul>
      )}
      {found.isFetchNextPageError && <Failure error={found.error} retry={() => void found.fetchNextPage()} />}
      {found.hasNextPage && !found.isFetchNextPageError && (
        <button
          type="button"
          className="button"
          disabled={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {texts.older}
        </button>
      )}
    </div>
  );
}

type MessageProps = { readonly told: NotificationView; readonly open: () => void };

function Message({ told: { title, text, at, orderNo, isRead }, open }: MessageProps) {
  const messages = useMessages();
  const texts = useNotificationsMessages();
  return (
    <article className="card section notification" data-unread={isRead ? undefined : ""}>
      <div className="order-row-head">
        <h2>
          {title} {!isRead && <span className="badge key">{texts.unread}</span>}
        </h2>
        <time dateTime={at} className="soft">
          {dayText(dateOf(at), messages)} {timeOf(at)}
        </time>
      </div>
      <p>{text}</p>
      <Link to={pageOf(orderNo)} onClick={open}>
        {orderNo === null ? texts.toAccount : orderNo.startsWith("W") ? texts.toEntry : texts.toOrder}
      </Link>
    </article>
  );
}

function pageOf(orderNo: NotificationView["orderNo"]): string {
  if (orderNo === null) return "/account";
  return orderNo.startsWith("W") ? `/waitlist/${orderNo}` : `/order/${orderNo}`;
}
