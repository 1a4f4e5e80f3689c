/**
 * The blocks of commands in the README and the operations pages, and what is done about each: tools/fresh-clone.ts runs it in a clone of
 * its own, or a reason stands here why not. tools/commandBlocks.test.ts holds the pages against this list, so that a new block has to say.
 */

export type Block = {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
};

/** A page and the first command of a block on it. */
type Place = { readonly page: string; readonly begins: string };
/** `run` says what is looked at afterwards; `leftOut` are commands of the block that are not run, each with the reason. */
type Run = Place & { readonly run: string; readonly leftOut?: Readonly<Record<string, string>> };
type NotRun = Place & { readonly because: string };
/** Every command of it stands in the block of that page that is run. */
type SameAs = Place & { readonly sameAs: Place };
export type Treatment = Run | NotRun | SameAs;

const readme = "README.md";
const operations = (name: string) => `docs/operations/${name}.md`;

export const start: Run = {
  page: readme,
  begins: "npm start",
  run: "/readyz answers and stations are found; a second one on the port refuses; SIGTERM ends it, and it starts again on its data",
  leftOut: { "npm test": "the first step of .ci/run" },
};
export const buy: Run = {
  page: readme,
  begins: "npm run chepiao -- buy --class second",
  run: "it comes to the end of its road, on one machine and on a cluster",
};
export const byHand: Run = {
  page: readme,
  begins: "api=http://localhost:8080",
  run: "the order is held, ticketed, valid at the gate and refunded",
};
export const cluster: Run = {
  page: readme,
  begins: "npm run engines -- up",
  run: "all engines and all roles are ready, the binlogs can be read, and tickets are bought",
};
export const ownTimetable: Run = {
  page: readme,
  begins: "npm run chepiao -- import gtfs FEED.zip --rebase 2026-12-01 --days 60",
  run: "the platform sells the feed's trains",
};
export const accounts: Run = {
  page: operations("accounts"),
  begins: `npm run chepiao -- account disable NAME --reason "scripted purchases"`,
  run: "it says what became of the account, each time",
};
export const backup: Run = {
  page: operations("backup"),
  begins: "npm run chepiao -- backup key identity.txt",
  run: "the backup of the demonstration is good, and is restored",
};
export const capacity: Run = {
  page: operations("capacity"),
  begins: "npm run engines -- up && npm run bench -- cluster",
  run: "the table, and the JSON, say how many of everything",
  leftOut: {
    "npm run engines -- up && npm run bench -- cluster":
      "minutes of measuring on a machine that has to do nothing else",
  },
};
export const enginesTls: Run = {
  page: operations("engines"),
  begins: "npm run engines -- run --tls bun test ./packages/adapters/mysql/",
  run: "`env` names addresses over TLS",
  leftOut: {
    "npm run engines -- run --tls bun test ./packages/adapters/mysql/":
      "minutes of tests; tools/engines/tls.engines.test.ts tries every driver over TLS in the engines' step of .ci/run",
  },
};
export const engineFaults: Run = {
  page: operations("engines"),
  begins: "npm run engines -- kill redis-1",
  run: "the killed one is down, and all others answer",
};
export const ownRailway: Run = {
  page: operations("first-hour"),
  begins: "cat > policy.json <<'END'",
  run: "the file is right, and in force in a data folder of its own",
};
export const ownTrains: Run = {
  page: operations("first-hour"),
  begins: "cat > compositions.json <<'END'",
  run: "the feed's trains have the operator's coaches and fares; the trial changes nothing",
};
export const ownServer: Run = {
  page: operations("first-hour"),
  begins: "npm start",
  run: "the platform sells them, in the railway's own name and currency",
};
export const ownFirstSale: Run = {
  page: operations("first-hour"),
  begins: "npm run chepiao -- buy --from CHUR --to DAVOS --class second --keep",
  run: "a ticket is bought at the operator's fare",
};
export const ownNewerFeed: Run = {
  page: operations("first-hour"),
  begins: "import_feed NEWER.zip --dry-run",
  run: "the sold run is listed and stays as it was sold, and its ticket can be given back",
};
export const fuzz: Run = {
  page: operations("fuzz"),
  begins: "npm run fuzz",
  run: "20,000 requests, and nothing found",
  leftOut: {
    "npm run fuzz": "minutes; .ci/run sends 5,000 of these requests in a step of its own",
    "npm run fuzz -- --requests 1000000 --seed 7": "an hour",
  },
};
export const goingLive: Run = {
  page: operations("going-live"),
  begins: "PUBLIC_URL=https://tickets.example TRUST_PROXY=1 KEYS_FILE=/etc/chepiao/keys.json npm start",
  run: "it refuses for the practice bank and for nothing else, as the page says, before anything is written",
};
export const identity: Run = {
  page: operations("identity"),
  begins: "export IDENTITY_VERIFIER_KEY=$(openssl rand -hex 32)",
  run: "the register to practise with answers, and has signed what it says",
};
export const keys: Run = {
  page: operations("keys"),
  begins: "npm run chepiao -- keys split keys.json parts",
  run: "a process that is `order` becomes ready with its own part",
};
export const repair: Run = {
  page: operations("redis"),
  begins: "npm run chepiao -- repair --dry-run",
  run: "what Redis has is in line with what was sold",
};
export const redisCli: Run = {
  page: operations("redis"),
  begins: "redis-cli -c HGETALL 'chepiao:holds:{G1/2026-12-01}'",
  run: "a run that was bought from has its holds, its seats and a place in the feed of changes; the functions are there",
};
export const rehearsal: Run = {
  page: operations("rehearsal"),
  begins: "npm run chepiao -- rehearse --people 100 --bots 100 --collect 7 --haste 8",
  run: "a run is sold to some of a small crowd, and every promise was kept",
  leftOut: {
    "npm run chepiao -- rehearse G1/2026-12-09 --people 200000 --bots 200000 --collect 600 --per-minute 6000":
      "its train and day are an example, and so large a crowd takes 18 minutes of two cores",
  },
};
export const retention: Run = {
  page: operations("retention"),
  begins: "npm run chepiao -- retention --dry-run",
  run: "it says how many orders there are to erase",
};
export const simulation: Run = {
  page: operations("simulation"),
  begins: "npm run sim -- --seed 7",
  run: "no violation",
  leftOut: {
    "npm run sim -- --seeds 1..200": "minutes; `npm test` runs a few seeds",
    "npm run sim -- --seeds 1..200 --twice": "the same twice; `npm test` compares the hashes of one",
    "npm run sim -- --night 480": "eight hours",
    "npm run sim -- --seed 7 --story E0123…": "the number stands for one that a run before has shown",
    "npm run sim -- --planted all": "an hour; `npm test` looks for two of the bugs",
  },
};

/** All there are, in the order of the pages. */
export const treatments: readonly Treatment[] = [
  start,
  buy,
  byHand,
  cluster,
  ownTimetable,
  accounts,
  backup,
  capacity,
  enginesTls,
  engineFaults,
  {
    page: operations("engines"),
    begins: "CHEPIAO_E2E=cluster node tools/run.mjs engines run bun test --timeout 180000 ./apps/web/e2e/",
    because: "it needs a browser; .ci/run has it as a step of its own, `browser on a cluster`",
  },
  {
    page: operations("faults"),
    begins: "npm run test:engines apps/server/faults",
    because:
      "many minutes; the engines' step of .ci/run plays every fault, and the rest of the block are the same tests by other words",
  },
  ownRailway,
  ownTrains,
  ownServer,
  ownFirstSale,
  ownNewerFeed,
  fuzz,
  goingLive,
  identity,
  keys,
  {
    page: operations("accounts"),
    begins: "npm run chepiao -- audit",
    because: "its run is an example; apps/server/cli.test.ts asks for the acts of another test in these ways",
  },
  {
    page: operations("angry-passenger"),
    begins: "npm run chepiao -- orders --name 王小明 --date 2026-12-01..2026-12-07",
    because:
      "its passenger is an example; apps/server/commands/orders/orders.test.ts looks for orders in each of these ways",
  },
  {
    page: operations("angry-passenger"),
    begins: 'npm run chepiao -- reconcile settle CASE --reason "given back at the desk: coach without heating"',
    because: "no case is open in a new clone; apps/server/reconcile.test.ts settles one",
  },
  {
    page: operations("console"),
    begins: `npm run chepiao -- role NAME operator --reason "on call"`,
    sameAs: accounts,
  },
  {
    page: operations("cancelled-train"),
    begins: "npm run chepiao -- run cancel G1 2026-12-01 --dry-run",
    because:
      "its train and day are an example; apps/server/cancelledRun.test.ts gives each of these commands a run that was bought from",
  },
  {
    page: operations("gate"),
    begins: "npm run chepiao -- gate add A1 --station VNP",
    because:
      "its train, station and ticket are examples; apps/server/gate.test.ts gives each of these commands a ticket that was bought",
  },
  {
    page: operations("kubernetes"),
    begins: "kubectl create namespace chepiao",
    because:
      "it needs a cluster; deploy/kubernetes/manifests.deploy.test.ts renders every overlay, prints the secrets, and holds the manifests against schemas and the program",
  },
  {
    page: operations("quotas"),
    begins: "npm run chepiao -- quota try quotas.csv",
    because:
      "its file names trains and days of a railway; apps/server/quota.test.ts gives each of these commands one of its own",
  },
  {
    page: operations("gateway"),
    begins: "npm run chepiao -- gateway rules show",
    because: "it needs a file of rules; apps/server/gatewayRules.test.ts runs each of these commands beside who asks",
  },
  {
    page: operations("queue"),
    begins: 'npm run chepiao -- queue open G1/2026-12-09 --per-minute 600 --inside 300 --at "2026-11-25 08:00"',
    because:
      "its train and day are an example; apps/server/queue.test.ts gives each of these commands a run that is sold",
  },
  {
    page: operations("queue"),
    begins: "npm run chepiao -- queue exempt G1/2026-12-09 --lasts 1440",
    because: "its train and day are an example; apps/server/queue.test.ts exempts a run that is sold",
  },
  {
    page: operations("queue"),
    begins: 'npm run chepiao -- queue chance G1/2026-12-09 "3 17 22 31 40 45"',
    because: "no draw waits for a chance in a new clone; apps/server/queue.test.ts tells one",
  },
  {
    page: operations("queue"),
    begins: 'npm run chepiao -- verify-draw "https://tickets.example/api/queue/draw?queue=QUEUE" --save draw.json',
    because: "nothing was drawn in a new clone; apps/server/queue.test.ts checks a draw by an address and by a file",
  },
  {
    page: operations("notifications"),
    begins: "npm run chepiao -- notification list --order E01230000000000001",
    because: "order and account are examples; apps/server/notificationCommand.test.ts runs each of these commands",
  },
  {
    page: operations("reconciliation"),
    begins: "npm run chepiao -- reconcile",
    because:
      "nothing was sold yesterday in a new clone; apps/server/reconcile.test.ts runs each of these commands beside people who buy",
  },
  repair,
  redisCli,
  rehearsal,
  {
    page: operations("rehearsal"),
    begins:
      "KAFKA_REPLICAS=1 ELASTICSEARCH_REPLICAS=0 npm run engines -- run npm run chepiao -- rehearse --engines --people 200 --bots 200 --collect 10 --haste 8",
    because:
      "minutes; apps/server/rehearse.engines.test.ts rehearses a smaller crowd so in the engines' step of .ci/run",
  },
  retention,
  { page: operations("roles"), begins: `eval "$(npm run --silent engines -- env)"`, sameAs: cluster },
  {
    page: operations("risk"),
    begins: "npm run chepiao -- risk rules",
    because: "nobody is judged in a new clone; apps/server/risk.test.ts asks this of a platform that judges",
  },
  {
    page: operations("risk"),
    begins: 'npm run chepiao -- risk block account:4242 --reason "resells tickets" --hours 720',
    because: "its account is an example; apps/server/risk.test.ts gives each of these commands one that buys",
  },
  {
    page: operations("risk"),
    begins: "npm run chepiao -- risk appeals --open",
    because: "nobody appeals in a new clone; apps/server/risk.test.ts answers somebody by each of these commands",
  },
  {
    page: operations("sale-day"),
    begins: 'npm run chepiao -- queue open G1/2026-12-09 --per-minute 600 --inside 300 --at "2026-11-25 08:00"',
    because:
      "its train and day are an example; apps/server/queue.test.ts announces such a queue, and apps/server/backup.test.ts takes such a backup",
  },
  {
    page: operations("sale-day"),
    begins: "npm run chepiao -- queue fairness G1/2026-12-09 --out fairness",
    because:
      "nothing was sold by a queue in a new clone; queue.test.ts, waitlist.test.ts, reconcile.test.ts and cli.test.ts in apps/server run each of these commands",
  },
  simulation,
  {
    page: operations("waitlist"),
    begins: "npm run chepiao -- waitlist length",
    because: "nobody waits in a new clone; apps/server/waitlist.test.ts gives each of these commands a line to look at",
  },
];

export const isRun = (treatment: Treatment): treatment is Run => "run" in treatment;

// Reading pages

/** Languages that a block may be in. What a shell reads is `sh`, or `console` where the answer stands below it. */
const languages = ["sh", "console", "json", "http", "nginx", "text"];
const shellLanguages = ["sh", "console"];

export const isShell = ({ language }: Block): boolean => shellLanguages.includes(language);
const looksLikeCommand =
  /^\s*(\$ |([A-Z_]+=\S* )*(npm|npx|node|bun|bash|sudo|redis-cli|kafka-\w+\.sh|docker|kubectl|curl) )/m;

export function blocksOf(page: string, text: string): readonly Block[] {
  return [...text.matchAll(/^```([^\n`]*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language, 2: inside }) => ({
    page,
    line: text.slice(0, index).split("\n").length,
    language: language!,
    text: inside!,
  }));
}

/** What a shell is given, line by line: without comments, and of a session what was typed. */
export function commandsOf({ language, text }: Block): readonly string[] {
  const lines = text.split("\n");
  const typed =
    language === "console" ? lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2)) : lines;
  return typed.map((line) => line.replace(/(^|\s+)# .*$/, "").trimEnd()).filter(Boolean);
}

const oneBlank = (command: string) => command.replaceAll(/\s+/g, " ");

const isAt = (block: Block, { page, begins }: Place) =>
  block.page === page && oneBlank(commandsOf(block)[0] ?? "") === begins;

/** The commands of a block that are run, as they stand on the page. */
export function scriptOf(treatment: Run, text: string): string {
  const block = blocksOf(treatment.page, text).find((each) => isAt(each, treatment));
  if (!block) throw new Error(`${treatment.page} has no block that begins with ${treatment.begins}`);
  return commandsOf(block)
    .filter((command) => !Object.hasOwn(treatment.leftOut ?? {}, command))
    .join("\n");
}

/** What is wrong between the pages and the list, as `page:line  what`. */
export function findingsIn(pages: ReadonlyMap<string, string>, list: readonly Treatment[]): readonly string[] {
  const blocks = [...pages].flatMap(([page, text]) => blocksOf(page, text));
  return [
    ...blocks.flatMap((block) => judgeBlock(block, list)),
    ...list.flatMap((each) => judgeTreatment(each, blocks, list)),
  ];
}

function judgeBlock(block: Block, list: readonly Treatment[]): readonly string[] {
  const at = `${block.page}:${block.line}  `;
  if (!languages.includes(block.language)) {
    return [`${at}"${block.language}" is no language of a block; there are ${languages.join(", ")}`];
  }
  if (!isShell(block)) {
    return looksLikeCommand.test(block.text) ? [`${at}holds a command, and is not "sh"`] : [];
  }
  const found = list.filter((each) => isAt(block, each)).length;
  return found === 1 ? [] : [`${at}has ${found} entries in tools/commandBlocks.ts: it is run there, or says why not`];
}

function judgeTreatment(treatment: Treatment, blocks: readonly Block[], list: readonly Treatment[]): readonly string[] {
  const at = `${treatment.page}: ${treatment.begins}  `;
  const found = blocks.filter((block) => isAt(block, treatment));
  if (found.length !== 1) return [`${at}begins ${found.length} blocks there`];
  const commands = commandsOf(found[0]!);
  if ("sameAs" in treatment) {
    const other = blocks.find((block) => isAt(block, treatment.sameAs));
    const run = list.some((each) => isRun(each) && each === treatment.sameAs) && other ? commandsOf(other) : [];
    return commands.filter((command) => !run.includes(command)).map((command) => `${at}${command} is not run there`);
  }
  if (!isRun(treatment)) return [];
  const gone = Object.keys(treatment.leftOut ?? {}).filter((command) => !commands.includes(command));
  return gone.map((command) => `${at}has no command ${command} to leave out`);
}
