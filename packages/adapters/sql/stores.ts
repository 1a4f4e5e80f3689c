/** Every store that a database keeps for the platform. */
import type { OrderStore } from "@chepiao/ports/order-store";
import type { Outbox } from "@chepiao/ports/outbox";
import type { PaymentStore } from "@chepiao/ports/payment-store";
import type { SessionStore } from "@chepiao/ports/session-store";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import type { UserStore } from "@chepiao/ports/user-store";

export type Stores = {
  readonly orders: OrderStore;
  readonly outbox: Outbox;
  readonly payments: PaymentStore;
  readonly sessions: SessionStore;
  readonly timetable: TimetableStore;
  readonly users: UserStore;
};
