/** Seats are not for those who do not mean to pay: what a platform as it is delivered lets one account hold and let go (I6). */
import { afterAll, expect, test } from "bun:test";
import type { Accepted, Order, OrderRequest, Payment, Problem } from "@chepiao/contracts";
import { createLogger } from "@chepiao/runtime";
import { readConfig } from "./config.ts";
import { openDataFolder } from "./dataFolder.ts";
import { createWorld, type TestUser } from "./testing/world.ts";
import { startEmbedded } from "./wiring/embedded.ts";

const composition = {
  code: "HOARDED",
  coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }],
};
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const world = await createWorld({ userCount: 10, passengersPerUser: 4, trainCount: 3, stationCount: 4, composition });
cleanUp.defer(world.remove);

async function start() {
  const folder = openDataFolder(world.dataDir);
  const logTo = { level: "silent", write() {} } as const;
  const platform = await startEmbedded({
    config: readConfig({ PORT: "0", HOST: "127.0.0.1", SHED_AFTER_MS: "0" }),
    folder,
    logger: createLogger(logTo),
    logTo,
    firstTimetable: async () => {},
    broken(error) {
      throw error;
    },
  });
  return {
    url: platform.server.url,
    async stop() {
      await platform.stop();
      folder[Symbol.dispose]();
    },
  };
}
let platform = await start();
cleanUp.defer(() => platform.stop());

type Answer<T> = { readonly status: number; readonly body: T };

async function call<T>(
  user: TestUser,
  method: string,
  path: string,
  body?: unknown,
  language = "en",
): Promise<Answer<T>> {
  const response = await fetch(platform.url + path, {
    method,
    headers: {
      authorization: `Bearer ${user.token}`,
      "accept-language": language,
      "idempotency-key": crypto.randomUUID(),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

const request = (user: TestUser, over: Partial<OrderRequest> & { readonly passenger?: number } = {}): OrderRequest => {
  const { passenger = 0, ...rest } = over;
  return {
    trainNumber: world.trains[0]!,
    originDate: world.date,
    from: "S0",
    to: "S1",
    seatClass: "second",
    passengers: [{ passengerId: user.passengerIds[passenger]! }],
    ...rest,
  };
};
const buy = async (user: TestUser, over?: Parameters<typeof request>[1], language?: string) =>
  call<Accepted & Problem>(user, "POST", "/api/order", request(user, over), language);

async function reaches(user: TestUser, orderNo: string, state: Order["state"]): Promise<void> {
  for (let poll = 0; poll < 400; poll++) {
    if ((await call<Order>(user, "GET", `/api/order/${orderNo}`)).body.state === state) return;
    await Bun.sleep(10);
  }
  throw new Error(`order ${orderNo} is not ${state}`);
}

async function bought(user: TestUser, over?: Parameters<typeof request>[1]): Promise<string> {
  const { status, body } = await buy(user, over);
  expect([status, body.code]).toEqual([202, undefined as never]);
  await reaches(user, body.orderNo, "pendingPayment");
  return body.orderNo;
}

async function cancel(user: TestUser, orderNo: string) {
  expect((await call(user, "POST", `/api/order/${orderNo}/cancel`, {})).status).toBe(200);
}

const [anna, boris, clara] = world.users as readonly [TestUser, TestUser, TestUser];
/** Has saved the last passenger of Clara's, too. */
const dora = world.users[9]!;

test("whoever has an order to pay is told which, and buys the next one once it is paid", async () => {
  const open = await bought(anna);
  const { status, body } = await buy(anna, { trainNumber: world.trains[1]!, passenger: 1 });
  expect([status, body.code, body.facts, body.retry]).toEqual([409, "UnpaidOrderOpen", { orderNo: open }, "later"]);
  const { body: said } = await buy(anna, { passenger: 1 }, "zh");
  expect(said.title).toBe("您有一笔待支付的订单，请先支付或取消。");

  const { body: payment } = await call<Payment>(anna, "POST", "/api/payment", { orderNo: open });
  await fetch(payment.payUrl!, {
    method: "POST",
    body: new URLSearchParams({ action: "pay", behaviour: "normal" }),
    redirect: "manual",
  });
  await reaches(anna, open, "ticketed");
  await cancel(anna, await bought(anna, { passenger: 1 }));
});

test("of ten purchases that one account sends at once, one is an order", async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => buy(boris, { trainNumber: world.trains[n % 3]!, passenger: n % 3 })),
  );
  expect(answers.map(({ status, body }) => body.code ?? status).sort()).toEqual([
    202 as never,
    ...Array<string>(9).fill("UnpaidOrderOpen"),
  ]);
});

test("three orders let go in a day, and the day sells no more: to the account, to its passenger, and after a restart", async () => {
  for (let n = 0; n < 3; n++) await cancel(clara, await bought(clara, { passenger: 3 }));
  const tooOften = async () => {
    const { status, body } = await buy(clara, { passenger: 1 });
    expect([status, body.code]).toEqual([409, "CancelledTooOften"]);
    // The next day of the railway.
    expect(String(body.facts!["againAt"])).toMatch(/^\d{4}-\d\d-\d\dT00:00:00\+08:00$/);
    const waitMs = Date.parse(String(body.facts!["againAt"])) - Date.now();
    expect(waitMs).toBeWithin(-1_000, 24 * 3_600_000);
  };
  const passengerToo = async () => {
    const { body } = await buy(dora, { passenger: 3 });
    expect([body.code, body.facts!["ticket"]]).toEqual(["CancelledTooOften", 0]);
  };
  await tooOften();
  await passengerToo();
  await cancel(dora, await bought(dora, { passenger: 1 }));

  await platform.stop();
  platform = await start();
  await tooOften();
  await passengerToo();
  await cancel(dora, await bought(dora, { passenger: 1 }));
});
