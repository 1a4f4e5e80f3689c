/** The challenges room, as it declares itself. */
import { appealRoutes, challengeProofSecret, challengeRoutes, timetableClient } from "@chepiao/contracts";
import { rateLimiterPort } from "@chepiao/ports/rate-limiter";
import { riskCountersPort } from "@chepiao/ports/risk-counters";
import { riskStorePort } from "@chepiao/ports/risk-store";
import { countersOf, defineRoom } from "@chepiao/room";
import { createAppeals } from "./appeals.ts";
import { createChallenges } from "./index.ts";
import { challengesSecret } from "./puzzle.ts";

export const challengesRoom = defineRoom({
  name: "challenges",
  about: "puzzles for those whose purchases look like those of programs, and appeals of those who are blocked",
  routes: { ...challengeRoutes, ...appealRoutes },
  keys: { routes: [`secret ${challengesSecret}`, `secret ${challengeProofSecret}`] },
  asks: { timetable: timetableClient },
  needs: { counters: riskCountersPort, limiter: rateLimiterPort, store: riskStorePort },
  open({ rooms, ports, ...around }) {
    const deps = { ...around, ...ports, timetable: rooms.timetable.current };
    const { handlers, counts } = createChallenges(deps);
    return {
      handlers: { ...handlers, ...createAppeals(deps).handlers },
      metrics: [countersOf("challenges_total", "Challenges since the start, by what became of them.", counts)],
    };
  },
});
