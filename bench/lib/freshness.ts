/** Reads its own sales back: how long after a purchase was answered do searches still show the seat as free? */
import type { TicketsAnswer, TrainOffer } from "@chepiao/contracts";
import { requestFor } from "./sales.ts";
import type { Buyer } from "./world.ts";

export type Probe = { readonly path: string; readonly train: TrainOffer };
export type Freshness = {
  readonly delaysMs: readonly number[];
  /** When every buyer has bought. */
  readonly through: Promise<void>;
  stop(): Promise<void>;
};

const betweenMs = 150;
const giveUpAfterMs = 5_000;

/** Nobody else may sell seats of the probed trains meanwhile. Each buyer buys once. */
export function watchFreshness(url: string, probes: readonly Probe[], buyers: readonly Buyer[]): Freshness {
  const delaysMs: number[] = [];
  let goesOn = true;
  const done = (async () => {
    for (let n = 0; goesOn && n < buyers.length; n++) {
      delaysMs.push(await probe(url, probes[n % probes.length]!, buyers[n]!, n));
      await Bun.sleep(betweenMs);
    }
  })();
  return {
    delaysMs,
    through: done,
    async stop() {
      goesOn = false;
      await done;
    },
  };
}

async function probe(url: string, { path, train }: Probe, buyer: Buyer, n: number): Promise<number> {
  const request = requestFor(buyer, train);
  const readFree = async () => {
    const page = (await (await fetch(url + path)).json()) as TicketsAnswer;
    const offer = page.trains.find(({ trainNumber }) => trainNumber === train.trainNumber);
    return offer!.classes.find(({ seatClass }) => seatClass === request.seatClass)!.free;
  };
  const before = await readFree();
  const bought = await fetch(`${url}/api/order`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${buyer.token}`,
      "idempotency-key": `fresh-${n}`,
    },
    body: JSON.stringify(request),
  });
  if (bought.status !== 202) throw new Error(`a probe could not buy: ${bought.status} ${await bought.text()}`);
  const soldMs = performance.now();
  while ((await readFree()) >= before) {
    if (performance.now() - soldMs > giveUpAfterMs) return giveUpAfterMs;
    await Bun.sleep(5);
  }
  return performance.now() - soldMs;
}
