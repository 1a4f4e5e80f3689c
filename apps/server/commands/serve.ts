/** `npm start`: opens the data, wakes the platform up, says where to look, and stays until it is told to stop. */
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import { dateIn, epochMs, parseZone } from "@chepiao/kernel";
import { createLogger, createLogSink } from "@chepiao/runtime";
import { demoDays, generateDemoNetwork } from "../data/demo/generate.ts";
import { type Config, readConfig } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { type Platform, startEmbedded } from "../wiring/embedded.ts";
import { type Command, readArgs } from "./command.ts";

const help = `npm start   (or: npm run chepiao -- serve)

Runs the whole platform in one process and sells at once. Settings are environment variables;
\`npm run chepiao -- config\` lists them. Those most asked for:

  PORT=8080          where to serve
  DATA_DIR=data      where everything is kept; one running platform a folder
  LOG_LEVEL=info     JSON log lines on standard output

Stop it with Ctrl-C or SIGTERM: it answers what it has begun and closes its files.`;

export const serveCommand: Command = {
  about: "run the platform (what `npm start` does)",
  help,
  async run(args) {
    readArgs(args, {}, help);
    const config = readConfig(process.env);
    using folder = openDataFolder(config.dataDir, config.keysFile);
    const sink = createLogSink((text) => void process.stdout.write(text));
    const level = config.logLevel ?? (process.stdout.isTTY ? "warn" : "info");
    const logTo = { level, write: sink.write };
    const logger = createLogger(logTo);

    const stopAsked = whenAskedToStop();
    const platform = await startEmbedded({
      config,
      folder,
      logger,
      logTo,
      broken(error) {
        logger.error({ service: "server", message: "giving up; start again", status: "failed", error });
        sink.flush();
        process.exit(1);
      },
      firstTimetable: (store) => makeDemoNetwork(store, config),
    });
    console.log(welcome(platform, folder.path));

    const signal = await stopAsked;
    console.log(`\n${signal}: finishing what has begun …`);
    await platform.stop();
    sink.flush();
    console.log("Stopped.");
    return 0;
  },
};

async function makeDemoNetwork(store: TimetableStore, config: Config) {
  console.log("No timetable yet: making the demo network …");
  const today = dateIn(parseZone("Asia/Shanghai")!, epochMs(Date.now()));
  const network = generateDemoNetwork(config.demoSeed, today, demoDays);
  await store.replace(network, { soldRuns: async () => new Set() });
  console.log(
    `  ${network.stations.length} stations, ${network.trains.length} trains a day, on sale for the coming days`,
  );
}

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

const welcome = ({ server, timetable, demo }: Platform, path: string) => `
  车票 chepiao is selling.

    Site      ${server.url}/
    API       ${server.url}/api/docs
    Health    ${server.url}/readyz      Metrics  ${server.url}/metrics
    Login     ${demo ? `${demo.account.username} / ${demo.account.password}` : "register on the site"}
    Data      ${path}
    Network   ${timetable.stations.length} stations, ${timetable.zone}

  A scripted passenger walks the whole road:  npm run chepiao -- buy
  Stop with Ctrl-C.
`;
