/** Two hundred people race for one train of a hundred seats over random ways, through HTTP, until nobody can get anything. */
import { afterAll, expect, test } from "bun:test";
import type { Accepted, Problem } from "@chepiao/contracts";
import { createPrng } from "@chepiao/kernel";
import { audit, seatsAreTickets } from "./testing/audit.ts";
import { createWorld, freePort, startServer, type World } from "./testing/world.ts";

const seed = Number(process.env["SEED"] ?? 20261122);
const seatCount = 100;
const composition = {
  code: "RACE",
  coaches: [1, 2].map((no) => ({ no, sections: [{ seatClass: "second" as const, rows: 10 }] })),
};

const worlds: World[] = [];
afterAll(() => worlds.forEach((world) => world.remove()));

type Way = { readonly from: number; readonly to: number };

test.each([1, 2])(
  "I1 I6 two hundred clients sell a hundred-seat train out exactly, by %d threads",
  async (workers) => {
    const world = await createWorld({
      userCount: 200,
      passengersPerUser: 5,
      trainCount: 1,
      stationCount: 6,
      composition,
    });
    worlds.push(world);
    const { users, stations, trains, date, dataDir } = world;
    const server = await startServer(world, freePort(), { WORKERS: String(workers) });
    const told = { accepted: new Map<string, string>(), sent: new Set<string>() };
    const sold: (Way & { readonly seat: string })[] = [];
    const turnedAway: Way[] = [];
    const strange: string[] = [];

    /** Buys single tickets over random ways until the account's share is used up or nothing is left on any segment. */
    async function race(user: (typeof users)[number], n: number) {
      const prng = createPrng(seed + n);
      // Ways that may still have seats: what was refused once has none, because nobody gives anything back.
      let ways = stations
        .slice(1)
        .flatMap((_, to) => stations.slice(0, to + 1).map((__, from) => ({ from, to: to + 1 })));
      let bought = 0;
      for (let attempt = 0; ways.length > 0 && bought < 5; attempt++) {
        const way = prng.pick(ways);
        const key = `race-${attempt}`;
        told.sent.add(`${user.userId} ${key}`);
        const response = await fetch(`${server.url}/api/order`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${user.token}`,
            "content-type": "application/json",
            "idempotency-key": key,
          },
          body: JSON.stringify({
            trainNumber: trains[0],
            originDate: date,
            from: stations[way.from],
            to: stations[way.to],
            seatClass: "second",
            // Four people of his own; the fifth travels with several accounts.
            passengers: [{ passengerId: user.passengerIds[bought % 4] }],
          }),
        });
        const body = (await response.json()) as Accepted & Problem;
        if (response.status === 202) {
          bought++;
          told.accepted.set(`${user.userId} ${key}`, body.orderNo);
          sold.push({ ...way, seat: body.seats[0]! });
        } else if (body.code === "SoldOut") {
          turnedAway.push(way);
          ways = ways.filter(({ from, to }) => from > way.from || to < way.to);
        } else if (body.code === "TripOverlaps") {
          bought++;
        } else strange.push(`${response.status} ${body.code}`);
      }
    }
    await Promise.all(users.map(race));
    expect({ seed, strange }).toEqual({ seed, strange: [] });

    // Stock only shrank, so a way that still has a seat had one when it was refused.
    for (const way of turnedAway) {
      const taken = new Set(sold.filter((trip) => trip.from < way.to && way.from < trip.to).map((trip) => trip.seat));
      expect({ seed, way, free: seatCount - taken.size }).toEqual({ seed, way, free: 0 });
    }
    const seatSegments = sold.reduce((sum, { from, to }) => sum + to - from, 0);
    expect({ seed, seatSegments }).toEqual({ seed, seatSegments: seatCount * (stations.length - 1) });
    // The writer process is through with what was accepted when it has caught up: on a busy machine that takes a moment.
    const wrongSeats = () => seatsAreTickets(dataDir, server.url, { second: seatCount }, world);
    for (const until = Date.now() + 20_000; (await wrongSeats()).length > 0 && Date.now() < until;)
      await Bun.sleep(200);
    expect(await wrongSeats()).toEqual([]);
    expect(await server.stop()).toBe(0);
    const unpaid = /^I4: /;
    expect(audit(dataDir, told).filter((wrong) => !unpaid.test(wrong))).toEqual([]);
  },
  120_000,
);
