/** The gateway room, as it declares itself: where requests come in, and nowhere else. */
import { gatewayRulesClient } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import { defineRoom } from "@chepiao/room";
import { createGatewayRoom, rulesFreshMs } from "./index.ts";

export const gatewayRoom = defineRoom({
  name: "gateway",
  about: "rules for requests, as this process knows them",
  asks: { gatewayRules: gatewayRulesClient },
  open({ clock, random, rooms }) {
    const room = createGatewayRoom({ rules: rooms.gatewayRules, clock, source: random.token(12) });
    return {
      routeRules: room.routeRules,
      work: [
        {
          kind: "job" as const,
          name: "gateway rules",
          everyMs: rulesFreshMs,
          firstMs: 0,
          restMs: 5 * secondMs,
          pass: room.exchange,
          failed: "the gateway's rules could not be read: those that are known stay in force; trying again",
        },
      ],
      metrics: [
        {
          kind: "counter" as const,
          name: "gateway_rule_refusals_total",
          help: "Requests that rules of operators have refused since the start.",
          labels: ["route", "who"],
          read: () => room.refusals().map(({ route, who, count }) => ({ value: count, labels: { route, who } })),
        },
        {
          kind: "gauge" as const,
          name: "gateway_rules_version",
          help: "The version of the operators' rules for requests that this process knows; 0 where there is none.",
          labels: [],
          read: () => [{ value: room.version() }],
        },
      ],
    };
  },
});
