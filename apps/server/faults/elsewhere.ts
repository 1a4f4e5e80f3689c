/** What a fault must leave alone, looked at while it lasts: searches, and purchases that need nothing of what was struck. */
import { startProbe } from "./probe.ts";
import { pairOf, type RedisPair } from "./redisPair.ts";
import type { Day, Stage } from "./stage.ts";

/** Each search in turn, as one person makes them: all are answered, and none waits for who is silent. */
export async function searchesGoOn(
  { platform: { gatewayUrl } }: Stage,
  { crowd: { stations, date } }: Day,
  forMs: number,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const [from, to] = [stations[0]!, stations.at(-1)!];
  const until = performance.now() + forMs;
  let answered = 0;
  while (performance.now() < until) {
    const startedAt = performance.now();
    const query = new URLSearchParams({ from, to, date });
    const status = await fetch(`${gatewayUrl}/api/search/tickets?${query.toString()}`).then(
      (answer) => answer.bytes().then(() => answer.status),
      (error: unknown) => String(error),
    );
    const tookMs = performance.now() - startedAt;
    if (status !== 200) wrong.push(`a search was answered ${status} while something else was struck`);
    // On a machine that is busy a search takes its time, but never as long as who is silent.
    else if (tookMs > forMs / 2) wrong.push(`a search took ${Math.round(tookMs)} ms while something else was struck`);
    else answered++;
    await Bun.sleep(100);
  }
  return answered > 0 ? wrong : [...wrong, "no search was answered while something else was struck"];
}

/** More than `fetch` of a process has under way unless it is told otherwise: it would be the gateway's limit, or ours. */
const payersAtOnce = 300;

/** As many as pay at once at an opening: each waits for a role that says nothing, and holds a connection open. */
export async function payersWait({ platform: { gatewayUrl } }: Stage, { line: { users } }: Day, forMs: number) {
  const { hostname, port } = new URL(gatewayUrl);
  const payers = await Promise.all(
    Array.from({ length: payersAtOnce }, (_, n) => {
      const { token } = users[n % users.length]!;
      const asked = `GET /api/payment/${1_000_000 + n} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
      const socket = { open: (opened: Bun.Socket) => void opened.write(asked), data() {} };
      return Bun.connect({ hostname, port: Number(port), socket });
    }),
  );
  await Bun.sleep(forMs);
  for (const payer of payers) payer.end();
}

/** Trains whose seats lie on other masters. Asked before one is struck, because then nobody may know. */
export async function trainsElsewhere(stage: Stage, { whole }: Day, struck: RedisPair): Promise<readonly string[]> {
  const masters = await Promise.all(whole.trains.map((train) => masterOf(stage, `${train}/${whole.date}`)));
  return whole.trains.filter((_, n) => masters[n]!.master.name !== struck.master.name);
}

/** Somebody buys of those trains, with an account and limits that lie elsewhere, too. */
export async function othersBuy(
  stage: Stage,
  { whole, line }: Day,
  trains: readonly string[],
  forMs: number,
): Promise<readonly string[]> {
  // Chance may have put all seats on one master.
  if (trains.length === 0) return [];
  const probe = startProbe({
    url: stage.platform.gatewayUrl,
    world: { ...whole, trains },
    users: line.users,
    record: stage.record,
  });
  const until = performance.now() + forMs;
  await Bun.sleep(forMs);
  await probe.stop();
  const bought = probe.attempts.filter(
    ({ status, answeredAt }) => status === 202 && answeredAt !== null && answeredAt < until,
  );
  return bought.length > 0 ? [] : ["nobody could buy of trains whose seats lie on other masters"];
}

export const masterOf = ({ redis }: Pick<Stage, "redis">, runId: string): Promise<RedisPair> =>
  pairOf(redis, redis.key(`holds:{${runId}}`));
