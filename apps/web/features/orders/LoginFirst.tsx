/** In the place of what only its owner sees. */
import { Empty, Notice } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { LoginDeclined, openLogin } from "../../lib/session.ts";
import { useAccountMessages } from "../../lib/useAccountMessages.ts";

export function LoginFirst({ title, retry }: { readonly title: string; readonly retry: () => void }) {
  const messages = useMessages();
  return (
    <div className="page narrow">
      <Empty
        heading="h1"
        title={title}
        action={
          <button type="button" className="button primary" onClick={() => void openLogin().then(retry, () => {})}>
            {messages.nav.login}
          </button>
        }
      >
        {messages.order.loginNote}
      </Empty>
    </div>
  );
}

/** Above what was seen before the session ended: it is not followed any more. */
export function LoginAgain({ error }: { readonly error: Error | null }) {
  const messages = useMessages();
  const texts = useAccountMessages();
  if (!(error instanceof LoginDeclined)) return null;
  return (
    <Notice kind="warn" title={texts.auth.expiredTitle} live>
      <button type="button" className="button small" onClick={() => void openLogin().catch(() => {})}>
        {messages.nav.login}
      </button>
    </Notice>
  );
}
