/** How many messages the account has not read. Asked once the first page stands, and of who is logged in alone. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask } from "./api.ts";
import { useMe } from "./session.ts";

export const notificationsKey = ["notifications"] as const;

const askAfterMs = 2_000;
const freshMs = 60_000;

export function useUnread(): number {
  const me = useMe();
  const [isLater, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), askAfterMs);
    return () => clearTimeout(timer);
  }, []);
  const found = useQuery({
    queryKey: [...notificationsKey, "unread"],
    queryFn: () => ask("GET /api/notifications", { query: { limit: 0 } }, { login: false }),
    enabled: isLater && me !== null && me !== undefined,
    staleTime: freshMs,
    // Nobody waits for it.
    retry: false,
  });
  return me ? (found.data?.unread ?? 0) : 0;
}
