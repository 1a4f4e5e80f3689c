/**
 * The route of purchases: from a request to the command it means. Apart from the room, because requests may be read on other
 * threads than the one that decides.
 */
import { hash } from "node:crypto";
import {
  type Call,
  challengeHeader,
  deviceHeader,
  type Handler,
  type OrderLines,
  type OrderRequest,
  type orderRoutes,
  passHeader,
  type PaymentCaptured,
  type PurchaseRequest,
  type Refusal,
  type Reply,
  type RiskAsker,
  type RiskClient,
} from "@chepiao/contracts";
import type { OrderId, Result, UserId } from "@chepiao/kernel";
import type { Replacing } from "../change/replacing.ts";

export type SubmitCommand = {
  readonly userId: UserId;
  /** `Idempotency-Key`: what is sent again under it is the same purchase. */
  readonly key: string;
  readonly requestHash: string;
  /** What is wanted, line by line: all of it or nothing. */
  readonly lines: OrderLines<LineRequest>;
  readonly asker: Asker;
  /** Seats of the waitlist are held for it already, and it is paid. */
  readonly granted?: Granted;
  /** The railway asks for it, and not the account: to seat again who had a seat. */
  readonly byRailway?: true;
  /** It is to stand in place of tickets that there are. */
  readonly replacing?: Replacing;
};

/** Seats are owed: nobody is let in for them by a queue, judged for them, or hoards with them. */
export const isOwed = ({ granted, byRailway }: Pick<SubmitCommand, "granted" | "byRailway">): boolean =>
  granted !== undefined || byRailway === true;

export type LineRequest = OrderRequest & {
  /** Where a train calls twice: from which of the two. */
  readonly fromStop?: number;
  /** By which its seats are held where that is not its place among the lines. */
  readonly holdLine?: number;
};

export type Granted = {
  /** The order's, known since its entry was made. */
  readonly orderId: OrderId;
  readonly prepaid: PaymentCaptured;
};

/** Who asks from where, beside the account: for those steps that tell people from programs, or let only so many in. */
export type Asker = RiskAsker & {
  /** What the buyer's program calls its device; nothing vouches for it. */
  readonly device: string | null;
  /** By which the waiting room let the buyer in; the step that reads it checks it. */
  readonly pass: string | null;
};

/** Decides a purchase, or has it decided elsewhere, and says what to answer. */
export type Purchase = (command: SubmitCommand) => Promise<Result<Reply, Refusal>>;

type SubmitCall = Call<typeof orderRoutes.submit>;

/** @param risk null where the command is read whole at once, for another thread */
export const createPurchaseHandler =
  (purchase: Purchase, risk: Judging | null): Handler<typeof orderRoutes.submit> =>
  (call) => {
    const lines = linesIn(call.body);
    return purchase({
      userId: call.session.userId as UserId,
      key: call.idempotencyKey,
      requestHash: hashLines(lines),
      lines,
      asker: askerOf(call, risk),
    });
  };

/** A line by itself and a list of that line ask for the same. The contract lets no list be empty. */
const linesIn = (body: PurchaseRequest): OrderLines<OrderRequest> =>
  "lines" in body ? (body.lines as unknown as OrderLines<OrderRequest>) : [body];

/** Who asks by that request; to be called before anything is waited for: of who has hung up nobody can say the address any more. */
export function askerOf(call: Asking, risk: Judging | null): Asker {
  return new AskerOf(call, risk === null || risk.isIdle() ? null : call.clientAddress);
}
type Judging = Pick<RiskClient, "isIdle">;
type Asking = Pick<SubmitCall, "clientAddress" | "request" | "session">;

/** Longer than any that we give out or ask for: such a header is taken for none. */
const headerLengthMax = 512;

/** Asks the request when it is itself asked: to find the address costs more than most steps do, and most purchases need none. */
class AskerOf implements Asker {
  readonly #call: Asking;
  readonly #address: string | null;

  constructor(call: Asking, address: string | null) {
    this.#call = call;
    this.#address = address;
  }

  get address(): string {
    return this.#address ?? this.#call.clientAddress;
  }
  get device(): string | null {
    return this.#header(deviceHeader);
  }
  get pass(): string | null {
    return this.#header(passHeader);
  }
  get proof(): string | null {
    return this.#header(challengeHeader);
  }
  get session(): RiskAsker["session"] {
    const { sessionId, openedAt } = this.#call.session;
    return openedAt === undefined ? { sessionId } : { sessionId, openedAt };
  }

  #header(name: string): string | null {
    const value = this.#call.request.headers.get(name);
    return value !== null && value !== "" && value.length <= headerLengthMax ? value : null;
  }

  /** The same as plain facts, for another thread. */
  toJSON(): Asker {
    const { address, device, pass, proof, session } = this;
    return { address, device, pass, proof, session };
  }
}

/** Equal requests have equal hashes, whatever order their fields came in. */
function hashLines([first, ...others]: OrderLines<OrderRequest>): string {
  const parts = others.length === 0 ? partsOf(first) : [first, ...others].map(partsOf);
  return hash("sha256", JSON.stringify(parts), "base64url");
}

function partsOf({ trainNumber, originDate, from, to, seatClass, passengers, freeChildren }: OrderRequest) {
  return [
    trainNumber,
    originDate,
    from,
    to,
    seatClass,
    ...passengers.map(({ passengerId, ticketType, preference }) => [passengerId, ticketType ?? "", preference ?? ""]),
    ...(freeChildren ? [{ freeChildren }] : []),
  ];
}
