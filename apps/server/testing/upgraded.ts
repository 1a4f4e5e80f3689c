/** What a platform of version 0.1.0 left behind when it was killed, and whether one of its people can go on at the newer one. */
import { expect } from "bun:test";
import type { LoginAnswer, Order } from "@chepiao/contracts";
import { addDays, dateIn, epochMs, parseZone, type ServiceDate } from "@chepiao/kernel";

export type Left = {
  readonly accepted: readonly (readonly [string, string])[];
  readonly sent: readonly string[];
  readonly trains: readonly string[];
  readonly stations: readonly string[];
  /** An account with an order of its own, and a password. */
  readonly keeper: { readonly userId: number; readonly orderNo: string; readonly passengerId: number };
};

export type ToldBefore = { readonly accepted: Map<string, string>; readonly sent: Set<string> };

export const toldBefore = ({ accepted, sent }: Left): ToldBefore => ({
  accepted: new Map(accepted),
  sent: new Set(sent),
});

/** The keeper logs in, finds the old order, and buys; answers for which day. */
export async function goOn(url: string, { keeper, trains, stations }: Left, told: ToldBefore): Promise<ServiceDate> {
  const key = "after the upgrade";
  const api = async <T>(method: string, path: string, token: string | null, body?: object) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body ? { "content-type": "application/json", "idempotency-key": key } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  const credentials = { username: "keeper", password: "a password of the keeper" };
  const { token } = (await api<LoginAnswer>("POST", "/api/user/login", null, credentials)).body;
  const kept = await api<Order>("GET", `/api/order/${keeper.orderNo}`, token);
  expect(kept.body).toMatchObject({ orderNo: keeper.orderNo, state: "expired" });
  const date = addDays(dateIn(parseZone("Asia/Shanghai")!, epochMs(Date.now())), 9);
  const bought = await api<{ orderNo: string }>("POST", "/api/order", token, {
    trainNumber: trains[0]!,
    originDate: date,
    from: stations[0]!,
    to: stations[2]!,
    seatClass: "second",
    passengers: [{ passengerId: keeper.passengerId }],
  });
  expect(bought.status).toBe(202);
  told.sent.add(`${keeper.userId} ${key}`);
  told.accepted.set(`${keeper.userId} ${key}`, bought.body.orderNo);
  return date;
}
