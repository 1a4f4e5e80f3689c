/** Whether the binlogs can be read at all: a proxy has none of its own, and an account may lack the right. */
import type { TlsIdentity } from "@chepiao/adapters/engine-address";
import type { Clock } from "@chepiao/ports/clock";
import type { BinlogSettings } from "./binlogFeed.ts";
import { connectBinlog } from "./connection.ts";

/** Throws, saying why, while one of them cannot be read. */
export async function binlogsReadable({ primaries, identity }: BinlogSettings, clock: Clock): Promise<void> {
  await Promise.all(primaries.map((url) => readable(url, clock, identity)));
}

async function readable(url: string, clock: Clock, identity?: TlsIdentity): Promise<void> {
  const server = connectBinlog(url, [], clock, identity);
  try {
    await server.end();
  } catch (error) {
    const { host } = new URL(url);
    const why = error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error);
    throw new Error(`${host} shows no binlog (behind a proxy, MYSQL_BINLOGS names its primaries): ${why}`, {
      cause: error,
    });
  } finally {
    server.close();
  }
}
