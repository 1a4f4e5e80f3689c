/**
 * Case `cluster`: what the engines of a cluster do for us, and what it costs. Holds on one Redis master, beside calls of a function
 * that does nothing; orders through Kafka into rows of one MySQL; and what a purchase and a search cost each role, in processes of their
 * own behind the gateway. `npm run engines -- up` brings the engines. `chepiao capacity` computes with what comes out.
 */
import { engineAddresses } from "./cluster/engines.ts";
import { measureOrders } from "./cluster/orders.ts";
import { type RoleBench, type RoleFigures, startRoles } from "./cluster/roles.ts";
import { measureSeats } from "./cluster/seats.ts";
import { hasWrk } from "./lib/load.ts";
import { type BenchSettings, type CaseResult, type Round, settle } from "./lib/rounds.ts";

/** A master is measured three times a round; more would sell all the runs there are. */
const secondsMax = 2;

export async function run({ rounds, seconds: asked, say }: BenchSettings): Promise<CaseResult[]> {
  const addresses = engineAddresses();
  const seconds = Math.min(asked, secondsMax);
  await using roles = hasWrk() ? await startRoles(addresses, say) : null;
  if (!roles) say("cluster: without wrk the roles are left out (apt install wrk)");
  const done: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    const seats = await measureSeats(addresses.redis, seconds, n + 1);
    const orders = await measureOrders(addresses);
    const { bare, single, batched, ...seatsMore } = seats;
    done.push({
      ...batched,
      reference: bare,
      more: {
        singleHoldsPerSecond: single.perSecond,
        singleRatio: single.perSecond / bare.perSecond,
        singleHoldP99Ms: single.p99Ms,
        ...seatsMore,
        ...orders,
        ...(await roleCosts(roles, seconds)),
      },
    });
    say(
      `cluster ${n + 1}/${rounds}: holds of one run together ${Math.round(batched.perSecond)}/s, one by one ` +
        `${Math.round(single.perSecond)}/s, bare calls ${Math.round(bare.perSecond)}/s; orders appended ` +
        `${Math.round(orders.appendsPerSecond)}/s, written ${Math.round(orders.rowsPerSecond)}/s, ` +
        `${Math.round(orders.lagP99Ms)} ms behind at ${Math.round(orders.pacedPerSecond)}/s`,
    );
  }
  return [settle("cluster", { seconds }, done)];
}

/**
 * `orderUs.gateway`, `queryUs.search` and so on: processor time of one request where many ask at a time; `orderUsOfFew.gateway` and so
 * on where few do.
 */
async function roleCosts(roles: RoleBench | null, seconds: number): Promise<Record<string, number>> {
  if (!roles) return {};
  const few = figuresOf(await roles.measure("few", seconds + 1), "OfFew");
  const many = await roles.measure("many", seconds + 1);
  const { orderUs, queryUs } = many;
  const stale = await roles.staleMs();
  return {
    ...few,
    ...figuresOf(many, ""),
    ordersPerGatewayAndOrderCore: 1e6 / (orderUs.gateway + orderUs.order),
    roleStaleMsMax: Math.max(...stale),
    queriesPerGatewayAndSearchCore: 1e6 / (queryUs.gateway + queryUs.search),
  };
}

function figuresOf({ order, orderUs, query, queryUs }: RoleFigures, crowd: string): Record<string, number> {
  const named = (request: string, costs: RoleFigures["orderUs"]) =>
    Object.fromEntries(Object.entries(costs).map(([who, us]) => [`${request}Us${crowd}.${who}`, us]));
  return {
    [`roleOrdersPerSecond${crowd}`]: order.perSecond,
    [`roleOrderP99Ms${crowd}`]: order.p99Ms,
    [`roleQueriesPerSecond${crowd}`]: query.perSecond,
    [`roleQueryP99Ms${crowd}`]: query.p99Ms,
    ...named("order", orderUs),
    ...named("query", queryUs),
  };
}

if (import.meta.main) {
  const settings = { rounds: 3, seconds: 1, connections: 64, say: console.log };
  console.log(JSON.stringify((await run(settings))[0], null, 2));
}
