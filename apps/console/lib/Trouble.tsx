/** What went wrong, in the words of the platform where it has some, and a way to try again. */
import { Alert, Button } from "antd";
import type { Messages } from "../messages/zh.ts";
import { Refused } from "./api.ts";
import { useMessages } from "./messages.tsx";

export const troubleText = (error: unknown, messages: Messages): string =>
  error instanceof Refused ? error.problem.title : messages.unreachable;

export function Trouble({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const messages = useMessages();
  const fields = error instanceof Refused ? error.problem.fields : undefined;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={troubleText(error, messages)}
      description={fields?.map(({ path, message }) => `${path}: ${message}`).join("; ")}
      action={again && <Button onClick={again}>{messages.again}</Button>}
    />
  );
}
