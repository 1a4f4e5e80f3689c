/**
 * What has been seen in answers, by its name: order numbers, seats, passengers, trains. Without it every request about an order would
 * end at "no such order". Bounded: the newest take the place of the oldest.
 */
import type { Prng } from "@chepiao/kernel";
import type { FuzzRequest } from "./request.ts";

type Word = string | number;

export type Known = {
  /** `owner`: of which account it is, where that matters. */
  add(name: string, word: Word, owner?: number): void;
  /** All that an answer names. */
  learn(body: unknown, owner?: number): void;
  /** One of that name, rather of that account; undefined where there is none. */
  pick(prng: Prng, name: string, owner?: number): Word | undefined;
  /** Requests of journeys, as they were sent. */
  readonly requests: FuzzRequest[];
  keepRequest(request: FuzzRequest): void;
};

const wordsMax = 200;
const requestsMax = 300;
/** An answer may be a page of hundreds of trains: its beginning is enough. */
const looksMax = 120;

/** Where a name goes by others, too. */
const alsoCalled: Readonly<Record<string, readonly string[]>> = {
  stationId: ["from", "to", "ids", "q"],
  name: ["q", "from", "to"],
  originDate: ["date"],
  boardingDate: ["date"],
  date: ["originDate"],
  ticketNo: ["ticketNos"],
  orderNo: ["before"],
};
const remembered = new Set([
  ...Object.keys(alsoCalled),
  "passengerId",
  "sessionId",
  "paymentNo",
  "payUrl",
  "trainNumber",
  "channel",
]);

export function createKnown(): Known {
  const words = new Map<string, Word[]>();
  const counts = new Map<string, number>();
  const requests: FuzzRequest[] = [];
  let requestCount = 0;

  function put(key: string, word: Word) {
    const list = words.get(key) ?? [];
    words.set(key, list);
    const count = counts.get(key) ?? 0;
    list[count % wordsMax] = word;
    counts.set(key, count + 1);
  }
  function add(name: string, word: Word, owner?: number) {
    for (const each of [name, ...(alsoCalled[name] ?? [])]) {
      put(each, word);
      if (owner !== undefined) put(`${each} of ${owner}`, word);
    }
  }
  return {
    add,
    requests,
    learn(body, owner) {
      let probes = 0;
      const walk = (node: unknown, name: string): void => {
        if (probes++ > looksMax) return;
        if (typeof node === "string" || typeof node === "number") {
          if (remembered.has(name)) add(name, node, owner);
        } else if (Array.isArray(node)) for (const each of node) walk(each, name);
        else if (node !== null && typeof node === "object")
          for (const [key, value] of Object.entries(node)) walk(value, key);
      };
      walk(body, "");
    },
    pick(prng, name, owner) {
      const own = words.get(`${name} of ${owner}`);
      if (own && prng.chance(0.75)) return prng.pick(own);
      const any = words.get(name);
      return any && prng.pick(any);
    },
    keepRequest(request) {
      requests[requestCount++ % requestsMax] = request;
    },
  };
}
