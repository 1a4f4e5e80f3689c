/**
 * What a stranger does: clone, and type what the README and the operations pages say. Run by .ci/run, and by hand with
 * `node tools/run.mjs bun tools/fresh-clone.ts`. It clones what is committed, so uncommitted work is not seen. Which blocks are run, and
 * why others are not, is in tools/commandBlocks.ts; here is in what order, with what in place of their examples, and what has to come of it.
 *
 * Each step is one line, so that a failure says how far the stranger came.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createClone, endOf, freePort, killedByTerm, type Started, stop, untilReady } from "./clone.ts";
import * as blocks from "./commandBlocks.ts";
import { smallFeed } from "./smallFeed.ts";

/** The first start fetches Bun and the packages; on a slow line that is most of the time. */
const firstReadyLimitMs = 600_000;
const nextReadyLimitMs = 120_000;
const refusalLimitMs = 120_000;
/** Engines that have to be fetched first are slow in coming, too. */
const clusterReadyLimitMs = 600_000;
const roleReadyLimitMs = 180_000;
/** So long its log is looked at once all is ready. */
const quietMs = 3_000;

/** What is an example on the page: the small feed has a train G1 from A to C. */
const ownTrain = { CHUR: "A", DAVOS: "C" };
const firstDay = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);

/** `machine` or `cluster` by hand, for one half of it. */
const only = process.argv[2];

type Block = (typeof blocks)["start"];

const clone = await createClone();
// Whoever breaks it off is left with no engines.
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => void clone[Symbol.asyncDispose]().finally(() => process.exit(1)));
}
const dataDir = clone.inPlace("data");
const [port, insidePort, rolePort] = [await freePort(), await freePort(), await freePort()];
const url = `http://127.0.0.1:${port}`;
const insideUrl = `http://127.0.0.1:${insidePort}`;
const roleUrl = `http://127.0.0.1:${rolePort}`;
const embedded = { PORT: `${port}`, DATA_DIR: dataDir };
const clustered = { PORT: `${port}`, INTERNAL_PORT: `${insidePort}` };
const taken = new Set<Block>();
let server: Started;
/** A run on the cluster of which a ticket was bought and kept: later steps look at it. */
let soldRun = "";
let passed = 0;
let failure: unknown = null;

try {
  await step("git clone", clone.make);
  if (only !== "cluster") await onOneMachine();
  if (only !== "machine") await onACluster();
  if (!only) await step("every block that is to be run was run", everyBlockWasRun);
} catch (error) {
  failure = error;
} finally {
  await clone[Symbol.asyncDispose]();
}
if (failure) console.log(failure instanceof Error ? failure.message : JSON.stringify(failure));
console.log(`${passed} passed, ${failure ? 1 : 0} failed`);
process.exit(failure ? 1 : 0);

async function onOneMachine(): Promise<void> {
  await step("npm start answers /readyz", startFirst);
  await step("/api/search/stations?q=beijing answers JSON", search);
  await step("README: the road by curl", walkByHand);
  await step("README: the scripted passenger", buy);
  await step("a second server on the same port refuses clearly and fails", secondOnSamePort);
  await step("SIGTERM to npm ends the server", () => stop(server, [0, killedByTerm], url));
  await step("it starts again on the same data", startAgain);
  await step("and answers as before", search);
  await step("SIGTERM ends it with exit code 0", () => stop(server, [0], url));
  await step("accounts: what operators do to one", manageAccounts);
  await step("retention: travellers of long ago", eraseTravellers);
  await step("rehearsal: a small opening", rehearseOpening);
  await step("backup: taken, tried and restored", backUp);
  await step("README: a timetable of one's own", sellOwnTimetable);
  await step("first hour: a railway's own rules, trains and fares", importOwnRailway);
  await step("first hour: its first sale", sellOwnFirstTicket);
  await step("first hour: a newer feed over a sold run", importNewerFeed);
  await step("going live: refused for the practice bank alone", goLive);
  await step("identity: a question by hand", askForIdentity);
  await step("capacity: how many machines", computeCapacity);
  await step("simulation: one history", simulate);
  await step("fuzz: 20,000 requests", fuzz);
}

async function onACluster(): Promise<void> {
  await step("README: the way to a cluster", startCluster);
  await step("README: the scripted passenger on the cluster", buyOnCluster);
  await step("redis: repair while people buy", repair);
  await step("redis: what a run looks like there", lookIntoRedis);
  await step("keys: a role with its own file", startRoleWithItsKeys);
  await step("roles: a process whose work cannot be done is not ready, and says why", startRoleWithoutBinlogs);
  await step("SIGTERM ends the cluster's process", () => stop(server, [0, killedByTerm], url));
  await step("engines: faults by hand", breakEngines);
  await step("engines: some over TLS", engineOverTls);
}

async function step(name: string, work: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  const seconds = () => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;
  try {
    await work();
  } catch (error) {
    console.log(`FAIL  ${name} (${seconds()})`);
    throw error;
  }
  passed += 1;
  console.log(`pass  ${name} (${seconds()})`);
}

/** The block as the clone's page says it, with something else in place of what are examples in it. */
async function scriptOf(block: Block, examples: Readonly<Record<string, string>> = {}): Promise<string> {
  taken.add(block);
  const text = await Bun.file(join(clone.folder, block.page)).text();
  let script = blocks.scriptOf(block, text);
  for (const [example, instead] of Object.entries(examples)) {
    if (!script.includes(example)) throw new Error(`${block.page}: there is no ${example} in\n${script}`);
    script = script.replaceAll(example, instead);
  }
  return script;
}

function has(text: string, ...words: readonly (string | RegExp)[]): void {
  const missing = words.filter((word) => (typeof word === "string" ? !text.includes(word) : !word.test(text)));
  if (missing.length > 0) throw new Error(`it never said ${missing.join(", ")}:\n${text}`);
}

async function everyBlockWasRun(): Promise<void> {
  const left = blocks.treatments.filter((each) => blocks.isRun(each) && !taken.has(each));
  if (left.length > 0) throw new Error(left.map(({ page, begins }) => `${page}: ${begins}`).join("\n"));
}

// On one machine

async function startFirst(): Promise<void> {
  const command = await scriptOf(blocks.start);
  server = clone.start(command.split(" "), embedded);
  await untilReady(server, `${url}/readyz`, firstReadyLimitMs);
}

async function startAgain(): Promise<void> {
  server = clone.start(["node", "tools/run.mjs", "start"], embedded);
  await untilReady(server, `${url}/readyz`, nextReadyLimitMs);
}

async function search(): Promise<void> {
  const answer = await fetch(`${url}/api/search/stations?q=beijing`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}: ${text.slice(0, 400)}`);
  const found: unknown = JSON.parse(text);
  if (typeof found !== "object" || found === null || !/beijing|北京/i.test(text)) {
    throw new Error(`Beijing is not found: ${text.slice(0, 400)}`);
  }
}

async function walkByHand(): Promise<void> {
  const script = await scriptOf(blocks.byHand, { "http://localhost:8080": url });
  has(await clone.run(script, {}), "pendingPayment", "ticketed", "✓ Valid", "refunded");
}

async function buy(): Promise<string> {
  const script = await scriptOf(blocks.buy, { "--class second": `--class second --url ${url}` });
  const said = await clone.run(script, {});
  has(said, "pendingPayment", "ticketed", "code verified offline ✓", "✓ The whole road works.");
  return said;
}

async function secondOnSamePort(): Promise<void> {
  // On data of its own: on the same data it would be refused for that.
  const second = clone.start(["npm", "start"], { ...embedded, DATA_DIR: `${dataDir}-second` });
  const code = await endOf(second, refusalLimitMs);
  if (code === 0) throw new Error(`it ended with exit code 0:\n${second.said()}`);
  has(second.said(), String(port));
  if (/\n\s+at .*:\d+:\d+/.test(second.said())) throw new Error(`a stack is not a clear refusal:\n${second.said()}`);
  if (!(await fetch(`${url}/readyz`)).ok) throw new Error("the first server suffered from the second");
}

async function manageAccounts(): Promise<void> {
  const said = await clone.run(await scriptOf(blocks.accounts, { NAME: "demo" }), embedded);
  has(said, "demo is disabled", "demo may log in again", /This code sets a new one: \d{8}/, "demo is now operator");
}

async function eraseTravellers(): Promise<void> {
  const said = await clone.run(await scriptOf(blocks.retention), embedded);
  has(said, /Orders that name travellers longer than 180 days after the trip: \d/, /Travellers were erased from \d/);
}

async function rehearseOpening(): Promise<void> {
  const said = await clone.run(await scriptOf(blocks.rehearsal), embedded);
  has(
    said,
    /people +100 +100/,
    /bots +100 +20/,
    "✓ promise: nobody buys without a pass",
    "rehearsal.html has all of it",
  );
}

async function backUp(): Promise<void> {
  const said = await clone.run(await scriptOf(blocks.backup), embedded);
  has(
    said,
    "All that was answered before",
    "not verified",
    /is good: \d+ orders/,
    "RPO",
    "RTO",
    "restored is as the platform was",
  );
}

async function sellOwnTimetable(): Promise<void> {
  await Bun.write(join(clone.folder, "FEED.zip"), smallFeed());
  const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const env = { ...embedded, DATA_DIR: `${dataDir}-own` };
  server = clone.serve(await scriptOf(blocks.ownTimetable, { "2026-12-01": day }), env);
  await untilReady(server, `${url}/readyz`, roleReadyLimitMs);
  const stations = await (await fetch(`${url}/api/search/stations?q=${encodeURIComponent("甲城")}`)).text();
  has(stations, "甲城");
  has(server.said(), /Imported "Railway".*\n.*3 stations, 1 train/);
  await stop(server, [0, killedByTerm], url);
}

async function importOwnRailway(): Promise<void> {
  await Bun.write(join(clone.folder, "FEED.zip"), smallFeed());
  await Bun.write(join(clone.folder, "NEWER.zip"), smallFeed("08:10"));
  const said = await clone.run(await inRailwaysShell(""), embedded);
  has(
    said,
    "Nothing is wrong with it.",
    /Would import "Railway".*\n.*3 stations, 1 train/,
    "Nothing was changed.",
    /Imported "Railway"/,
  );
}

/** One terminal for all of it: rules, files, settings and the function that imports. */
async function inRailwaysShell(script: string): Promise<string> {
  const [rules, trains] = [
    await scriptOf(blocks.ownRailway),
    await scriptOf(blocks.ownTrains, { ...ownTrain, "2026-12-01": firstDay }),
  ];
  const isDone = (line: string) => script !== "" && line.startsWith("import_feed FEED.zip");
  const known = `${rules}\n${trains}`.split("\n").filter((line) => !isDone(line));
  return [...known, script].join("\n");
}

async function sellOwnFirstTicket(): Promise<void> {
  server = clone.serve(await inRailwaysShell(await scriptOf(blocks.ownServer)), embedded);
  await untilReady(server, `${url}/readyz`, roleReadyLimitMs);
  has(await (await fetch(`${url}/api/policy`)).text(), "Mountain Line", "CHF");
  const buys = await scriptOf(blocks.ownFirstSale, { ...ownTrain, "--keep": `--keep --date ${firstDay} --url ${url}` });
  has(await clone.run(buys, {}), /second: 150 free, CHF\s38\.50 each/, /CHF\s77\b/, "code verified offline ✓");
  await stop(server, [0, killedByTerm], url);
}

async function importNewerFeed(): Promise<void> {
  server = clone.serve(await inRailwaysShell(await scriptOf(blocks.ownNewerFeed)), embedded);
  await untilReady(server, `${url}/readyz`, roleReadyLimitMs);
  has(
    server.said(),
    "Nothing was changed.",
    `G1/${firstDay} has other times in the feed`,
    /Imported "Railway" as timetable version 2/,
  );
  const leaves = async (date: string) => {
    const found = await fetch(`${url}/api/search/tickets?from=A&to=C&date=${date}`);
    return ((await found.json()) as { trains: { departAt: string }[] }).trains.map(({ departAt }) =>
      departAt.slice(11, 16),
    );
  };
  const nextDay = new Date(Date.parse(firstDay) + 86_400_000).toISOString().slice(0, 10);
  const times = [await leaves(firstDay), await leaves(nextDay)].join();
  if (times !== "08:00,08:10") throw new Error(`the trains leave at ${times}`);
  await stop(server, [0, killedByTerm], url);
}

async function goLive(): Promise<void> {
  const etc = clone.inPlace("etc");
  await mkdir(etc);
  const env = { ...embedded, DATA_DIR: `${dataDir}-live` };
  const said = await clone.run(await scriptOf(blocks.goingLive, { "/etc/chepiao": etc }), env, 2);
  const refused = [...said.matchAll(/^ {2}(\w[\w ]*?) {2,}/gm)].map(([, item]) => item);
  if (refused.join() !== "practice bank") throw new Error(`it refuses ${refused.join()}:\n${said}`);
}

async function askForIdentity(): Promise<void> {
  const script = await scriptOf(blocks.identity, { "http://localhost:8080": url });
  // The platform that it leaves running ends with it.
  const said = await clone.run(`${script}\nkill $!; wait $! || true`, { ...embedded, DATA_DIR: `${dataDir}-identity` });
  const [, signature] = /^x-signature: (\w+)/im.exec(said) ?? [];
  // In its head, and once more as computed from what it says.
  if (!signature || said.split(signature).length !== 3) throw new Error(`the answer is not signed:\n${said}`);
  has(said, "HTTP/1.1 200", '{"verdict":"matches"}');
}

async function computeCapacity(): Promise<void> {
  has(await clone.run(await scriptOf(blocks.capacity), {}), "Kafka partitions a topic", /"utilisation": ?(50|0\.5)/);
}

async function simulate(): Promise<void> {
  has(await clone.run(await scriptOf(blocks.simulation), {}), /seed 7: \d+ steps, hash \w+, 0 violations/);
}

async function fuzz(): Promise<void> {
  has(await clone.run(await scriptOf(blocks.fuzz), {}), /requests, 0 crashes, 0 undeclared 5xx, 0 violations/);
}

// On a cluster

async function startCluster(): Promise<void> {
  server = clone.serve(await scriptOf(blocks.cluster), clustered);
  await untilReady(server, `${url}/readyz`, clusterReadyLimitMs);
  const inside = await fetch(`${insideUrl}/readyz`);
  const { checks } = (await inside.json()) as { checks: { name: string; ready: boolean }[] };
  const away = checks.filter(({ ready }) => !ready).map(({ name }) => name);
  if (away.length > 0) throw new Error(`${away.join()} is not ready`);
  for (const name of ["mysql", "redis", "kafka", "rabbitmq", "elasticsearch", "binlogs"]) {
    if (!checks.some((check) => check.name === name)) throw new Error(`nobody looks at ${name}`);
  }
  // Nothing is wrong, and so nothing says so.
  await Bun.sleep(quietMs);
  const errors = server
    .said()
    .split("\n")
    .filter((line) => line.includes('"level":"ERROR"'));
  if (errors.length > 0) throw new Error(errors.join("\n").slice(0, 4_000));
}

async function buyOnCluster(): Promise<void> {
  const said = await buy();
  const [, date] = /trains .* on (\d{4}-\d\d-\d\d)/.exec(said) ?? [];
  const [, train] = /^ {2}(\w+) {2}\S+ \d\d:\d\d → /m.exec(said) ?? [];
  if (!date || !train) throw new Error(`it does not say what it bought:\n${said}`);
  soldRun = `${train}/${date}`;
}

/** The shell in which the cluster was started knows the engines. */
async function inSameShell(script: string): Promise<string> {
  const known = (await scriptOf(blocks.cluster)).split("\n").filter((line) => /^(eval|export) /.test(line));
  return [...known, script].join("\n");
}

async function repair(): Promise<void> {
  const script = await scriptOf(blocks.repair, { "G1/2026-12-01": soldRun });
  const said = await clone.run(await inSameShell(script), {});
  has(said, "1 runs are in line with what is sold", "seats: 1 of 1 runs", /limits: \d/, /keys: \d/);
}

async function lookIntoRedis(): Promise<void> {
  const script = await scriptOf(blocks.redisCli, { "G1/2026-12-01": soldRun });
  // A node of ours in place of the standard port.
  const node = 'redis-cli() { command redis-cli -p "$(echo "$REDIS_NODES" | sed "s/,.*//; s/.*://")" "$@"; }';
  const said = await clone.run(await inSameShell(`${node}\n${script}`), {});
  has(said, "stamp", `runs\n${soldRun}`, "library_name\nseats_");
}

async function startRoleWithItsKeys(): Promise<void> {
  // Here the file stays where it was written; on a machine of its own it is the only one.
  const script = await scriptOf(blocks.keys, { "=keys.order.json": "=parts/keys.order.json" });
  const role = clone.serve(await inSameShell(script), {
    INTERNAL_PORT: `${rolePort}`,
    USER_URL: insideUrl,
    INVENTORY_URL: insideUrl,
    PAYMENT_URL: insideUrl,
  });
  await untilReady(role, `${roleUrl}/readyz`, roleReadyLimitMs);
  has(role.said(), "parts/keys.gateway.json", "parts/keys.gateway+search.json", "Open: order.");
  await stop(role, [0, killedByTerm], roleUrl);
}

async function startRoleWithoutBinlogs(): Promise<void> {
  const script = "unset MYSQL_BINLOGS\nKEYS_FILE=parts/keys.cdc.json npm run chepiao -- serve --roles=cdc";
  const role = clone.serve(await inSameShell(script), { INTERNAL_PORT: `${rolePort}` });
  const endMs = performance.now() + roleReadyLimitMs;
  let said = "";
  while (!/"waitingFor":\["binlogs"\].*MYSQL_BINLOGS names its primaries/.test(said)) {
    if (performance.now() > endMs) throw new Error(`it says ${said}:\n${role.said()}`);
    await Bun.sleep(200);
    const answer = await fetch(`${roleUrl}/readyz`).catch(() => null);
    said = `${answer?.status ?? "nothing"} ${(await answer?.text()) ?? ""}`;
  }
  if (!said.startsWith("503 ")) throw new Error(`it says ${said}`);
  await stop(role, [0, killedByTerm], roleUrl);
}

async function breakEngines(): Promise<void> {
  await clone.run(await scriptOf(blocks.engineFaults), {});
  // One is down, and so the answer is 1.
  const said = await clone.run("npm run --silent engines -- status", {}, 1);
  has(said, /redis-1 .* down/, /mariadb-1 .*semi-synchronous/, /kafka .* has \d+ topics/);
  if (/paused|does not answer/.test(said)) throw new Error(`another one suffers:\n${said}`);
}

async function engineOverTls(): Promise<void> {
  await clone.run("npm run engines -- down", {});
  await clone.run(await scriptOf(blocks.enginesTls), {});
  has(await clone.run("npm run --silent engines -- env", {}), "rediss://");
}
