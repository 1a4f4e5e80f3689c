/** What a railway's policy says of queues. */
import Type, { type Static } from "typebox";

const strict = { additionalProperties: false } as const;
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });
const twoLimits = (maximum: number, of: string) =>
  Type.Object(
    { on: whole(1, maximum, `${of}: as many are too much`), off: whole(0, maximum, `${of}: no more is calm again`) },
    { ...strict, description: of },
  );

/** When a queue is switched on that nobody has announced, and how it lets people in. */
export const QueueLoadPolicy = Type.Object(
  {
    waiting: twoLimits(100_000, "Purchases that one process decides at a time"),
    unwrittenSeconds: twoLimits(3_600, "How long an accepted order waits to be written"),
    afterSeconds: whole(0, 600, "It is switched on once there was too much for so long"),
    calmSeconds: whole(0, 3_600, "And off once it was calm for so long, and nobody waits"),
    perMinute: whole(1, 60_000, "So many are let in a minute"),
    inside: whole(1, 1_000_000, "And no more than so many may be buying at a time"),
    lastsMinutes: whole(1, 1_440, "It ends after so long in any case"),
  },
  { ...strict, description: "Queues that the platform switches on by itself under load; left out: none" },
);
export type QueueLoadRules = Static<typeof QueueLoadPolicy>;

export const QueuePolicy = Type.Object(
  {
    collectMinutes: whole(0, 1_440, "Lots are taken so long before the announced opening"),
    keepMinutes: whole(1, 120, "Who was called and does not come keeps the place for so long"),
    stayMinutes: whole(1, 120, "Who was let in may buy for so long"),
    load: Type.Optional(QueueLoadPolicy),
  },
  {
    ...strict,
    description: "Queues that are announced for an opening, where nothing else is said; left out: 30, 5 and 10",
  },
);

/** What holds of queues where a policy says nothing of them. */
export const queueRulesDefault: Static<typeof QueuePolicy> = { collectMinutes: 30, keepMinutes: 5, stayMinutes: 10 };
