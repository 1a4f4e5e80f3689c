/** What a fault must leave alone, looked at while it lasts: searches do not wait for a role that many wait for. */
import type { Day, Stage } from "./stage.ts";

type Site = { readonly platform: Pick<Stage["platform"], "gatewayUrl"> };
type Crowd = { readonly crowd: Pick<Day["crowd"], "stations" | "date"> };
type Payers = { readonly line: { readonly users: readonly Pick<Day["line"]["users"][number], "token">[] } };

/** What searches took, in milliseconds, and how those were answered that were not served. */
export type Searches = { readonly tookMs: readonly number[]; readonly failed: readonly string[] };

/** One after the other, as one person makes them. */
export async function search({ platform: { gatewayUrl } }: Site, { crowd }: Crowd, forMs: number): Promise<Searches> {
  const [tookMs, failed]: [number[], string[]] = [[], []];
  const { stations, date } = crowd;
  const query = new URLSearchParams({ from: stations[0]!, to: stations.at(-1)!, date });
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    const startedAt = performance.now();
    const status = await fetch(`${gatewayUrl}/api/search/tickets?${query.toString()}`).then(
      (answer) => answer.bytes().then(() => answer.status),
      (error: unknown) => String(error),
    );
    if (status === 200) tookMs.push(performance.now() - startedAt);
    else failed.push(String(status));
    await Bun.sleep(100);
  }
  return { tookMs, failed };
}

/** A search on a machine that is busy with other things, too. */
const searchMs = 1_000;
/** By so much a search may take longer than it did on the same machine before. */
const slower = 5;

/** All searches were answered, and none waited for who was silent so long: of each that, and of most that they took no longer than before. */
export function wrongSearches(before: Searches, during: Searches, silentMs: number): readonly string[] {
  const { tookMs, failed } = during;
  const wrong = failed.map((status) => `a search was answered ${status} while something else was struck`);
  if (tookMs.length === 0) return [...wrong, "no search was answered while something else was struck"];
  const slowest = Math.max(...tookMs);
  if (slowest > silentMs / 2) wrong.push(`a search took ${Math.round(slowest)} ms while something else was struck`);
  const [usual, now] = [medianOf(before.tookMs), medianOf(tookMs)];
  if (now > Math.max(searchMs, slower * usual))
    wrong.push(`searches took ${Math.round(now)} ms while something else was struck, and ${Math.round(usual)} before`);
  return wrong;
}

const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** More than `fetch` of a process has under way unless it is told otherwise: it would be the gateway's limit, or ours. */
const payersAtOnce = 300;
/** So few may be answered or sent away while the role says nothing, that nobody can say that they did not wait. */
const answeredMax = 5;

/** As many as pay at once at an opening: each waits for a role that says nothing, and holds a connection open. */
export async function payersWait(
  { platform: { gatewayUrl } }: Site,
  { line: { users } }: Payers,
  forMs: number,
): Promise<readonly string[]> {
  const until = performance.now() + forMs;
  let isLettingGo = false;
  const { hostname, port } = new URL(gatewayUrl);
  const answered = new Map<number, string>();
  const payers = await Promise.all(
    Array.from({ length: payersAtOnce }, (_, n) => {
      const { token } = users[n % users.length]!;
      const path = `/api/payment/E${String(n).padStart(17, "0")}`;
      const asked = `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
      // What comes when the role speaks again is no answer of one that is silent.
      const note = (what: string) => {
        if (!isLettingGo && performance.now() < until && !answered.has(n)) answered.set(n, what);
      };
      const socket = {
        open: (opened: Bun.Socket) => void opened.write(asked),
        data: (_payer: Bun.Socket, data: Buffer) => note(data.toString().split("\r\n", 1)[0]!),
        close: () => note("connection closed"),
      };
      return Bun.connect({ hostname, port: Number(port), socket });
    }),
  );
  await Bun.sleep(Math.max(0, until - performance.now()));
  // A sleep ends up to a millisecond early, in which it is we who hang up.
  isLettingGo = true;
  for (const payer of payers) payer.end();
  if (answered.size <= answeredMax) return [];
  const how = [...new Set(answered.values())].join(", ");
  return [`${answered.size} of ${payersAtOnce} payers did not wait for a role that is silent: ${how}`];
}
