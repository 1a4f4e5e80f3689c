export { createSqlOrderStore, detailRow, orderRow } from "./orders.ts";
export { seatMask } from "./seatMask.ts";
export { createSqlOutbox, insertMessages } from "./outbox.ts";
export { migrate } from "./migrate.ts";
export { createSqlPaymentStore } from "./payments.ts";
export { createSqlSessionStore } from "./sessions.ts";
export type { Tables } from "./tables.ts";
export { createSqlUserStore } from "./users.ts";
export { createSqlTimetableStore } from "./timetable.ts";
