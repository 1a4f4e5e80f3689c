/** The payment room, as it declares itself. */
import { capturedSecret, orderClient, paymentClient, paymentRoutes, waitlistClient } from "@chepiao/contracts";
import { paymentProvidersPort } from "@chepiao/ports/payment-provider";
import { paymentStorePort } from "@chepiao/ports/payment-store";
import { countersOf, defineRoom } from "@chepiao/room";
import { createPayment } from "./index.ts";

export const paymentRoom = defineRoom({
  name: "payment",
  about: "taking money and giving it back",
  routes: paymentRoutes,
  client: paymentClient,
  makesIds: true,
  // Money is heard of by notices and by asking; the room that takes our word for it holds the same secret.
  keys: { routes: [`secret ${capturedSecret}`], work: [`secret ${capturedSecret}`] },
  asks: { orders: orderClient, waitlist: waitlistClient },
  needs: { store: paymentStorePort, providers: paymentProvidersPort },
  async open({ rooms, ports, site, zone, ...around }) {
    const room = createPayment({ ...around, ...ports, ...site, ...rooms, zone: await zone() });
    return {
      ...room,
      metrics: [countersOf("payment_events_total", "What happened to money since the start.", room.counters)],
    };
  },
});
