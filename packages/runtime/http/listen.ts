/** The socket: one way to listen for the house and its porch, and a sentence where somebody else has the port. */
import type { RouteTable } from "./bind.ts";
import type { ServerSeen } from "./exchange.ts";

export type Server = Bun.Server<undefined>;

/** Somebody else has the port: for people, not for a stack trace. */
export class PortTaken extends Error {
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
};

/** Longest request body that the socket takes. Beyond 64 KiB we answer 413 ourselves, without reading it. */
const socketBodyBytesMax = Number.MAX_SAFE_INTEGER;

export function listen(house: Listen): Server {
  try {
    return Bun.serve(optionsOf(house));
  } catch (error) {
    if ((error as { readonly code?: string }).code === "EADDRINUSE") throw new PortTaken(house.port);
    throw error;
  }
}

/** Another house behind the same door. Its port stays. */
export const moveIn = (server: Server, house: Listen): Server => server.reload(optionsOf(house));

/** Throws where somebody has the port already: those who share a port would share it with strangers, and not be told. */
export function assertPortFree(port: number, hostname = "0.0.0.0"): void {
  void listen({ port, hostname, routes: {}, fetch: () => new Response() }).stop(true);
}

const optionsOf = ({ port, hostname = "0.0.0.0", reusePort = false, unix, routes, fetch, error }: Listen) => ({
  ...(unix === undefined ? { port, hostname, reusePort } : { unix }),
  development: false as const,
  maxRequestBodySize: socketBodyBytesMax,
  routes,
  fetch,
  ...(error ? { error } : {}),
});
