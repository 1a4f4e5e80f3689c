/**
 * Who listens where. A port once chosen is kept in `ports.json`, so that addresses stay the same from one `up` to the
 * next; only one that another program has taken meanwhile is moved.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { folder, host, portFirst, portLast } from "./settings.ts";

export type Ports = Readonly<Record<string, number>>;

/** The wanted port of each listener: an easy one to remember, its product's own number in the range of ours. */
export type Wanted = Readonly<Record<string, number>>;

const file = join(folder, "ports.json");

export function readPorts(): Ports {
  try {
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof found === "object" && found !== null ? Object.fromEntries(Object.entries(found)) : {};
  } catch {
    return {};
  }
}

/** `held` are the listeners whose process runs: their port is taken by themselves. */
export async function choosePorts(wanted: Wanted, held: ReadonlySet<string>): Promise<Ports> {
  const before = readPorts();
  const ports: Record<string, number> = { ...before };
  const given = new Set([...held].map((name) => before[name]).filter((port) => port !== undefined));
  for (const [name, preferred] of Object.entries(wanted)) {
    if (held.has(name) && before[name] !== undefined) continue;
    const port = await firstFree([before[name], preferred], given);
    ports[name] = port;
    given.add(port);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(ports, null, 2)}\n`);
  return ports;
}

async function firstFree(preferred: readonly (number | undefined)[], given: ReadonlySet<number>): Promise<number> {
  const rest = Array.from({ length: portLast - portFirst + 1 }, (_, index) => portLast - index);
  for (const port of [...preferred, ...rest])
    if (port !== undefined && !given.has(port) && (await isFree(port))) return port;
  throw new Error(`no port between ${portFirst} and ${portLast} is free on ${host}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
