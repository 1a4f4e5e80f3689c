/** Appeals: who is blocked says once why that is wrong; an operator reads it and answers. */
import {
  type Appeal,
  type appealRoutes,
  appealsShownMax,
  type Handlers,
  refusal,
  type Timetable,
} from "@chepiao/contracts";
import { dayMs, formatInZone, minuteMs, ok, refuse, secondMs, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { RateLimiter } from "@chepiao/ports/rate-limiter";
import type { RiskAppeal, RiskBlock, RiskStore } from "@chepiao/ports/risk-store";

export type AppealsDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Pick<Timetable, "zone">;
  readonly store: Pick<RiskStore, "blocks" | "appeal" | "appealsOf">;
  readonly limiter: Pick<RateLimiter, "take">;
};

const sentPerMinute = { triesMax: 5, windowMs: minuteMs };
const readPerMinute = { triesMax: 30, windowMs: minuteMs };
/** A network may be many accounts, and of one enemy: an operator decides of all of them at once, and need not read more. */
const perBlockAndDay = { triesMax: 50, windowMs: dayMs };

export function createAppeals({ clock, timetable, store, limiter }: AppealsDeps) {
  async function tooOften(what: string, limit: typeof sentPerMinute) {
    const waitMs = await limiter.take(what, limit);
    return waitMs === 0 ? null : refusal("TooManyRequests", { retryAfterSeconds: Math.ceil(waitMs / secondMs) });
  }

  const viewOf = (appeal: RiskAppeal, isBlocked: boolean): Appeal => ({
    reference: appeal.blockId,
    text: appeal.text,
    at: formatInZone(appeal.at, timetable().zone),
    state: appeal.outcome === "open" && !isBlocked ? "over" : appeal.outcome,
    answer: appeal.answer,
  });

  const handlers: Handlers<typeof appealRoutes> = {
    async appeals({ session: { userId } }) {
      const wait = await tooOften(`appeals read ${userId}`, readPerMinute);
      if (wait) return refuse(wait);
      const own = await store.appealsOf(userId as UserId, appealsShownMax);
      const blocks = own.some(({ outcome }) => outcome === "open") ? await store.blocks(clock.now()) : [];
      const blocked = new Set(blocks.map(({ blockId }) => blockId));
      return ok({ status: 200, body: { appeals: own.map((appeal) => viewOf(appeal, blocked.has(appeal.blockId))) } });
    },

    async appeal({ session: { userId }, body: { reference, text } }) {
      const wait = await tooOften(`appeals sent ${userId}`, sentPerMinute);
      if (wait) return refuse(wait);
      const said = plainText(text);
      if (said === "") return refuse(refusal("AppealEmpty"));
      const now = clock.now();
      const block = (await store.blocks(now)).find(({ blockId }) => blockId === reference);
      if (!block || !mayBeOf(block, userId)) return refuse(refusal("AppealUnknown"));
      const own = await store.appealsOf(userId as UserId, appealsShownMax);
      if (!own.some(({ blockId }) => blockId === reference)) {
        const full = await tooOften(`appeals against ${reference}`, perBlockAndDay);
        if (full) return refuse(full);
      }
      const kept = await store.appeal({ blockId: reference, userId: userId as UserId, text: said, at: now });
      // Who sends it again, because the answer was lost, has sent it once.
      return kept.text === said ? ok({ status: 200, body: viewOf(kept, true) }) : refuse(refusal("AppealStands"));
    },
  };
  return { handlers };
}

/** Of a network's block only who was turned away by it knows the reference. */
const mayBeOf = ({ subject }: RiskBlock, userId: number): boolean =>
  !subject.startsWith("account ") || subject === `account ${userId}`;

/** As one line that a terminal shows as it is: nothing that moves its cursor, ends its line, or turns its direction. */
const plainText = (text: string): string =>
  text
    .replaceAll(/[^\P{Cf}\u200C\u200D]/gu, "")
    .replaceAll(/[\s\p{Cc}\p{Cs}]+/gu, " ")
    .trim();
