/**
 * The stores of a running platform: what reads does so here, on a connection of its own that never waits for a writer; what
 * writes is handed to the writer's thread. A write that was answered is seen by every read after it, on whichever thread.
 */
import type { Stores } from "@chepiao/adapters/sql";
import { jsonOnce } from "@chepiao/kernel";
import { openSqlite, type SqliteDatabase } from "./database.ts";
import { createStores } from "./stores.ts";
import type { WriterOrder, WriterReply } from "./writerThread.ts";

type Kinds = { readonly [S in keyof Omit<Stores, "leases" | "timetable">]: Kind<keyof Stores[S]> };
type Kind<Method extends PropertyKey> = Readonly<Record<Method, "read" | "write">>;

/**
 * Every method of a store says what it does: one that is forgotten here does not compile. Timetables are imported before passengers buy, with
 * a report of the progress, and leases are a row now and then: what these write is written by whoever asks.
 */
const kinds: Kinds = {
  auditTrail: { find: "read", append: "write", end: "write", forget: "write" },
  codes: { put: "write", try: "write", use: "write", end: "write", purge: "write" },
  deliveries: {
    find: "read",
    waiting: "read",
    backlog: "read",
    queueAgain: "write",
    add: "write",
    claim: "write",
    settle: "write",
    erase: "write",
    forget: "write",
  },
  gates: {
    gates: "read",
    pending: "read",
    conflicts: "read",
    ofTicket: "read",
    addGate: "write",
    retireGate: "write",
    note: "write",
    settle: "write",
    forget: "write",
  },
  gatewayRules: {
    newest: "read",
    find: "read",
    latest: "read",
    usageSince: "read",
    add: "write",
    addUsage: "write",
  },
  notifications: {
    ofUser: "read",
    unread: "read",
    preferences: "read",
    setPreferences: "write",
    add: "write",
    markRead: "write",
    markReadUpTo: "write",
    erase: "write",
    forget: "write",
  },
  orders: {
    load: "read",
    states: "read",
    studentTrips: "read",
    mistakesOf: "read",
    holdersOn: "read",
    ofTraveller: "read",
    runRefunds: "read",
    ofUser: "read",
    overdue: "read",
    travelled: "read",
    live: "read",
    unpaidSince: "read",
    createdSince: "read",
    some: "read",
    soldRuns: "read",
    runsInLedger: "read",
    holdersOf: "read",
    namingTravellers: "read",
    highestId: "read",
    accept: "write",
    change: "write",
    changeBoth: "write",
    enqueue: "write",
    noteRunRefundFailed: "write",
    forgetRuns: "write",
    eraseTravellers: "write",
  },
  operationsCounts: {
    ordersSince: "read",
    moneySince: "read",
    waitingEntries: "read",
    failedRefunds: "read",
    failedMails: "read",
  },
  outbox: { pending: "read", failing: "read", backlog: "read", sent: "write", failed: "write", hurry: "write" },
  payments: {
    find: "read",
    byOrder: "read",
    dueRefunds: "read",
    awaiting: "read",
    totals: "read",
    refundBacklog: "read",
    moved: "read",
    overdue: "read",
    booked: "read",
    open: "write",
    started: "write",
    change: "write",
    settle: "write",
    postpone: "write",
    polled: "write",
  },
  policies: { all: "read", add: "write" },
  queues: {
    all: "read",
    taken: "read",
    listed: "read",
    page: "read",
    announce: "write",
    end: "write",
    mark: "write",
    putTaken: "write",
    putListed: "write",
    publishRoot: "write",
    noteChance: "write",
    putPage: "write",
    reveal: "write",
    forget: "write",
  },
  quotas: { version: "read", since: "read", ofRun: "read", set: "write", forgetBefore: "write" },
  reconciliation: {
    ofScope: "read",
    open: "read",
    find: "read",
    openScopes: "read",
    reports: "read",
    change: "write",
    report: "write",
  },
  risk: {
    blocks: "read",
    decisionsOf: "read",
    decisionsSince: "read",
    appealsOf: "read",
    appeals: "read",
    appeal: "write",
    decideAppeals: "write",
    block: "write",
    unblock: "write",
    note: "write",
    forget: "write",
  },
  runStates: {
    version: "read",
    read: "read",
    cancellationsOf: "read",
    replace: "write",
    forgetEnded: "write",
    forgetBefore: "write",
  },
  securityEvents: { append: "write", purge: "write" },
  sentMessages: { of: "read", add: "write", purge: "write" },
  sessions: {
    find: "read",
    listOf: "read",
    create: "write",
    slide: "write",
    end: "write",
    endAll: "write",
    purge: "write",
  },
  waitlist: {
    load: "read",
    loadAll: "read",
    highestId: "read",
    ofKey: "read",
    ofUser: "read",
    hasPending: "read",
    hasPrepaid: "read",
    due: "read",
    ofRun: "read",
    idsOfRun: "read",
    acceptingAdded: "read",
    waitedFor: "read",
    releases: "read",
    stopped: "read",
    named: "read",
    uncounted: "read",
    outcomes: "read",
    outcomesOn: "read",
    add: "write",
    change: "write",
    enqueue: "write",
    addReleases: "write",
    addOutcomes: "write",
    setStopped: "write",
    forgetRuns: "write",
    forgetEnded: "write",
    forgetOutcomes: "write",
  },
  users: {
    byId: "read",
    byLogin: "read",
    unproved: "read",
    clearEmails: "read",
    passengers: "read",
    register: "write",
    takeDocumentPlace: "write",
    change: "write",
    proveContact: "write",
    changeContact: "write",
    releaseContact: "write",
    sealEmail: "write",
    erase: "write",
    addPassenger: "write",
    editPassenger: "write",
    removePassenger: "write",
  },
  withdrawnCoaches: {
    version: "read",
    all: "read",
    ofRuns: "read",
    reseats: "read",
    set: "write",
    noteReseats: "write",
    forgetBefore: "write",
  },
};

export type OpenStores = AsyncDisposable & {
  readonly stores: Stores;
  /** A line to the same writer, to be handed to another thread and opened there with `openStoresOn`. */
  lineToWriter(): MessagePort;
};

/** @param broken called when the writer's thread dies: nothing can be promised any more, so the process should end */
export async function openStores(path: string, broken: (error: Error) => void): Promise<OpenStores> {
  // First, because it makes the tables where there are none.
  const database = await openSqlite(path);
  const writer = startWriter(path, broken);
  return {
    stores: storesOf(database, writer.calls),
    lineToWriter: writer.line,
    async [Symbol.asyncDispose]() {
      await writer.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The stores on another thread of the same platform. To be closed before the thread that gave the line closes its own. */
export async function openStoresOn(path: string, line: MessagePort): Promise<Omit<OpenStores, "lineToWriter">> {
  const calls = createCalls((text) => line.postMessage(text));
  line.addEventListener("message", ({ data }: MessageEvent<string>) => calls.hear(data));
  line.start();
  const database = await openSqlite(path);
  return {
    stores: storesOf(database, calls),
    async [Symbol.asyncDispose]() {
      await calls.answered();
      line.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** What writes goes to the writer, everything else is done on this connection. */
function storesOf(database: SqliteDatabase, calls: Pick<Calls, "call">): Stores {
  const stores = Object.entries(createStores(database)).map(([name, store]) => {
    const kindOf: Kind<string> = kinds[name as keyof Kinds] ?? {};
    const writing = Object.keys(kindOf).filter((method) => kindOf[method] === "write");
    const remote = writing.map((method) => [
      method,
      (...args: readonly unknown[]) => calls.call(name as keyof Stores, method, argsText(args)),
    ]);
    return [name, { ...store, ...Object.fromEntries(remote) }];
  });
  return Object.fromEntries(stores);
}

/** Lists of facts (accepted orders) have been written as JSON before, for the log. */
const argsText = (args: readonly unknown[]): string =>
  `[${args.map((arg) => (isListOfFacts(arg) ? `[${arg.map(jsonOnce).join(",")}]` : JSON.stringify(arg ?? null))).join(",")}]`;
const isListOfFacts = (arg: unknown): arg is readonly object[] =>
  Array.isArray(arg) && arg.length > 0 && typeof arg[0] === "object" && arg[0] !== null;

type Calls = ReturnType<typeof createCalls>;

/** Calls made in one breath travel together; they are begun in the order in which they were made. */
function createCalls(send: (text: string) => void) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let gathered: string[] = [];
  let dead: Error | null = null;

  function flush() {
    if (gathered.length === 0) return;
    const calls = gathered;
    gathered = [];
    send(`[${calls.join(",")}]`);
  }

  return {
    call(store: keyof Stores, method: string, args: string): Promise<unknown> {
      if (dead) return Promise.reject(dead);
      const id = ++lastId;
      if (gathered.length === 0) queueMicrotask(flush);
      gathered.push(`{"id":${id},"store":"${store}","method":"${method}","args":${args}}`);
      const caller = Promise.withResolvers<unknown>();
      waiting.set(id, caller);
      return caller.promise;
    },
    hear(text: string) {
      const reply = JSON.parse(text) as WriterReply;
      const caller = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ("error" in reply) caller?.reject(new Error(reply.error));
      else caller?.resolve(reply.value);
    },
    fail(error: Error) {
      dead = error;
      for (const caller of waiting.values()) caller.reject(error);
      waiting.clear();
    },
    /** Once everything that was asked for by now is written, or has failed. */
    async answered() {
      flush();
      await Promise.allSettled([...waiting.values()].map(({ promise }) => promise));
    },
  };
}

function startWriter(path: string, broken: (error: Error) => void) {
  const thread = new Worker(new URL("./writerThread.ts", import.meta.url).href);
  const order = (said: WriterOrder, handedOver: Transferable[] = []) => thread.postMessage(said, handedOver);
  const calls = createCalls((text) => thread.postMessage(text));
  const closed = Promise.withResolvers<void>();

  thread.addEventListener("message", ({ data }: MessageEvent<string | null>) => {
    if (data === null) closed.resolve();
    else calls.hear(data);
  });
  thread.addEventListener("error", (event) => {
    const error = new Error(`the thread that writes to the database has died: ${event.message}`);
    calls.fail(error);
    closed.resolve();
    broken(error);
  });
  order({ path });

  return {
    calls,
    line(): MessagePort {
      const { port1, port2 } = new MessageChannel();
      order({ line: port1 }, [port1]);
      return port2;
    },
    /** What was asked for is still written. */
    async close() {
      await calls.answered();
      order(null);
      await closed.promise;
      thread.terminate();
    },
  };
}
