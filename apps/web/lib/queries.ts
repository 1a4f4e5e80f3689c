/** How answers are kept: what is asked again after a failure, and what is not. */
import { QueryClient } from "@tanstack/react-query";
import { isRefused, Refused } from "./api.ts";
import { LoginDeclined } from "./session.ts";

const triesMax = 3;
const busyStatus = 503;
/** A page that shows nothing for longer says that it failed instead, and when to come again. */
const waitMaxMs = 10_000;

/** `chance` from 0 up to 1: pages that failed at one moment do not all ask again at one moment. */
export const createQueryClient = (chance: () => number = Math.random): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // Offline is a failure to be shown, not a silence.
        networkMode: "always",
        staleTime: 5_000,
        gcTime: 10 * 60_000,
        retry: isAskedAgain,
        retryDelay: (attempt, error) => delayMs(attempt, error, chance()),
      },
      mutations: { networkMode: "always", retry: false },
    },
  });

/** A refusal is an answer, unless it says that something is away, or that the platform is busy: then once, not to make it busier. */
function isAskedAgain(failures: number, error: Error): boolean {
  if (error instanceof LoginDeclined) return false;
  if (isRefused(error, "Overloaded")) return failures < 1 && (toldMs(error) ?? 0) <= waitMaxMs;
  return failures < triesMax && (!(error instanceof Refused) || error.problem.status === busyStatus);
}

function delayMs(attempt: number, error: Error, chance: number): number {
  const told = toldMs(error);
  // Never before the time that was told.
  if (told !== null) return told + chance * Math.max(1_000, told / 2);
  return Math.min(800 * 2 ** attempt, 5_000) * (0.5 + chance);
}

function toldMs(error: Error): number | null {
  const seconds = error instanceof Refused ? error.problem.facts?.["retryAfterSeconds"] : undefined;
  return typeof seconds === "number" ? seconds * 1_000 : null;
}
