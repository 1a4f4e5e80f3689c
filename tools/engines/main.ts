/** `npm run engines -- up|down|status|wipe|env [names…]`: the engines of this clone from the command line. */
import { run, withEngines } from "./borrow.ts";
import { writeDeployedFiles } from "./deploy.ts";
import { down, environment, probeEngines, up, wipe } from "./fleet.ts";
import { engine, type Handle } from "./index.ts";
import { exclusively } from "./lock.ts";
import { tlsByDefault } from "./settings.ts";

const usage = `npm run engines -- <what> [names…]        (no name means all)

  up      start them and wait until each answers; install or fetch what is missing
          up --tls: all speak TLS alone, with certificates of an authority of their own
  down    end them in order, and those that stand on them
  status  every process: port, pid, and what it says of itself
  wipe    down, and delete what they stored; downloads are kept
  env     their addresses as lines for a shell:  eval "$(npm run --silent engines -- env)"
  run     a command with their addresses in its environment: up before it, and afterwards as they were
          run --tls COMMAND: the same over TLS
  deploy  write what deploy/compose.yaml mounts, from the settings of these

  stop, kill, start, pause, resume <process…>     a fault by hand; the names are those of status`;

const startedMs = performance.now();

function say(name: string, line: string): void {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${name.padEnd(15)} ${line}`);
}

const commands: Readonly<Record<string, (names: string[]) => Promise<void> | void>> = {
  async up(names) {
    await exclusively(() => up(names, say, tls));
    console.log();
    printEnvironment();
  },
  down: (names) => exclusively(() => down(names, say)),
  wipe: (names) => exclusively(() => wipe(names, say)),
  async status(names) {
    const lines = await probeEngines(names);
    const table = lines.map(({ name, port, pid, role, says }) => [name, `${port ?? "-"}`, `${pid ?? "-"}`, role, says]);
    for (const [name, port, pid, role, says] of [["process", "port", "pid", "role", "says"], ...table]) {
      console.log(`${name!.padEnd(19)} ${port!.padEnd(6)} ${pid!.padEnd(8)} ${role!.padEnd(24)} ${says}`);
    }
    if (!lines.every(({ answers }) => answers)) process.exitCode = 1;
  },
  env: printEnvironment,
  async run(command) {
    if (command.length === 0) throw new Error("which command? `run bun test apps/server/roles.engines.test.ts`");
    process.exitCode = await withEngines(() => run(command), tls);
  },
  deploy: writeDeployedFiles,
  stop: each((handle) => handle.stop()),
  kill: each((handle) => handle.kill()),
  start: each((handle) => handle.start()),
  pause: each((handle) => handle.pause()),
  resume: each((handle) => handle.resume()),
};

function printEnvironment(): void {
  for (const [name, value] of Object.entries(environment())) console.log(`export ${name}='${value}'`);
}

function each(act: (handle: Handle) => Promise<void>) {
  return async (names: string[]) => {
    if (names.length === 0) throw new Error("which process? `status` names them");
    await Promise.all(names.map(engine).map(act));
  };
}

const [what = "", ...rest] = process.argv.slice(2);
/** Before the names, because a command to run may have options of its own. */
const tls = rest[0] === "--tls" || tlsByDefault;
const names = rest[0] === "--tls" ? rest.slice(1) : rest;
const command = Object.hasOwn(commands, what) ? commands[what] : undefined;
if (!command) {
  console.log(usage);
  process.exit(what === "" ? 0 : 1);
}
try {
  await command(names);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
// Drivers leave timers and pools behind that would keep us for seconds.
process.exit();
