/** What people and other processes ask of a simulated process, and what every such process is told about its surroundings. */
import {
  type Policy,
  policyDefault,
  type QueueLoadRules,
  queueRulesDefault,
  type Refusal,
  refusal,
  type Reply,
  type RiskPolicy,
  withChanges,
} from "@chepiao/contracts";
import { type Result, secondMs } from "@chepiao/kernel";
import type { HoardingLimits } from "@chepiao/ports/reservations";
import type { Setting, Site } from "@chepiao/room";
import type { House } from "@chepiao/runtime";
import { firstPolicy } from "@chepiao/services/policy";
import { studentTrips } from "./railway.ts";

export type OrderRules = {
  /** How long an order may wait for its money. */
  readonly paymentTimeoutMs: number;
  readonly hoarding: HoardingLimits;
  /** Who tries more often within a minute is challenged; null where nobody is judged. */
  readonly judgedOver: number | null;
  /** When queues are switched on by load; null for never. */
  readonly byLoad: QueueLoadRules | null;
};

export type Process = {
  /** What a person asks of a room here. */
  serve(room: string, route: string, request: PublicRequest): Promise<Result<Reply, Refusal>>;
  /** What another process asks; as JSON. */
  answer(path: string, question: string): Promise<string>;
  /** Ends what is under way in the order in which nobody is let down. */
  stop(): Promise<void>;
};

export type PublicRequest = {
  readonly token?: string;
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly key?: string;
  readonly headers?: Headers;
  readonly address: string;
};

export const site: Site = { publicUrl: () => "https://site.example", noticeUrl: () => "https://site.example" };

/** All as they are by default, but for what the seed says of orders that wait for their money. */
export const settingsOf =
  (rules: OrderRules) =>
  <T>(setting: Setting<T>): T =>
    (setting as Setting<unknown>) === firstPolicy ? (policyOf(rules) as T) : setting.read(setting.byDefault);

export function policyOf({ paymentTimeoutMs, hoarding, judgedOver, byLoad }: OrderRules): Policy {
  const seconds = paymentTimeoutMs / secondMs;
  return withChanges(policyDefault, {
    payment: { seconds, lateSeconds: seconds },
    order: { ...hoarding },
    fares: { studentTrips },
    ...(judgedOver === null ? {} : { risk: riskOf(judgedOver) }),
    ...(byLoad === null ? {} : { queue: { ...queueRulesDefault, keepMinutes: 1, stayMinutes: 2, load: byLoad } }),
  });
}

/** Its work is quickly done: what counts here is who has done it. Where everybody is doubted it costs a picture, or more work. */
const riskOf = (over: number): RiskPolicy => ({
  mode: "on",
  workBits: 2,
  rules: [{ signal: "accountPerMinute", over, points: over === 0 ? 200 : 100 }],
});

type Handler = (call: unknown) => Promise<Result<Reply, Refusal>> | Result<Reply, Refusal>;

export function endpointsOf(house: House): Pick<Process, "serve" | "answer"> {
  const handlers = new Map<string, Handler>();
  for (const { routes, handlers: all } of house.routes)
    for (const [name, spec] of Object.entries(routes))
      handlers.set(`${spec.room}.${name}`, (all as unknown as Record<string, Handler>)[name]!);
  const calls = new Map(
    house.calls.flatMap(({ calls: specs, handlers: all }) =>
      Object.entries(specs).map(
        ([name, { path }]) => [path as string, all[name] as (ask: unknown) => unknown] as const,
      ),
    ),
  );
  return {
    async serve(room, route, { token, params, query, body, key, headers, address }) {
      const session = token === undefined ? null : await house.authenticate(token);
      if (token !== undefined && !session) return { ok: false, error: refusal("NotLoggedIn") };
      return handlers.get(`${room}.${route}`)!({
        params,
        query,
        body,
        session,
        idempotencyKey: key,
        language: "zh",
        traceId: "t",
        clientAddress: address,
        request: new Request(
          `https://site.example/${room}/${route}?${query ? JSON.stringify(query) : ""}`,
          headers ? { headers } : {},
        ),
      });
    },
    async answer(path, question) {
      return JSON.stringify(await calls.get(path)!(JSON.parse(question)));
    },
  };
}
