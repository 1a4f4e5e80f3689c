/** Which days are on sale, and when tickets are not sold at all: asked for again when either changes by the railway's clock. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { type Answer, ask } from "../../lib/api.ts";
import { nextOf, serverNow, useStrike } from "../../lib/clock.ts";

export type Calendar = Answer<"GET /api/search/calendar">;

export function useCalendar() {
  const calendar = useQuery({
    queryKey: ["calendar"],
    queryFn: () => ask("GET /api/search/calendar", {}),
    staleTime: 60_000,
    refetchInterval: 300_000,
  });
  const { data, refetch } = calendar;
  const next = useMemo(
    () => nextOf([...(data?.days.map(({ opensAt }) => opensAt) ?? []), data?.pause?.opensAt ?? null], serverNow()),
    [data],
  );
  useStrike(
    next,
    useCallback(() => void refetch(), [refetch]),
  );
  return calendar;
}

/** When tickets are sold again; null where they are now, and while nothing is known. */
export function useSoldFrom(): string | null {
  const pause = useCalendar().data?.pause ?? null;
  const [, setNow] = useState(0);
  const strike = useCallback(() => setNow(serverNow()), []);
  useStrike(pause?.closesAt ?? null, strike);
  useStrike(pause?.opensAt ?? null, strike);
  return soldFrom(pause, serverNow());
}

export const soldFrom = (pause: Calendar["pause"], nowMs: number): string | null =>
  pause !== null && Date.parse(pause.closesAt) <= nowMs && nowMs < Date.parse(pause.opensAt) ? pause.opensAt : null;
