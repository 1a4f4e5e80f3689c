/** By which signals purchases are judged, and what they count: a part of the railway's policy. Where it says nothing nobody is judged. */
import Type, { type Static } from "typebox";

const strict = { additionalProperties: false } as const;

/** Each with what it measures, as operators read it. */
export const riskSignals = {
  accountPerMinute: "purchases that the account tried within a minute",
  addressPerMinute: "purchases from its address within a minute (of IPv6: a /64)",
  networkPerMinute: "purchases from its network within a minute (IPv4: a /24, IPv6: a /48)",
  spacingMs: "milliseconds since the account tried before",
  documentsPerDay: "documents that the account bought for within a day",
  accountsPerDocument: "accounts that bought within a day for a document which this account bought for, too",
  sessionSeconds: "seconds since the account logged in on this device",
  failuresPerTenMinutes: "purchases of the account that were refused within ten minutes",
  unpaidPerDay: "orders of the account that were let go of unpaid within a day",
} as const;
export type RiskSignal = keyof typeof riskSignals;
export const riskSignalNames = Object.keys(riskSignals) as readonly RiskSignal[];
/** Null where it is not known: then no rule is about it. */
export type RiskSignals = Readonly<Record<RiskSignal, number | null>>;

const signalNames = riskSignalNames.map((name) => Type.Literal(name));
const points = (description: string) => Type.Integer({ minimum: 1, maximum: 10_000, description });
const bound = (description: string) => Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000, description }));

const RiskRule = Type.Object(
  {
    signal: Type.Union(signalNames, { description: "What is measured" }) as unknown as Type.TUnsafe<RiskSignal>,
    over: bound("It counts where the signal is greater"),
    under: bound("It counts where the signal is smaller"),
    points: points("How much it counts"),
  },
  strict,
);
export type RiskRule = Static<typeof RiskRule>;

export const riskModes = ["off", "dryRun", "on"] as const;
export type RiskMode = (typeof riskModes)[number];

/** A million hashes: a slow phone ends them within the minute of a challenge. */
export const workBitsMax = 20;

export const RiskPolicy = Type.Object(
  {
    mode: Type.Union(
      riskModes.map((mode) => Type.Literal(mode)),
      {
        description: "`off`: nobody is judged; `dryRun`: what would be decided is noted and not done; `on`: it is done",
      },
    ) as unknown as Type.TUnsafe<RiskMode>,
    challengePoints: Type.Optional(points("From so many points on a purchase needs a solved puzzle; left out: 100")),
    slidePoints: Type.Optional(
      points("From so many points on that puzzle is a picture, or eight times the work; left out: 200"),
    ),
    refusePoints: Type.Optional(points("From so many points on it is refused for the moment; left out: 300")),
    workBits: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: workBitsMax,
        description: "How hard a puzzle is: each bit doubles its work; left out: 16, a second on a slow phone at most",
      }),
    ),
    recordOneIn: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description:
          "Of so many purchases that are let through one is kept with its signals, to try rules on; left out: none",
      }),
    ),
    rules: Type.Optional(
      Type.Array(RiskRule, {
        maxItems: 50,
        description:
          "All of them are asked, and the points of those that count are added up; left out: those of the documentation",
      }),
    ),
  },
  { ...strict, description: "Judging purchases by what tells programs from people; left out: off" },
);
export type RiskPolicy = Static<typeof RiskPolicy>;
