/** The words of the page's language, for every component. */
import { createContext, type ReactNode, useContext } from "react";
import type { Messages } from "../messages/zh.ts";

const MessagesContext = createContext<Messages | null>(null);

export function MessagesProvider({
  messages,
  children,
}: {
  readonly messages: Messages;
  readonly children: ReactNode;
}) {
  return <MessagesContext value={messages}>{children}</MessagesContext>;
}

export function useMessages(): Messages {
  const messages = useContext(MessagesContext);
  if (!messages) throw new Error("a component asks for words outside MessagesProvider");
  return messages;
}
