/** Accepted orders without end, run after run: on every train of the coming days, from its first to its last stop, one seat each. */
import { type OrderAccepted, runId, seatsOf } from "@chepiao/contracts";
import {
  addDays,
  createIdSource,
  dateIn,
  epochMs,
  fen,
  hourMs,
  orderNoOf,
  parseZone,
  type PassengerId,
  serviceDayStart,
  type UserId,
} from "@chepiao/kernel";
import { demoDays, generateDemoNetwork } from "../../apps/server/data/demo/generate.ts";

const everyDay = 0b1111111;
const zone = parseZone("Asia/Shanghai")!;

export function* drawSold(): Generator<OrderAccepted> {
  const now = epochMs(Date.now());
  const today = dateIn(zone, now);
  const network = generateDemoNetwork(1, today, demoDays);
  const compositions = new Map(network.compositions.map((composition) => [composition.code, composition]));
  const names = new Map(network.stations.map(({ stationId, name }) => [stationId, name]));
  const ids = createIdSource(1);
  let user = 1;
  for (let day = 1; ; day++) {
    const originDate = addDays(today, day);
    const dayStart = serviceDayStart(originDate, zone);
    for (const train of network.trains.filter(({ days }) => days.weekdays === everyDay)) {
      const from = train.stops[0]!;
      const to = train.stops.at(-1)!;
      for (const seatClass of ["second", "hardSeat"] as const) {
        for (const seat of seatsOf(compositions.get(train.compositionCode)!).get(seatClass) ?? []) {
          if (seat.index % 10 > 0) continue;
          const userId = ++user as UserId;
          const orderId = ids.orderId(userId, now);
          const orderNo = orderNoOf(orderId);
          yield {
            orderId,
            orderNo,
            userId,
            lines: [
              {
                line: 0,
                runId: runId(train.trainNumber, originDate),
                trainNumber: train.trainNumber,
                originDate,
                boardingDate: originDate,
                fromStop: 0,
                toStop: train.stops.length - 1,
                fromStationId: from.stationId,
                toStationId: to.stationId,
                fromName: names.get(from.stationId)!,
                toName: names.get(to.stationId)!,
                departAt: epochMs(dayStart + from.departS * 1_000),
                arriveAt: epochMs(dayStart + to.arriveS * 1_000),
                seatClass,
                together: "adjacent",
                preferencesUnmet: 0,
              },
            ],
            totalFen: fen(50_000),
            acceptedAt: now,
            payBy: epochMs(now + hourMs),
            idempotencyKey: `key-${user}`,
            requestHash: "a".repeat(43),
            tickets: [
              {
                ticketNo: `${orderNo}-1`,
                line: 0,
                passengerId: user as PassengerId,
                name: "旅客",
                documentType: "residentId",
                documentSealed: "s".repeat(100),
                documentHash: user.toString(16).padStart(64, "0"),
                documentMasked: "1100***********011",
                ticketType: "adult",
                seatIndex: seat.index,
                coachNo: seat.coachNo,
                seat: "05车12A",
                fareFen: fen(50_000),
              },
            ],
          };
        }
      }
    }
  }
}
