/** The account's own appeals, asked for again while one of them waits. */
import type { Appeal } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";

export const appealsKey = ["appeals"] as const;
const againMs = 15_000;

export const useAppeals = (enabled: boolean) =>
  useQuery({
    queryKey: appealsKey,
    queryFn: async (): Promise<readonly Appeal[]> => (await ask("GET /api/appeals", {})).appeals,
    enabled,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => (data?.some(({ state }) => state === "open") ? againMs : false),
  });
