/** In the place of what only its owner sees. */
import { Empty } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { openLogin } from "../../lib/session.ts";

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
