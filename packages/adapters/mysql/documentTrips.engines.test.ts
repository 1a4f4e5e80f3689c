/** The guard of I6 where passengers' trips and their orders lie on different servers: what is left behind, and what was there before. */
import { expect, test } from "bun:test";
import { slotOfText } from "@chepiao/adapters/sql";
import { epochMs, hourMs } from "@chepiao/kernel";
import { type OrderChange, type OrderRecord, schoolYearOf } from "@chepiao/ports/order-store";
import {
  freedOf,
  sampleDate,
  sampleNow as now,
  sampleOrder,
  type SampleOptions,
} from "@chepiao/ports/order-store/samples.suite.ts";
import type { MysqlDatabase } from "./database.ts";
import { createDocumentTrips } from "./documentTrips.ts";
import { type FreshMysql, freshMysql } from "./fresh.suite.ts";
import { migrateMysql } from "./migrate.ts";
import { createMysqlOrderStore } from "./orders.ts";
import { createOrderReader } from "./orderReader.ts";
import { tripLimitsDefault } from "@chepiao/ports/reservations";
import { createSeatLedger } from "./seatLedger.ts";

/** Small numbers, so that few orders reach them. */
const limits = { ...tripLimitsDefault, ticketsPerUserRun: 5, gapMs: 0 };
const places = [
  ["one MariaDB", await freshMysql("one MariaDB")],
  ["ShardingSphere-Proxy", await freshMysql("ShardingSphere-Proxy")],
] as const;

const storeOn = ({ sql }: MysqlDatabase, report: (message: string) => void = () => {}) =>
  createMysqlOrderStore({ sql, ledger: createSeatLedger(sql), trips: createDocumentTrips(sql), report });

/** By a process that dies before such a statement. */
const dyingAt = (mysql: FreshMysql, statement: RegExp, report?: (message: string) => void) =>
  storeOn(
    mysql.open({
      beforeStatement({ sql: text }) {
        if (statement.test(text)) throw new Error("killed");
      },
    }),
    report,
  );

/** To come, whenever this runs: a migration leaves out what is long over. */
const departure = Date.now();
let lastTrain = 0;
/** Two hours on a train of its own. */
const trip = (hour: number, document: string, options: SampleOptions = {}) =>
  sampleOrder({
    train: `G${++lastTrain}`,
    userId: lastTrain,
    documents: [document],
    departAt: epochMs(departure + hour * hourMs),
    hours: 2,
    ...options,
  });
const studentLimits = { ...limits, students: { perYear: 1, yearStart: "10-01" } };
const schoolYear = schoolYearOf(sampleDate, studentLimits.students);
const studentTrip = (hour: number) => {
  const order = trip(hour, "a");
  return { ...order, tickets: order.tickets.map((ticket) => ({ ...ticket, ticketType: "student" as const })) };
};
const ended = (order: OrderRecord): OrderChange => ({
  order: { ...order, state: "expired", tickets: order.tickets.map((ticket) => ({ ...ticket, state: "released" })) },
  freedSeats: freedOf(order),
  messages: [],
});

for (const [place, mysql] of places) {
  const { sql } = mysql.database;
  const trips = async () =>
    await sql.transaction().execute((trx) => trx.selectFrom("t_document_trip").selectAll().execute());

  test(`I6 ${place}: a trip that was given up is free at once, though the process died before it was forgotten`, async () => {
    await mysql.wipe();
    const orders = storeOn(mysql.database);
    const first = trip(0, "a");
    await orders.accept([first], now, limits);
    const reports: string[] = [];
    const dying = mysql.open({
      beforeStatement({ sql: text }) {
        if (/delete from `?t_document_trip/.test(text)) throw new Error("killed");
      },
    });
    expect(
      await storeOn(dying, (each) => reports.push(each)).change([ended((await orders.load(first.orderId))!)], now),
    ).toEqual([true]);
    expect(reports).toHaveLength(1);
    expect(await trips()).toHaveLength(1);
    const later = [trip(1, "a"), trip(2, "a")];
    expect(await orders.accept(later, now, limits)).toEqual(["pendingPayment", "rejected"]);
    expect((await trips()).map(({ order_id }) => order_id)).toEqual([later[0]!.orderId]);
  });

  test(`I6 ${place}: the trip of an order that is not a row yet counts`, async () => {
    await mysql.wipe();
    const first = trip(0, "a");
    expect(await createDocumentTrips(sql).claim([first], tripLimitsDefault)).toEqual([null]);
    const orders = storeOn(mysql.database);
    expect(await orders.accept([trip(1, "a")], now, limits)).toEqual(["rejected"]);
    expect(await orders.accept([first], now, limits)).toEqual(["pendingPayment"]);
  });

  test(`I6 ${place}: a student trip that was given up is there again, and that of an order which is no row yet counts, whenever a process died`, async () => {
    await mysql.wipe();
    const orders = storeOn(mysql.database);
    const left = async () => {
      const [counted] = await orders.studentTrips([{ documentHash: "a", yearFrom: schoolYear }]);
      return studentLimits.students.perYear - counted!.length;
    };
    const [first, second, third] = [studentTrip(0), studentTrip(3), studentTrip(6)];
    // Between the claim and the row of the order: the record comes again, in whatever batch.
    const beforeRow = dyingAt(mysql, /insert into `?t_order`? /);
    expect(await beforeRow.accept([first], now, studentLimits).catch(String)).toContain("killed");
    expect(await orders.load(first.orderId)).toBeNull();
    expect(await left()).toBe(0);
    expect(await orders.accept([second], now, studentLimits)).toEqual(["rejected"]);
    expect(await orders.accept([first], now, studentLimits)).toEqual(["pendingPayment"]);
    expect(await left()).toBe(0);
    // Between the row and what was claimed: the order is asked, and whatever comes once more takes nothing.
    const reports: string[] = [];
    const afterRow = dyingAt(mysql, /delete from `?t_student_trip/, (each) => reports.push(each));
    expect(await afterRow.change([ended((await orders.load(first.orderId))!)], now)).toEqual([true]);
    expect([reports.length, await left()]).toEqual([1, 1]);
    expect(await storeOn(mysql.database).accept([first], now, studentLimits)).toEqual(["known"]);
    expect(await left()).toBe(1);
    expect(await orders.accept([third], now, studentLimits)).toEqual(["pendingPayment"]);
    expect(await left()).toBe(0);
  });

  test(`${place}: nothing is asked or written of student trips for whoever pays another fare`, async () => {
    await mysql.wipe();
    const asked: string[] = [];
    const orders = storeOn(mysql.open({ beforeStatement: ({ sql: text }) => void asked.push(text) }));
    const adult = trip(0, "a");
    expect(await orders.accept([adult], now, studentLimits)).toEqual(["pendingPayment"]);
    await orders.change([ended((await orders.load(adult.orderId))!)], now);
    expect(asked.some((text) => text.includes("t_document_trip"))).toBe(true);
    expect(asked.filter((text) => text.includes("t_student_trip"))).toEqual([]);
  });

  test(`${place}: who counts against a document is found by it, and what has ended is not said to stand`, async () => {
    await mysql.wipe();
    const orders = storeOn(mysql.database);
    const reader = createOrderReader(mysql.database);
    const all = [trip(0, "a"), trip(3, "a"), trip(0, "b"), trip(0, "c")] as const;
    await orders.accept(all, now, limits);
    await orders.change([ended((await orders.load(all[1].orderId))!)], now);
    const found = await reader.ofTravellers({
      trips: ["a", "c"].map((documentHash) => ({ ticketNo: "", documentHash })),
    });
    expect(new Set(found.map(({ orderId }) => orderId))).toEqual(new Set([all[0].orderId, all[3].orderId]));
  });

  test(`I6 ${place}: orders of before the guard count in it, once, and those that have ended do not`, async () => {
    await mysql.wipe();
    const orders = storeOn(mysql.database);
    const five = trip(0, "a", { seats: [1, 2, 3, 4, 5], documents: ["a", "b", "c", "d", "e"] });
    const gone = trip(0, "f");
    await orders.accept([five, gone, ...Array.from({ length: 40 }, (_, n) => trip(n, "many"))], now, limits);
    await orders.change([ended((await orders.load(gone.orderId))!)], now);
    const before = (await trips()).toSorted((a, b) => (a.ticket_no < b.ticket_no ? -1 : 1));
    for (const table of ["t_document_trip", "t_account_run", "t_document_lock"] as const)
      await sql.schema.dropTable(table).execute();
    // Twice, as where one had died behind its work.
    for (const _ of [1, 2]) {
      await sql.deleteFrom("t_migration").where("name", "=", "0013-trips").execute();
      await migrateMysql(mysql.database);
    }
    expect((await trips()).toSorted((a, b) => (a.ticket_no < b.ticket_no ? -1 : 1))).toEqual(before);
    expect(before.every((row) => row.slot === slotOfText(row.document_key))).toBe(true);
    const sixth = trip(9, "g", { train: five.lines[0].trainNumber, userId: five.userId, seats: [9] });
    expect(await orders.accept([trip(1, "b"), trip(1, "f"), sixth], now, limits)).toEqual([
      "rejected",
      "pendingPayment",
      "rejected",
    ]);
    expect((await orders.load(sixth.orderId))!.endedBecause).toBe("UserRunLimit");
  });

  test(`I6 ${place}: a count that an older version has left too high refuses nobody`, async () => {
    await mysql.wipe();
    const orders = storeOn(mysql.database);
    const two = trip(0, "a", { seats: [1, 2], documents: ["a", "b"] });
    await orders.accept([two], now, limits);
    await sql.transaction().execute((trx) => trx.updateTable("t_account_run").set({ ticket_count: 5 }).execute());
    const own = { train: two.lines[0].trainNumber, userId: two.userId };
    const three = trip(0, "c", { ...own, seats: [3, 4, 5], documents: ["c", "d", "e"] });
    expect(await orders.accept([three, trip(0, "f", { ...own, seats: [6] })], now, limits)).toEqual([
      "pendingPayment",
      "rejected",
    ]);
  });
}
