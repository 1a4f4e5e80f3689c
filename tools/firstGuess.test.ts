/**
 * Where a new engineer looks first, and that it is there. A row that breaks means: the thing has moved away from where people look
 * for it, or this table has to say where they would look now.
 */
import { expect, test } from "bun:test";
import { readRepo } from "./repo.ts";

const repo = await readRepo();

/** What is asked, the file that one would open, and what one finds in it. */
const places: readonly (readonly [question: string, path: string, name: string])[] = [
  ["where is the refund fee computed?", "packages/services/order/refundFee.ts", "export function refundTerms("],
  ["where is the hold on Redis?", "packages/adapters/redis/seats/seatStore.ts", "export function createRedisSeats("],
  ["and its script?", "packages/adapters/redis/seats/functions.lua", "local function hold("],
  ["where is the hold of the seat engine?", "packages/engine/hold.ts", "export function hold("],
  ["where is 202 answered?", "packages/services/order/api.ts", "status: 202"],
  ["what is done before?", "packages/services/order/purchase/steps.ts", "export const createSteps"],
  ["where is an identity card checked?", "packages/services/user/documents.ts", "export function parseDocument("],
  ["where is a ticket code signed?", "packages/services/order/ticketCode.ts", "export function signTicketCode"],
  ["how is a ticket code written and read?", "packages/contracts/ticketCode.ts", "export function readTicketCode("],
  ["where do gates get their keys?", "packages/services/ticketKeys/index.ts", "export function createTicketKeys("],
  ["where is a circuit breaker?", "packages/runtime/bus/breaker.ts", "export const createBreaker"],
  ["where is a leader elected?", "packages/ports/lease/election.ts", "export function elect("],
  ["where is a health check answered?", "packages/runtime/http/health.ts", "export function healthRoutes("],
  ["where are dead letters replayed?", "apps/server/commands/deadLetters/index.ts", "async function replay("],
  ["where are lost seats repaired?", "packages/services/order/repair.ts", "export function createSeatRepairer("],
  ["where are orders reloaded at a start?", "packages/services/order/reload.ts", "export async function reloadOrders("],
  ["what may an order become?", "packages/services/order/state.ts", "export const orderTransitions"],
  ["which refusals are there?", "packages/contracts/refusals.ts", "export const refusals"],
  ["which topics are there?", "packages/contracts/events.ts", "export const topicsAbout"],
  ["which seat classes are there?", "packages/contracts/vocabulary.ts", "export const seatClasses"],
  ["which payment providers are there?", "apps/server/wiring/world.ts", "const providers"],
  ["which rooms are there?", "apps/server/rooms/index.ts", "export const rooms"],
  ["which roles are there?", "apps/server/roles.ts", "const table"],
  ["which settings are there?", "apps/server/config.ts", "setting("],
  ["which routes are public?", "packages/contracts/publicRoutes.ts", "export const publicRoutes"],
  ["what is a job?", "packages/room/job.ts", "export type Job"],
];

test.each(places)("%s %s", (_, path, name) => {
  const text = repo.get(path);
  expect(text === undefined ? `${path} is not there` : "").toBe("");
  expect(text!.includes(name) ? "" : `${path} does not say "${name}"`).toBe("");
});

const howTos = [
  "Add a room",
  "Add a route",
  "Add a topic",
  "Add a job",
  "Add a seat class",
  "Add a payment provider",
  "Name something",
];

test.each(howTos)("CONTRIBUTING.md says how: %s", (heading) => {
  const guide = repo.get("CONTRIBUTING.md")!;
  const [, rest] = guide.split(`\n## ${heading}\n`);
  expect(rest?.split("\n## ")[0]?.trim().length ?? 0).toBeGreaterThan(200);
});

test("the how-tos lead to files that are there", () => {
  const guide = repo.get("CONTRIBUTING.md")!;
  const named = [...guide.matchAll(/`((?:packages|apps|tools|docs|sim)\/[\w./-]+)`/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(15);
  const paths = [...repo.keys()];
  const gone = named.filter(
    (path) => !path.includes("NNNN") && !repo.has(path) && !paths.some((each) => each.startsWith(`${path}/`)),
  );
  expect(gone).toEqual([]);
});
