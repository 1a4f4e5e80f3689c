/** `npm start`: runs the platform, or some of its roles, says where to look, and stays until it is told to stop. */
import { BadSetting } from "@chepiao/room";
import { createLogger, createLogSink, type Logger, type LoggerDeps, Stopped } from "@chepiao/runtime";
import { takeOverDemo } from "../data/demo/takeOver.ts";
import { type Config, readConfig } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { allowManyRequests } from "../manyRequests.ts";
import { type Finding, holdAgainstList } from "../goingLive.ts";
import { inspectSurroundings } from "./surroundings.ts";
import { assertSaid } from "../requirements.ts";
import { describeRoles } from "../roles.ts";
import { type Platform, startEmbedded } from "../wiring/embedded.ts";
import type { RunningProcess } from "../wiring/process.ts";
import { type Command, readArgs } from "./command.ts";

const help = `npm start   (or: npm run chepiao -- serve [--roles=ROLE,…] [--policy=PROFILE|FILE])

Runs the whole platform in one process and sells at once. Settings are environment variables;
\`npm run chepiao -- config\` lists them. Those most asked for:

  PORT=8080          where to serve
  DATA_DIR=data      where everything is kept; one running platform a folder
  LOG_LEVEL=info     JSON log lines on standard output
  HOST=0.0.0.0       open to the network; while there is a demo login, this machine alone
  CHEPIAO_POLICY=demo-metric
                     the railway's rules at the first start: a profile or a file (docs/operations/policy.md)
  PUBLIC_URL=https://tickets.example
                     for real passengers: see docs/operations/going-live.md

On the engines of a cluster (CHEPIAO_ENGINES=cluster), a process may have some of the roles:

${describeRoles()}

What its roles need and is not said is named at the start. Engines and roles may come in any order; until they
are there, /readyz on INTERNAL_PORT says what is awaited.

Stop it with Ctrl-C or SIGTERM: it answers what it has begun and closes its files.`;

const options = { roles: { type: "string" }, policy: { type: "string" } } as const;

export const serveCommand: Command = {
  about: "run the platform, or some of its roles (what `npm start` does)",
  help,
  async run(args) {
    const { values } = readArgs(args, options, help);
    const config = readConfig({
      ...process.env,
      ...(values.roles === undefined ? {} : { CHEPIAO_ROLES: values.roles }),
      ...(values.policy === undefined ? {} : { CHEPIAO_POLICY: values.policy }),
    });
    assertSaid(config);
    const findings = holdAgainstList(await inspectSurroundings(config));
    refuseWhatIsRefused(findings);
    const isHigh = config.engines === "embedded" || allowManyRequests();
    const sink = createLogSink((text) => void process.stdout.write(text));
    const level = config.logLevel ?? (process.stdout.isTTY ? "warn" : "info");
    const logTo: LoggerDeps = { level, write: sink.write };
    const logger = createLogger(logTo);
    if (!isHigh) logger.warn({ service: "server", message: "this system holds back more than 256 requests at a time" });

    for (const { item, says } of findings) logger.warn({ service: "server", message: `going live, ${item}: ${says}` });
    const run = config.engines === "embedded" ? runEmbedded : runRoles;
    const code = await run({ config, logger, logTo, flush: sink.flush, stopAsked: whenAskedToStop() });
    sink.flush();
    console.log(code === 0 ? "Stopped." : "Gave up.");
    return code;
  },
};

function refuseWhatIsRefused(findings: readonly Finding[]): void {
  const refused = findings.filter(({ verdict }) => verdict === "refused");
  if (refused.length === 0) return;
  const lines = refused.map(({ item, says }) => `  ${item.padEnd(16)} ${says}`);
  throw new BadSetting(
    `With PUBLIC_URL this is for real passengers, and does not start so:\n\n${lines.join("\n")}\n\nThe whole list: docs/operations/going-live.md, and npm run chepiao -- config --check`,
  );
}

type Run = {
  readonly config: Config;
  readonly logger: Logger;
  readonly logTo: LoggerDeps;
  readonly flush: () => void;
  readonly stopAsked: Promise<string>;
};

async function runEmbedded({ config, logger, logTo, flush, stopAsked }: Run): Promise<number> {
  using folder = openDataFolder(config.dataDir, config.keysFile);
  const platform = await startEmbedded({
    config,
    folder,
    logger,
    logTo,
    broken(error) {
      logger.error({ service: "server", message: "giving up; start again", status: "failed", error });
      flush();
      process.exit(1);
    },
    firstTimetable(store) {
      console.log("No timetable yet: making the demo network …");
      return takeOverDemo(store, config.demoSeed, async () => new Set());
    },
  });
  console.log(welcome(platform, config, folder.path));
  sayWhy(await stopAsked);
  await platform.stop();
  return 0;
}

async function runRoles({ config, logger, stopAsked }: Run): Promise<number> {
  using folder = config.roles.includes("bank") ? openDataFolder(config.dataDir, config.keysFile) : null;
  // The drivers of the engines take longer to load than all the rest: only where they are used.
  const { startCluster } = await import("../wiring/cluster.ts");
  const running = await startCluster({ config, logger, bankLedger: folder?.sandboxBank ?? "" });
  console.log(welcomeOf(config, running));
  const failed = running.opened.then(
    () => new Promise<never>(() => {}),
    (error: unknown) => error,
  );
  const opened = running.opened.then(() => console.log(`Open: ${config.roles.join(", ")}.`));
  opened.catch(() => {});
  const ended = await Promise.race([stopAsked, failed]);
  if (typeof ended === "string") sayWhy(ended);
  await running.stop();
  if (typeof ended === "string" || ended instanceof Stopped) return 0;
  logger.error({ service: "server", message: "the roles cannot open; start again", status: "failed", error: ended });
  return 1;
}

const sayWhy = (signal: string) => console.log(`\n${signal}: finishing what has begun …`);

/** A second signal does not wait. */
function whenAskedToStop(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    const heard = (signal: string) => {
      if (asked) process.exit(130);
      asked = true;
      resolve(signal);
    };
    process.on("SIGINT", heard);
    process.on("SIGTERM", heard);
  });
}

/** Where this machine reaches it. */
const localUrl = (url: string) => url.replace("//127.0.0.1:", "//localhost:");

/** It asks at the usual port where it is told no other. */
const scripted = (url: string) => `npm run chepiao -- buy${url === "http://localhost:8080" ? "" : ` --url ${url}`}`;

const welcome = ({ server, timetable, demo, demoOperator }: Platform, { publicUrl, host }: Config, path: string) => `
  车票 chepiao is selling.

    Site      ${publicUrl || localUrl(server.url)}/
    API       ${localUrl(server.url)}/api/docs
    Health    ${localUrl(server.url)}/readyz${server.detailsUrl === null ? "" : `      Metrics  ${server.detailsUrl}/metrics`}
    Login     ${demo ? `${demo.username} / ${demo.password}` : "register on the site"}
    Console   ${publicUrl || localUrl(server.url)}/console/${demoOperator ? `  ${demoOperator.username} / ${demoOperator.password}` : ""}
    Open to   ${host === "127.0.0.1" ? "this machine alone; HOST=0.0.0.0 npm start opens it to your network" : host}
    Data      ${path}
    Network   ${timetable.stations.length} stations, ${timetable.zone}

  A scripted passenger walks the whole road:  ${scripted(localUrl(server.url))}
  Stop with Ctrl-C.
`;

const welcomeOf = ({ roles }: Config, { publicUrl, innerUrl }: RunningProcess) =>
  [
    "",
    `  车票 chepiao, ${roles.join(", ")}: waiting for what is needed`,
    "",
    ...(publicUrl ? [`    Site      ${publicUrl}/`] : []),
    `    Inside    ${innerUrl}`,
    `    Health    ${innerUrl}/readyz      Metrics  ${innerUrl}/metrics`,
    "",
  ].join("\n");
