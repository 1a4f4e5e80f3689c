/** A gate of a test's world: it has a key, and says over the room's own routes what it saw. */
import type { Call, GateEventAnswer, GateEventSaid, gateRoutes, GateTicket } from "@chepiao/contracts";
import { travelDate, type World } from "../order.twin.ts";
import { gateKeyHash } from "./api.ts";

export type { GateEventSaid } from "@chepiao/contracts";

export async function signedGate(world: World, gateId: string, stationId: string) {
  const key = `key-of-${gateId}`;
  const now = world.clock.now();
  await world.gates.addGate({ gateId, stationId, keyHash: gateKeyHash(key), addedAt: now, retiredAt: null });
  // Known everywhere after a moment.
  await world.advance(2_000);
  const withKey = (authorization: string | null) =>
    new Request("http://x/", { headers: authorization === null ? {} : { authorization } });
  const own = `Bearer ${gateId}:${key}`;

  type Answer = { readonly events: GateEventAnswer[]; readonly refused: string[] };
  async function wholeAs(authorization: string | null, events: readonly GateEventSaid[]) {
    const call = { request: withKey(authorization), body: { events } } as Call<typeof gateRoutes.gateEvents>;
    const answer = await world.room().handlers.gateEvents(call);
    return answer.ok ? (answer.value.body as Answer) : answer.error.code;
  }
  async function sayAs(authorization: string | null = own, ...events: GateEventSaid[]) {
    const answer = await wholeAs(authorization, events);
    return typeof answer === "string" ? answer : answer.events;
  }

  return {
    key,
    sayAs,
    async say(...events: GateEventSaid[]) {
      const answer = await sayAs(own, ...events);
      if (typeof answer === "string") throw new Error(answer);
      return answer;
    },
    async whole(...events: GateEventSaid[]) {
      const answer = await wholeAs(own, events);
      if (typeof answer === "string") throw new Error(answer);
      return answer;
    },
    async list(trainNumber: string): Promise<GateTicket[]> {
      const query = { trainNumber, originDate: travelDate };
      const call = { request: withKey(own), query } as unknown as Call<typeof gateRoutes.gateList>;
      const answer = await world.room().handlers.gateList(call);
      if (!answer.ok) throw new Error(answer.error.code);
      return String(answer.value.body)
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as GateTicket);
    },
  };
}
