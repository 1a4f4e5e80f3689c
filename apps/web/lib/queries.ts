/** How answers are kept: what is asked again after a failure, and what is not. */
import { QueryClient } from "@tanstack/react-query";
import { Refused } from "./api.ts";
import { LoginDeclined } from "./session.ts";

const triesMax = 3;
const busyStatus = 503;

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // Offline is a failure to be shown, not a silence.
        networkMode: "always",
        staleTime: 5_000,
        gcTime: 10 * 60_000,
        // A refusal is an answer, unless it says that the platform is busy.
        retry: (failures, error) =>
          failures < triesMax &&
          !(error instanceof LoginDeclined) &&
          (!(error instanceof Refused) || error.problem.status === busyStatus),
        retryDelay: (attempt) => Math.min(800 * 2 ** attempt, 5_000),
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
