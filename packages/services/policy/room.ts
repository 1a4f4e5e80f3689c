/** The policy room, as it declares itself: reference data, of which every process that asks has a copy. */
import { policyClient, policyRoutes } from "@chepiao/contracts";
import { ok } from "@chepiao/kernel";
import { policyStorePort } from "@chepiao/ports/policy-store";
import { defineRoom } from "@chepiao/room";
import { createPolicyRoom, policyFreshMs } from "./index.ts";
import { railwayOf } from "./railway.ts";
import { firstPolicy } from "./setting.ts";

export const policyRoom = defineRoom({
  name: "policy",
  about: "the railway's rules, and since when they hold",
  routes: policyRoutes,
  client: policyClient,
  isCopied: true,
  needs: { store: policyStorePort },
  settings: { first: firstPolicy },
  async open({ clock, ports: { store }, settings: { first } }) {
    const room = await createPolicyRoom(store, first);
    return {
      handlers: { railway: () => ok({ status: 200, body: railwayOf(room.policies.at(clock.now())) }) },
      client: { policies: room.policies },
      work: [
        {
          kind: "job" as const,
          name: "newer policy",
          everyMs: policyFreshMs,
          pass: room.reload,
          failed: "newer versions of the policy could not be read; trying again",
        },
      ],
    };
  },
});
