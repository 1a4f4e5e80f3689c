/** Accounts and passengers made for tests, through the public API as a passenger would, and what a booking needs to know. */
import type { Accepted, LoginAnswer, TicketsAnswer, TrainOffer } from "@chepiao/contracts";
import { railway } from "./railways.ts";

export const demo = { username: "demo", password: "chepiao-demo" } as const;

export type Person = {
  readonly username: string;
  readonly password: string;
  /** Where codes are sent to. */
  readonly contact: string;
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  readonly passengerIds: readonly number[];
};

let made = 0;

/** An account with its own person and `friends` more saved passengers. */
export async function register(url: string, friends = 0): Promise<Person> {
  const n = ++made * 10;
  const username = `person${n}`;
  const contact = railway.contact(n);
  const password = "a-long-password";
  let token = "";
  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        "content-type": "application/json",
        "idempotency-key": crypto.randomUUID(),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
  await ask("POST", "/api/user/register", {
    username,
    password,
    realName: `Person ${n}`,
    ...railway.document(n),
    [railway.knownBy]: contact,
  });
  token = (await ask<LoginAnswer>("POST", "/api/user/login", { username, password })).token;
  for (let friend = 1; friend <= friends; friend++) {
    const draft = { name: `Friend ${n + friend}`, ...railway.document(n + friend) };
    await ask("POST", "/api/user/passengers", draft);
  }
  const { passengers } = await ask<{ passengers: { passengerId: number }[] }>("GET", "/api/user/passengers");
  return { username, password, contact, ask, passengerIds: passengers.map(({ passengerId }) => passengerId) };
}

export async function trainsTomorrow(
  url: string,
  from: string,
  to: string,
): Promise<{ readonly date: string; readonly trains: readonly TrainOffer[] }> {
  const { days } = await getJson<{ days: { date: string }[] }>(`${url}/api/search/calendar`);
  const date = days[1]!.date;
  const query = new URLSearchParams({ from, to, date });
  const { trains } = await getJson<TicketsAnswer>(`${url}/api/search/tickets?${query.toString()}`);
  return { date, trains };
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Buys seats of a class until only so many are left, as many accounts as that takes. */
export async function leaveOnly(
  url: string,
  train: TrainOffer,
  seatClass: TrainOffer["classes"][number]["seatClass"],
  left: number,
): Promise<void> {
  let surplus = train.classes.find((offer) => offer.seatClass === seatClass)!.free - left;
  while (surplus > 0) {
    const person = await register(url, 4);
    const party = person.passengerIds.slice(0, Math.min(5, surplus));
    await person.ask<Accepted>("POST", "/api/order", {
      trainNumber: train.trainNumber,
      originDate: train.originDate,
      from: train.from.stationId,
      to: train.to.stationId,
      seatClass,
      passengers: party.map((passengerId) => ({ passengerId })),
    });
    surplus -= party.length;
  }
}
