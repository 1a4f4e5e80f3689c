/** The room of the gateway's rules, as it declares itself: beside a database, where gateways ask it. */
import { gatewayRulesClient } from "@chepiao/contracts";
import { gatewayStorePort } from "@chepiao/ports/gateway-store";
import { defineRoom } from "@chepiao/room";
import { createGatewayRules } from "./index.ts";

export const gatewayRulesRoom = defineRoom({
  name: "gatewayRules",
  about: "how much may be asked of each route, as operators have set it",
  client: gatewayRulesClient,
  needs: { store: gatewayStorePort },
  open: ({ clock, ports: { store } }) => createGatewayRules({ store, clock }),
});
