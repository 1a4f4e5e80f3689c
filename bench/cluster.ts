/**
 * Case `cluster`: what the engines of a cluster do for us, and what it costs. Holds on one Redis master, beside calls of a function
 * that does nothing; orders through Kafka into rows of one MySQL. `npm run engines -- up` brings the engines.
 */
import { engineAddresses } from "./cluster/engines.ts";
import { measureOrders } from "./cluster/orders.ts";
import { measureSeats } from "./cluster/seats.ts";
import { type BenchSettings, type CaseResult, type Round, settle } from "./lib/rounds.ts";

/** A master is measured three times a round; more would sell all the runs there are. */
const secondsMax = 2;

export async function run({ rounds, seconds: asked, say }: BenchSettings): Promise<CaseResult[]> {
  const addresses = engineAddresses();
  const seconds = Math.min(asked, secondsMax);
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

if (import.meta.main) {
  const settings = { rounds: 3, seconds: 1, connections: 64, say: console.log };
  console.log(JSON.stringify((await run(settings))[0], null, 2));
}
