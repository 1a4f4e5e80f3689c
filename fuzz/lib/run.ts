/** A whole run: platform up, requests, rest, audit, platform down; what was found on the way is said when it is found. */
import { demoAccount } from "../../apps/server/data/demo/account.ts";
import { freePort, type ServerProcess } from "../../apps/server/testing/world.ts";
import { auditPlace } from "./audit.ts";
import { readDocument } from "./document.ts";
import type { World } from "./draw.ts";
import { createCounts, type Finding, fuzz } from "./fuzz.ts";
import { createKnown } from "./known.ts";
import { createLedger } from "./ledger.ts";
import { createLines } from "./lines.ts";
import { createPlace, residentMib, startPlatform } from "./platform.ts";
import { shown } from "./request.ts";

export type RunOptions = {
  readonly requests: number;
  readonly seed: number;
  readonly connections: number;
  readonly workers: number;
  readonly rssMaxMib: number;
  readonly say: (line: string) => void;
};

export type Report = {
  readonly requests: number;
  readonly crashes: number;
  readonly undeclared: number;
  readonly violations: number;
};

const silenceMs = 30_000;
const pollEveryMs = 500;
const tellEveryMs = 15_000;
const crashesMax = 10;
/** Of so many some are purchases that can be. */
const sellingRequests = 2_000;
/** Of findings that say the same of the same operation, so many are shown. */
const shownOfAKind = 3;

export async function fuzzPlatform(options: RunOptions): Promise<Report> {
  const { requests, seed, connections, workers, rssMaxMib, say } = options;
  const place = await createPlace();
  const port = freePort();
  const totals = { crashes: 0, undeclared: 0, violations: 0 };
  const timesSaid = new Map<string, number>();
  const tell = (about: string, text: string) => {
    const times = (timesSaid.get(about) ?? 0) + 1;
    timesSaid.set(about, times);
    if (times <= shownOfAKind) say(text);
  };
  const violated = (what: string) => {
    totals.violations++;
    tell(what.replaceAll(/\d+/g, "0"), `violation: ${what}`);
  };
  const found = ({ kind, what, task, request }: Finding) => {
    if (kind === "violation") totals.violations++;
    else totals.undeclared++;
    // Numbers and words of the request aside, it is the same finding.
    const about = `${kind} ${request.split(":", 1)[0]} ${what.slice(0, 80).replaceAll(/\d{3,}/g, "0")}`;
    tell(about, `${kind} (seed ${seed}, task ${task}): ${what}\n${request}`);
  };

  let server: ServerProcess = await startPlatform(place, port, workers);
  let gone = false;
  let restarting: Promise<void> | null = null;
  const watchEnd = () => void server.exited.then(() => (gone = true));
  watchEnd();
  const lines = createLines(port, silenceMs, (sent, heard) =>
    violated(
      `bytes beside the one answer: ${JSON.stringify(heard)} after ${JSON.stringify(sent.toString("latin1", 0, 2_000))}`,
    ),
  );
  const counts = createCounts();
  const ledger = createLedger();
  const document = readDocument((await (await fetch(`${server.url}/api/openapi.json`)).json()) as {});
  const known = createKnown();
  const world: World = {
    document,
    accounts: place.accounts,
    spares: [...place.spares],
    leavers: place.leavers,
    known,
    trips: place,
  };
  known.add("username", demoAccount.account.username);
  known.add("password", demoAccount.account.password);
  for (const { userId, passengerIds } of [...place.accounts, ...place.spares, ...place.leavers]) {
    for (const each of passengerIds) known.add("passengerId", each, userId);
  }
  for (const { trainNumber, stations } of place.trains) {
    known.add("trainNumber", trainNumber);
    for (const each of stations) known.add("stationId", each);
  }
  for (const date of place.dates) known.add("originDate", date);

  /** After a crash everybody waits until the platform is there again, on what it left behind. */
  async function isUp(): Promise<void> {
    if (!gone) return;
    restarting ??= (async () => {
      totals.crashes++;
      say(`crash: the platform ended with code ${await server.exited}; it said:\n${server.output().slice(-2_000)}`);
      for (const each of [...counts.underWay].slice(0, connections)) say(`under way:\n${shown(each, server.url)}`);
      if (totals.crashes >= crashesMax) throw new Error(`${crashesMax} crashes: giving up`);
      server = await startPlatform(place, port, workers);
      gone = false;
      watchEnd();
      restarting = null;
    })();
    await restarting;
  }

  const memory = { first: (await residentMib(server.pid)) ?? 0, most: 0, last: 0 };
  const memoryTimer = setInterval(async () => {
    const mib = await residentMib(server.pid);
    if (mib === null) return;
    memory.last = mib;
    memory.most = Math.max(memory.most, mib);
  }, pollEveryMs);
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1_000;
  const figures = () =>
    `${Math.round(counts.sent / seconds())}/s, ${Math.round(memory.last)} MiB (most ${Math.round(memory.most)})`;
  const progress = setInterval(() => say(`${counts.sent} requests, ${figures()}`), tellEveryMs);
  try {
    await fuzz({ world, lines, ledger, url: server.url, seed, requests, connections, found, isUp }, counts);
    await isUp();
    say(
      `${counts.sent} requests in ${seconds().toFixed(1)} s: ${figures()}, ${Math.round(memory.first)} MiB at the start`,
    );
    sayHeard();
    for (const wrong of await auditPlace(place, server.url, ledger)) violated(wrong);
    say(`audited: ${ledger.accepted.size} orders were accepted`);
    if (ledger.accepted.size === 0 && requests >= sellingRequests) violated("nothing was sold, so nothing was audited");
    const mib = await residentMib(server.pid);
    memory.most = Math.max(memory.most, mib ?? 0);
    if (memory.most > rssMaxMib) violated(`memory rose to ${Math.round(memory.most)} MiB, over ${rssMaxMib}`);
    lines.close();
    const code = await server.stop();
    if (code !== 0) totals.crashes++;
    if (code !== 0) say(`crash: told to stop, it ended with code ${code}:\n${server.output().slice(-2_000)}`);
    for (const line of errorsIn(server.output())) violated(`an error in its log: ${line}`);
  } finally {
    clearInterval(memoryTimer);
    clearInterval(progress);
    lines.close();
    if (!gone) await server.kill();
    place.remove();
  }
  return { requests: counts.sent, ...totals };

  function sayHeard() {
    for (const [name, statuses] of [...counts.heard].sort(([a], [b]) => a.localeCompare(b))) {
      const each = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}×${times}`);
      say(`  ${name.padEnd(22)} ${each.join(" ")}`);
    }
  }
}

/** A 5xx has been counted as such; what breaks beside the answers has not. */
function errorsIn(output: string): string[] {
  return output.split("\n").filter((line) => {
    if (!line.includes('"level":"ERROR"') && !line.includes('"level":"error"')) return false;
    return !/"message":"[A-Z]+ [^"]* 5\d\d /.test(line);
  });
}
