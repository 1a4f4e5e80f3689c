/** Purchases prepared beforehand: every buyer once a day, on a random train and way, so that hardly any is refused. */
import { seatsOf } from "@chepiao/contracts";
import { addDays, dateIn, epochMs, parseZone, type Prng } from "@chepiao/kernel";
import { demoDays, generateDemoNetwork } from "../../apps/server/data/demo/generate.ts";
import type { BenchRequest } from "./load.ts";
import type { Buyer } from "./world.ts";

/** Days ahead on which there is something to buy from the first to the last stop. */
const daysAhead = 12;
const everyDay = 0b1111111;

export function* drawOrders(buyers: readonly Buyer[], prng: Prng): Generator<BenchRequest> {
  const today = dateIn(parseZone("Asia/Shanghai")!, epochMs(Date.now()));
  const network = generateDemoNetwork(1, today, demoDays);
  const compositions = new Map(network.compositions.map((composition) => [composition.code, composition]));
  const trains = network.trains.filter((train) => train.days.weekdays === everyDay);
  for (let day = 1; day <= daysAhead; day++) {
    for (const [n, buyer] of buyers.entries()) {
      const train = prng.pick(trains);
      const from = prng.below(train.stops.length - 1);
      const to = from + 1 + prng.below(train.stops.length - 1 - from);
      const classes = [...seatsOf(compositions.get(train.compositionCode)!).keys()].filter(
        (seatClass) => seatClass !== "standing" && seatClass !== "business",
      );
      yield orderRequest(buyer, `${day}-${n}`, {
        trainNumber: train.trainNumber,
        originDate: addDays(today, day),
        from: train.stops[from]!.stationId,
        to: train.stops[to]!.stationId,
        seatClass: prng.pick(classes),
      });
    }
  }
}

/** One train, one class, the whole way: everybody wants the same thing. */
export function* drawRush(buyers: readonly Buyer[], submits: number, train: object): Generator<BenchRequest> {
  for (let n = 0; n < submits; n++) {
    yield orderRequest(buyers[n % buyers.length]!, `rush-${Math.floor(n / buyers.length)}`, train);
  }
}

const orderRequest = (buyer: Buyer, key: string, journey: object): BenchRequest => ({
  method: "POST",
  path: "/api/order",
  token: buyer.token,
  key,
  body: JSON.stringify({ ...journey, passengers: [{ passengerId: buyer.passengerId }] }),
});

/** One try of each buyer at a train that does not run: as `warmUp`, and by every thread that reads purchases. */
export const warmUpPurchases = (buyers: readonly Buyer[]): BenchRequest[] =>
  buyers.map((buyer, n) =>
    orderRequest(buyer, `warm-${n}`, {
      trainNumber: "G0",
      originDate: "2026-01-01",
      from: "A",
      to: "B",
      seatClass: "second",
    }),
  );

/** One look of each buyer at his passengers: sessions and passengers are where they are on the morning of a sale. */
export const warmUp = (buyers: readonly Buyer[]): BenchRequest[] =>
  buyers.map(({ token }) => ({ method: "GET", path: "/api/user/passengers", token }));
