/**
 * The bugs of gates: of tickets that let somebody in, and of what gates have said. With `--rounds 1` seed 7 finds each.
 *
 * Not planted, because it comes too seldom: that an event which is decided on once more, by who took over from a process that died in between, is taken for
 * another's.
 */
import type { PlantedBug } from "./planted.ts";

const gate = "packages/services/order/gate";

export const plantedGateBugs: readonly PlantedBug[] = [
  {
    name: "entered-ticket-stays-valid",
    about: "a ticket with which somebody went in stays valid, and is given back or changed after that (I3)",
    file: `${gate}/decide.ts`,
    find: 'const state = ticketTransitions[ticket.state].use === "used" ? "used" : ticket.state;',
    replace: "const { state } = ticket;",
  },
  {
    name: "second-entry-unseen",
    about: "a second passage with a ticket is taken for the first (I7)",
    file: `${gate}/decide.ts`,
    find: "if (before) return { outcome: twice[event.act], before };",
    replace: "",
  },
  {
    name: "passage-not-kept",
    about: "what a gate says is decided on and not kept (I2)",
    file: `${gate}/passages.ts`,
    find: "for (const event of await gates.note(events, clock.now()))",
    replace:
      'for (const event of events.map((each) => ({ ...each, receivedAt: clock.now(), outcome: "pending" as const })))',
  },
  {
    name: "uploaded-passage-left-undecided",
    about: "of what was noted beside the platform each pass leaves out the first (I4)",
    file: `${gate}/passages.ts`,
    find: "for (const event of pending) if",
    replace: "for (const event of pending.slice(1)) if",
  },
];
