/** From HTTP to the waitlist room and back: takes a request for the command or the question it is, and answers. Decides nothing itself. */
import {
  type Handlers,
  type Policies,
  type Refusal,
  refusal,
  type Reply,
  type waitlistRoutes,
} from "@chepiao/contracts";
import { ok, refuse, type Result, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { WaitlistChange, WaitlistRecord } from "@chepiao/ports/waitlist-store";
import type { Changes } from "./changes.ts";
import type { Chances } from "./chances.ts";
import { decideCancel, decideDeadline } from "./decide.ts";
import type { Join } from "./join.ts";
import type { Queries } from "./queries.ts";

export type ApiDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly policies: Policies;
  readonly join: Join;
  readonly changes: Changes;
  readonly chances: Pick<Chances, "asked">;
  readonly queries: Queries;
};

export function createHandlers({
  clock,
  policies,
  join,
  changes,
  chances,
  queries,
}: ApiDeps): Handlers<typeof waitlistRoutes> {
  const reply = (body: unknown, status = 200) => ok<Reply>({ status, body });

  async function change(
    userId: number,
    waitlistNo: string,
    decide: (entry: WaitlistRecord) => Result<WaitlistChange, Refusal>,
  ): Promise<Result<Reply, Refusal>> {
    const found = await queries.own(userId, waitlistNo);
    if (!found.ok) return found;
    const made = await changes.make(found.value.entryId, (now) => {
      const decided = decide(now);
      return decided.ok ? { change: decided.value } : { refused: decided.error };
    });
    if (!made) return refuse(refusal("WaitlistUnknown"));
    return made.decision.change ? reply(queries.view(made.entry)) : refuse(made.decision.refused);
  }

  return {
    async join({ session, idempotencyKey, body }) {
      const entry = await join(session.userId as UserId, idempotencyKey, body);
      return entry.ok ? reply(queries.view(entry.value), 201) : entry;
    },
    async chance({ session, body }) {
      const answer = await chances.asked(session.userId as UserId, body);
      return answer.ok ? reply(answer.value) : answer;
    },
    list: async ({ session, query }) => reply(await queries.list(session.userId as UserId, query)),
    async get({ session, params }) {
      const found = await queries.own(session.userId, params.waitlistNo);
      if (!found.ok) return found;
      const { deadline } = policies.of(found.value.policyVersion).policy.waitlist;
      return reply({ ...queries.view(found.value), ...(await queries.told(found.value)), deadline });
    },
    changeDeadline: ({ session, params, body }) =>
      change(session.userId, params.waitlistNo, (entry) =>
        // What it was opened under: a choice that was offered then stays.
        decideDeadline(entry, body.deadlineMinutes, policies.of(entry.policyVersion).policy.waitlist, clock.now()),
      ),
    cancel: ({ session, params }) =>
      change(session.userId, params.waitlistNo, (entry) => decideCancel(entry, clock.now())),
  };
}
