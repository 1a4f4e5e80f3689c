/**
 * The loop: tasks with a number each, every one drawn from the seed and that number alone, sent over many connections at once, every
 * answer judged. What a task draws from is also what earlier answers have taught, so a finding shows its whole request.
 */
import type { LoginAnswer } from "@chepiao/contracts";
import { createPrng, type Prng } from "@chepiao/kernel";
import type { Answer } from "./answer.ts";
import { readJson } from "./document.ts";
import { drawOperation, drawRequest, type World } from "./draw.ts";
import { travel } from "./journeys.ts";
import { judge, judgeRaw, type Verdict } from "./judge.ts";
import type { Ledger } from "./ledger.ts";
import type { Lines } from "./lines.ts";
import { copyOf, mutate } from "./mutations.ts";
import { drawRaw } from "./raw.ts";
import { type Account, bytesOf, type FuzzRequest, isSound, shown } from "./request.ts";
import { strangeText } from "./values.ts";

export type Finding = Verdict & { readonly task: number; readonly request: string };

export type Fuzzing = {
  readonly world: World;
  readonly lines: Lines;
  readonly ledger: Ledger;
  readonly url: string;
  readonly seed: number;
  readonly requests: number;
  readonly connections: number;
  readonly found: (finding: Finding) => void;
  /** Asked before each task: the platform that is to be fuzzed must be there. */
  readonly isUp: () => Promise<void>;
};

export type Counts = {
  sent: number;
  /** How often each status was heard, by operation. */
  readonly heard: Map<string, Map<number, number>>;
  /** What is under way, to be named should the platform break. */
  readonly underWay: Set<FuzzRequest>;
  readonly journeys: Set<Promise<void>>;
  /** Accounts that log in again just now. */
  readonly loggingIn: Set<Account>;
};

export const createCounts = (): Counts => ({
  sent: 0,
  heard: new Map(),
  underWay: new Set(),
  journeys: new Set(),
  loggingIn: new Set(),
});

const rawQuietMs = 250;

export async function fuzz(fuzzing: Fuzzing, counts: Counts): Promise<void> {
  let next = 0;
  const work = async () => {
    while (counts.sent < fuzzing.requests) {
      await fuzzing.isUp();
      const task = next++;
      await runTask(fuzzing, counts, task, prngOf(fuzzing.seed, task));
    }
  };
  await Promise.all(Array.from({ length: fuzzing.connections }, work));
  await Promise.all(counts.journeys);
}

/** A journey waits most of its time, so it goes beside the others. */
const journeysMax = 64;

async function setOut(counts: Counts, journey: Promise<void>): Promise<void> {
  counts.journeys.add(journey);
  void journey.finally(() => counts.journeys.delete(journey));
  if (counts.journeys.size >= journeysMax) await Promise.race(counts.journeys);
}

/** Neighbouring numbers are mixed apart, so that tasks have nothing in common. */
export const prngOf = (seed: number, task: number): Prng =>
  createPrng(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(task + 1, 0xc2b2ae35));

async function runTask(fuzzing: Fuzzing, counts: Counts, task: number, prng: Prng): Promise<void> {
  const { world } = fuzzing;
  const ask = (request: FuzzRequest) => send(fuzzing, counts, task, request);
  const kind = prng.next();
  if (kind < 0.01) return world.trips.trains.length > 0 ? setOut(counts, travel(world, ask, prng)) : undefined;
  if (kind < 0.03) return sendRaw(fuzzing, counts, task, drawn(world, prng, 0.1), prng);
  if (kind < 0.05) return void (await ask(elsewhere(prng)));
  if (kind < 0.09) {
    // The same at once, several times: a platform that acts twice is found by the audit.
    const request = drawn(world, prng, 0.02);
    await Promise.all(Array.from({ length: 2 + prng.below(6) }, () => ask(copyOf(request))));
    return;
  }
  if (kind < 0.5) return void (await ask(drawn(world, prng, prng.chance(0.5) ? 0 : 0.3)));
  const { requests } = world.known;
  const request = requests.length > 0 && prng.chance(0.4) ? copyOf(prng.pick(requests)) : drawn(world, prng, 0.05);
  mutate(request, prng);
  await ask(request);
}

export const drawn = (world: World, prng: Prng, strangeness: number): FuzzRequest =>
  drawRequest(world, drawOperation(world, prng), prng, strangeness);

async function send(fuzzing: Fuzzing, counts: Counts, task: number, request: FuzzRequest): Promise<Answer | null> {
  const { lines, ledger, world, url, found } = fuzzing;
  counts.sent++;
  request.strict &&= isSound(request);
  ledger.sent(request);
  counts.underWay.add(request);
  const heard = await lines.ask(bytesOf(request, new URL(url).host), request.method === "HEAD");
  counts.underWay.delete(request);
  let verdict = judge(request, heard, world.document);
  const answer = heard.kind === "answer" ? heard.answer : null;
  if (answer) {
    count(counts, request, answer.status);
    const contradiction = ledger.heard(request, answer);
    if (contradiction) verdict ??= { kind: "violation", what: contradiction };
    if ((!isGet(request) || counts.sent % learnEvery === 0) && teaches(request, answer))
      world.known.learn(readJson(answer.body), request.account?.userId);
  }
  if (answer?.status === 200 && request.operation?.id === "user.login") addSpare(world, answer);
  if (answer?.status === 401) await logInAgain(fuzzing, counts, request);
  if (verdict) found({ ...verdict, task, request: shown(request, url) });
  return answer;
}

/** Some request has ended its session, whatever it meant: without sessions hardly anything would be reached. */
async function logInAgain({ lines, url }: Fuzzing, counts: Counts, { account, headers }: FuzzRequest): Promise<void> {
  if (!account?.credentials || counts.loggingIn.has(account)) return;
  if (!headers.some(([, value]) => value.includes(account.token))) return;
  counts.loggingIn.add(account);
  const request: FuzzRequest = {
    method: "POST",
    target: "/api/user/login",
    headers: [["content-type", "application/json"]],
    body: Buffer.from(JSON.stringify(account.credentials)),
    chunkBytes: null,
    account: null,
    operation: null,
    strict: false,
    how: ["log in again"],
  };
  const heard = await lines.ask(bytesOf(request, new URL(url).host), false);
  if (heard.kind === "answer" && heard.answer.status === 200)
    account.token = (readJson(heard.answer.body) as LoginAnswer).token;
  counts.loggingIn.delete(account);
}

const sparesMax = 64;

/** A user who has just logged in can log out. */
function addSpare({ spares }: World, { body }: Answer): void {
  const { token, user } = readJson(body) as LoginAnswer;
  spares.push({ userId: user.userId, token, passengerIds: [] });
  if (spares.length > sparesMax) spares.shift();
}

/** What is only read says the same again and again. */
const learnEvery = 5;
const isGet = ({ method }: FuzzRequest): boolean => method === "GET";
const learnBytesMax = 3_000;
const teaches = ({ operation, account, strict }: FuzzRequest, { status, body }: Answer): boolean =>
  operation !== null && strict && account !== null && status < 300 && body.length > 1 && body.length < learnBytesMax;

function count({ heard }: Counts, { operation }: FuzzRequest, status: number) {
  const name = operation?.id ?? "(no route)";
  const statuses = heard.get(name) ?? new Map<number, number>();
  heard.set(name, statuses);
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

async function sendRaw(
  fuzzing: Fuzzing,
  counts: Counts,
  task: number,
  request: FuzzRequest,
  prng: Prng,
): Promise<void> {
  const { lines, ledger, url, found } = fuzzing;
  const pieces = drawRaw(request, prng, new URL(url).host);
  const bytes = Buffer.concat(pieces);
  counts.sent++;
  ledger.sentRaw(bytes);
  counts.underWay.add(request);
  const verdict = judgeRaw(await lines.askAlone(pieces, rawQuietMs));
  counts.underWay.delete(request);
  if (!verdict) return;
  const how = `  ${request.how.join(", ")}\n  base64 -d | nc: ${bytes.toString("base64").slice(0, 4_000)}`;
  found({ ...verdict, task, request: how });
}

const addresses = [
  "/",
  "/healthz",
  "/readyz",
  "/metrics",
  "/api",
  "/api/",
  "/api/nothing",
  "/api/openapi.json",
  "/api/docs",
  "/favicon.ico",
  "/sandbox/pay",
  "/sandbox/pay/",
  "/sandbox/pay/x",
  "/sandbox/pay/api/bill",
  "/sandbox/pay/api/query",
  "/sandbox/pay/api/refund",
  "/orders",
  "/assets/x.js",
  "/..%2f..%2fetc/passwd",
  "/%00",
  "/internal/orders",
  "/sw.js",
  "/robots.txt",
  "/.git/config",
];

/** Beside the declared routes: the site, the bank, health, and nothing at all. */
function elsewhere(prng: Prng): FuzzRequest {
  const body = prng.chance(0.3) ? Buffer.from(strangeText(prng)) : null;
  const query = prng.chance(0.3) ? `?${encodeURIComponent(strangeText(prng).toWellFormed())}` : "";
  return {
    method: body ? prng.pick(["POST", "PUT", "DELETE"]) : prng.pick(["GET", "GET", "HEAD", "OPTIONS"]),
    target: prng.pick(addresses) + query,
    headers: prng.chance(0.3) ? [["accept-language", "en"]] : [],
    body,
    chunkBytes: null,
    account: null,
    operation: null,
    strict: false,
    how: ["beside the routes"],
  };
}
