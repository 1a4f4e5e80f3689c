import { useQuery } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";

/** The saved passengers of the account that is logged in. */
export const usePassengers = (enabled: boolean) =>
  useQuery({
    queryKey: ["passengers"],
    queryFn: async () => (await ask("GET /api/user/passengers", {})).passengers,
    enabled,
    staleTime: 30_000,
  });
