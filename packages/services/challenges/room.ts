/** The challenges room, as it declares itself. */
import { challengeProofSecret, challengeRoutes, timetableClient } from "@chepiao/contracts";
import { rateLimiterPort } from "@chepiao/ports/rate-limiter";
import { riskCountersPort } from "@chepiao/ports/risk-counters";
import { countersOf, defineRoom } from "@chepiao/room";
import { createChallenges } from "./index.ts";
import { challengesSecret } from "./puzzle.ts";

export const challengesRoom = defineRoom({
  name: "challenges",
  about: "puzzles for those whose purchases look like those of programs",
  routes: challengeRoutes,
  keys: { routes: [`secret ${challengesSecret}`, `secret ${challengeProofSecret}`] },
  asks: { timetable: timetableClient },
  needs: { counters: riskCountersPort, limiter: rateLimiterPort },
  open({ rooms, ports, ...around }) {
    const { handlers, counts } = createChallenges({ ...around, ...ports, timetable: rooms.timetable.current });
    return {
      handlers,
      metrics: [countersOf("challenges_total", "Challenges since the start, by what became of them.", counts)],
    };
  },
});
