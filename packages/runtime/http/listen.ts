/** The socket: one way to listen for the house and its startup server, and a sentence where another program has the port. */
import { bodyBytesMax, secondMs } from "@chepiao/kernel";
import { createAddressCheck, createMisaddressed } from "./address.ts";
import type { Observe, RouteFunction, RouteTable } from "./bind.ts";
import type { ServerSeen } from "./exchange.ts";

export type Server = Bun.Server<undefined>;

/** What is said to people, and not as a stack trace. */
export class CannotListen extends Error {
  override readonly name: string = "CannotListen";
}

/** Another program has the port. */
export class PortTaken extends CannotListen {
  override readonly name = "PortTaken";
  readonly port: number;
  constructor(port: number) {
    super(`port ${port} is already in use: stop what is using it, or choose another port`);
    this.port = port;
  }
}

export type Listen = {
  readonly port: number;
  readonly hostname?: string | undefined;
  /** Several listen on one port, and the system gives each its share of the connections. */
  readonly reusePort?: boolean | undefined;
  /** On this socket in the file system instead, for others of this house. */
  readonly unix?: string;
  readonly routes: RouteTable;
  /** What no route takes. */
  readonly fetch: (request: Request, server: ServerSeen) => Response | Promise<Response>;
  readonly error?: (error: Error) => Response;
  readonly observe: Observe;
  /** The longest body that a room in this house reads; 64 KiB where it is left out. */
  readonly bodyBytesMax?: number | undefined;
};

/**
 * So much beyond the longest body the socket hangs up with a bare 413, whichever handler reads: none that forgets to count fills the memory.
 * Up to there we say it ourselves; Bun may hold a good MiB of a body before a handler has begun to read.
 */
const beyondBytes = 2 * 2 ** 20;

/** For how long nothing has to come or go before a connection is hung up; streams are left out of it. */
const idleTimeoutS = 20;
/** Bun's types know it of ports alone; a socket in the file system obeys it as well. */
const hangsUp: object = { idleTimeout: idleTimeoutS };
/** Bun looks every four seconds, and counts whole looks: nobody is hung up on who has been quiet for less. */
export const quietMs = (idleTimeoutS - 4) * secondMs;

export const listen = (house: Listen): Server =>
  takePort(house.port, house.hostname ?? "", () => Bun.serve(optionsOf(house)));

/** Another house behind the same door. Its port stays, and so does the longest body. */
export const moveIn = (server: Server, house: Listen): Server => server.reload(optionsOf(house));

/** Throws where a program has the port already: those who share a port would share it with strangers, and not be told. */
export function assertPortFree(port: number, hostname = "0.0.0.0"): void {
  void takePort(port, hostname, () => Bun.serve({ port, hostname, fetch: () => new Response() })).stop(true);
}

function takePort(port: number, hostname: string, open: () => Server): Server {
  try {
    return open();
  } catch (error) {
    const { code = "" } = error as { readonly code?: string };
    if (code === "EADDRINUSE") throw new PortTaken(port);
    if (hostname !== "" && notOurs.has(code))
      throw new CannotListen(`${hostname} is no address of this machine`, { cause: error });
    if (code === "EACCES") throw new CannotListen(`port ${port} is not for this user to open`, { cause: error });
    throw error;
  }
}
const notOurs: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "ENOTFOUND", "ENOENT"]);

function optionsOf(house: Listen) {
  const { port, hostname = "0.0.0.0", reusePort = false, unix, routes, fetch, error, observe } = house;
  const isAddressed = createAddressCheck();
  const misaddressed = createMisaddressed(observe.metrics);
  const addressed =
    <R extends Request, A>(answer: (request: R, server: ServerSeen) => A) =>
    (request: R, server: ServerSeen): A | Response =>
      isAddressed(request.url) ? answer(request, server) : misaddressed(request);
  return {
    ...(unix === undefined ? { port, hostname, reusePort } : { unix }),
    ...hangsUp,
    development: false as const,
    maxRequestBodySize: (house.bodyBytesMax ?? bodyBytesMax) + beyondBytes,
    routes: wrapped(routes, addressed),
    fetch: addressed(fetch),
    ...(error ? { error } : {}),
  };
}

/** Each of a table's answers, with something around it. */
export const wrapped = (table: RouteTable, around: (answer: RouteFunction) => RouteFunction): RouteTable =>
  Object.fromEntries(
    Object.entries(table).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, answer]) => [method, around(answer)])),
    ]),
  );
