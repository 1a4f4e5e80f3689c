/** Passengers who buy at a steady rate while something else is measured. */
import type { OrderRequest, TicketsAnswer, TrainOffer } from "@chepiao/contracts";
import type { Prng } from "@chepiao/kernel";
import { type Journey, pathOf } from "./journeys.ts";
import type { Buyer } from "./world.ts";

export type Sale = { readonly buyer: Buyer; readonly request: OrderRequest };
export type Sales = {
  /** Since the last look. */
  take(): { readonly accepted: number; readonly refused: number; readonly seconds: number };
  stop(): Promise<void>;
};

/** What each page shows, so that there is something to buy; also warms the platform up. */
export async function readPages(url: string, journeys: readonly Journey[]): Promise<TicketsAnswer[]> {
  const pages: TicketsAnswer[] = [];
  for (const journey of journeys) {
    const answer = await fetch(url + pathOf(journey));
    if (!answer.ok) throw new Error(`${pathOf(journey)}: ${await answer.text()}`);
    pages.push((await answer.json()) as TicketsAnswer);
  }
  return pages;
}

/** There is more of it than a probe buys. */
export const isForSale = (train: TrainOffer): boolean =>
  train.sale === "open" && train.arrivesDaysLater === 0 && train.originDate === train.boardingDate && !!classOf(train);
const classOf = (train: TrainOffer) =>
  train.classes.find(({ seatClass, free }) => free > 20 && seatClass !== "standing");

/**
 * Sales all over the pages, so that no train is soon sold out: a refused order would change nothing. Every buyer travels once a
 * day, so that no limit is met. `isOff` keeps trains out of it. Null once every buyer has travelled every day.
 */
export function createSales(
  buyers: readonly Buyer[],
  pages: readonly TicketsAnswer[],
  isOff: (train: TrainOffer) => boolean,
  prng: Prng,
): () => Sale | null {
  const byDate = Map.groupBy(
    pages.filter(({ trains }) => trains.some(isForSale)),
    (page) => page.date,
  );
  const days = [...byDate.values()];
  let sold = 0;
  return () => {
    const day = days[Math.floor(sold / buyers.length)];
    const buyer = buyers[sold++ % buyers.length]!;
    if (!day) return null;
    for (;;) {
      const train = prng.pick(prng.pick(day).trains.filter(isForSale));
      if (train && !isOff(train)) return { buyer, request: requestFor(buyer, train) };
    }
  };
}

export function requestFor(buyer: Buyer, train: TrainOffer): OrderRequest {
  return {
    trainNumber: train.trainNumber,
    originDate: train.originDate,
    from: train.from.stationId,
    to: train.to.stationId,
    seatClass: classOf(train)!.seatClass,
    passengers: [{ passengerId: buyer.passengerId }],
  };
}

const everyMs = 4;
const lines = 600;

/** Sends over open connections, one order at a time each, from prepared bytes: the buyers must not take the readers' processor. */
export async function startSales(url: string, next: () => Sale | null, perSecond: number): Promise<Sales> {
  const { hostname, port } = new URL(url);
  const idle: Line[] = [];
  let [accepted, refused, sent, owed] = [0, 0, 0, 0];
  let since = performance.now();
  let lastMs = since;

  type Line = { readonly socket: Bun.Socket; heard: string };
  const listen = (line: Line, text: string) => {
    line.heard += text;
    const end = line.heard.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = /^content-length: (\d+)$/im.exec(line.heard.slice(0, end))?.[1];
    if (line.heard.length < end + 4 + Number(length ?? 0)) return;
    if (line.heard.startsWith("HTTP/1.1 202")) accepted++;
    else refused++;
    line.heard = "";
    idle.push(line);
  };
  const open = async () => {
    const line: { socket: Bun.Socket; heard: string } = {
      heard: "",
      socket: await Bun.connect({
        hostname,
        port: Number(port),
        socket: { data: (_, bytes) => listen(line, bytes.toString("latin1")), error() {}, close() {} },
      }),
    };
    idle.push(line);
    return line;
  };
  const all = await Promise.all(Array.from({ length: lines }, open));

  const tick = setInterval(() => {
    const nowMs = performance.now();
    owed = Math.min(owed + ((nowMs - lastMs) * perSecond) / 1_000, lines);
    lastMs = nowMs;
    while (owed >= 1 && idle.length > 0) {
      const sale = next();
      if (!sale) return;
      idle.pop()!.socket.write(bytesOf(sale, sent++));
      owed--;
    }
  }, everyMs);

  return {
    take() {
      const seconds = (performance.now() - since) / 1_000;
      const seen = { accepted, refused, seconds };
      [accepted, refused, since] = [0, 0, performance.now()];
      return seen;
    },
    async stop() {
      clearInterval(tick);
      for (const { socket } of all) socket.end();
      await Bun.sleep(10);
    },
  };
}

function bytesOf({ buyer, request }: Sale, n: number): string {
  const body = JSON.stringify(request);
  return (
    "POST /api/order HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n" +
    `authorization: Bearer ${buyer.token}\r\nidempotency-key: sale-${n}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  );
}
