/**
 * How much one asker may ask of a route: rules that an operator changes while the platform sells, and what gateways tell of the requests
 * they had, so that a rule can be tried on these before it is in force.
 */
import { type EpochMs, secondMs } from "@chepiao/kernel";
import Type from "typebox";
import { as, clientSpec, plainMethod } from "./calls.ts";
import { instant } from "./internalFields.ts";
import { oneOf } from "./vocabulary.ts";

/**
 * Whose requests are counted together: those of an address, whoever asks from there; those of an account that is logged in; or those of an
 * account where one is known and of the address of everybody else, as the limits of the whole listener count.
 */
export const gatewayRuleKinds = ["address", "account", "both"] as const;
export type GatewayRuleKind = (typeof gatewayRuleKinds)[number];

export type GatewayRule = {
  /** A declared route by its room and name: `search.tickets`. */
  readonly route: string;
  readonly who: GatewayRuleKind;
  readonly perMinute: number;
  /** So many at once. */
  readonly burst: number;
};

/** No two of one route and kind. */
export type GatewayRules = readonly GatewayRule[];

export type GatewayRulesVersion = {
  readonly version: number;
  readonly at: EpochMs;
  readonly operator: string;
  /** The version whose rules these are: its own number, or of one that an undo has brought back; 0: no rules, as at first. */
  readonly rulesOf: number;
  readonly rules: GatewayRules;
};

/** Askers that had about as many requests in the minute as each other: how many askers, and how many requests all of them had. */
export type UsageBucket = readonly [askers: number, requests: number];
export type RouteUsage = {
  readonly route: string;
  readonly who: GatewayRuleKind;
  readonly buckets: readonly UsageBucket[];
};

/** What one process that takes requests had in about a minute: longer where it could not end it. */
export type GatewayUsage = {
  /** The minute's beginning. */
  readonly minute: EpochMs;
  /** From its first request to its last, by a clock that nobody sets. Left out by processes of an earlier version. */
  readonly spanMs?: number;
  /** The process, or the thread; a name that no other has. */
  readonly source: string;
  readonly routes: readonly RouteUsage[];
  /** Requests of askers beyond those that are kept apart: in no bucket. */
  readonly uncounted: number;
};

export type GatewayRulesClient = {
  /**
   * Tells what the asker had, where a minute is over, and asks for the newest rules: null where they are of the version that the asker has.
   * The same minute told twice counts once.
   */
  exchange(known: number, usage: GatewayUsage | null): Promise<Pick<GatewayRulesVersion, "version" | "rules"> | null>;
};

/** A file with more rules than this is a mistake. */
export const gatewayRulesMax = 500;
/** A second has a thousand milliseconds, and the shortest share of a limit is one. */
export const gatewayPerMinuteMax = 60_000;
/** How long a burst may take to come back: for so long an asker is remembered. */
export const gatewayBurstMinutesMax = 60;

const Rule = Type.Object({
  route: Type.String({ maxLength: 100 }),
  who: oneOf(gatewayRuleKinds, "Whose requests are counted together."),
  perMinute: Type.Integer({ minimum: 1, maximum: gatewayPerMinuteMax }),
  burst: Type.Integer({ minimum: 1 }),
});
const Count = Type.Integer({ minimum: 0 });
const Usage = as<GatewayUsage>(
  Type.Object({
    minute: instant,
    spanMs: Type.Optional(Count),
    source: Type.String({ maxLength: 64 }),
    routes: Type.Array(
      Type.Object({
        route: Rule.properties.route,
        who: Rule.properties.who,
        buckets: Type.Array(Type.Tuple([Count, Count]), { maxItems: 64 }),
      }),
      { maxItems: 2_000 },
    ),
    uncounted: Count,
  }),
);

export const gatewayRulesClient = clientSpec<GatewayRulesClient>({
  room: "gatewayRules",
  methods: {
    exchange: plainMethod({
      path: "/internal/gateway-rules/exchange",
      room: "gatewayRules",
      ask: Type.Object({ known: Count, usage: Type.Union([Usage, Type.Null()]) }),
      answer: Type.Object({
        newer: as<Awaited<ReturnType<GatewayRulesClient["exchange"]>>>(
          Type.Union([
            Type.Object({ version: Count, rules: Type.Array(Rule, { maxItems: gatewayRulesMax }) }),
            Type.Null(),
          ]),
        ),
      }),
      timeoutMs: secondMs,
      question: (known: number, usage: GatewayUsage | null) => ({ known, usage }),
      result: ({ newer }) => newer,
      serve: async (client: GatewayRulesClient, { known, usage }) => ({ newer: await client.exchange(known, usage) }),
    }),
  },
});

/** A declared route as rules call it: `search.tickets`. */
export const ruleNameOf = (name: string, { room }: { readonly room: string }): string => `${room}.${name}`;
