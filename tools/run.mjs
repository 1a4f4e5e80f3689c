/**
 * The one way in: `npm start`, `npm test`, `npm run check`, `npm run bench`, `npm run chepiao -- …` all end here.
 *
 * It needs only Node 20 and npm. The first run fetches the pinned Bun and the locked packages (tools/toolchain.mjs);
 * every later run finds its stamp and hands over to Bun at once. Arguments, signals and the exit code pass through.
 */
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { availableParallelism, constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Trouble, ensureBun, ensurePackages, root, say } from "./toolchain.mjs";

const nodeMajorMin = 20;
const parent = process.ppid;
const parentLookEveryMs = 200;

/** Where `npm test` looks. A folder that is not built yet is left out. */
export const testRoots = ["packages", "apps/server", "apps/web", "sim", "fuzz", "deploy", "tools"];

/** A test that hangs is ended; one that is slow because the machine is busy is not. The last `--timeout` counts. */
const testLimitMs = 120_000;

/** Files of tests at a time: half of them wait for a process, a disk or a clock. More than these would need more memory than a laptop has. */
const testFilesAtOnce = Math.min(availableParallelism(), 4);

/** What `npm test` leaves alone, because it needs more than a clone: a browser, real engines such as MySQL, or the programs that read `deploy`. */
export const testIgnored = ["apps/web/e2e/**", "apps/console/e2e/**", "**/*.engines.test.ts", "**/*.deploy.test.ts"];

/**
 * The table of commands. `run` gives Bun's arguments; `needs` is the file without which the command has no meaning;
 * `packages: false` skips the locked packages, for a command that is there to change them.
 */
export const commands = {
  start: {
    what: "start the platform with its demonstration data, embedded, on PORT (default 8080)",
    needs: "apps/server/main.ts",
    run: (args) => ["apps/server/main.ts", "start", ...args],
  },
  test: {
    what: "run every test that needs nothing but this clone; arguments narrow it: npm test -- packages/kernel",
    run: (args) => [
      "test",
      `--timeout=${testLimitMs}`,
      `--parallel=${testFilesAtOnce}`,
      ...testIgnored.map((glob) => `--path-ignore-patterns=${glob}`),
      ...testPaths(args),
    ],
  },
  check: {
    what: "format, lint, types, dead code and the law of the repository; --fix fixes what can be fixed",
    needs: "tools/check.ts",
    run: (args) => ["tools/check.ts", ...args],
  },
  bench: {
    what: "measure the engine, the log and HTTP",
    needs: "bench/main.ts",
    run: (args) => ["bench/main.ts", ...args],
  },
  sim: {
    what: "the whole platform simulated, with faults, by seeds: npm run sim -- --help",
    needs: "sim/main.ts",
    run: (args) => ["sim/main.ts", ...args],
  },
  fuzz: {
    what: "send a running platform requests of every kind and hold its answers: --requests 1000000 --seed 1",
    needs: "fuzz/main.ts",
    run: (args) => ["fuzz/main.ts", ...args],
  },
  engines: {
    what: "real engines on loopback, such as MariaDB and Kafka: up, down, status, wipe, env",
    needs: "tools/engines/main.ts",
    run: (args) => ["tools/engines/main.ts", ...args],
  },
  "test:engines": {
    what: "run every *.engines.test.ts on those engines, and leave them as they were found",
    needs: "tools/engines/test.ts",
    run: (args) => ["tools/engines/test.ts", ...args],
  },
  build: {
    what: "make dist/chepiao: the whole platform as one file that needs nothing beside it",
    needs: "tools/build.ts",
    run: (args) => ["tools/build.ts", ...args],
  },
  chepiao: {
    what: "the command line of the server: npm run chepiao -- --help",
    needs: "apps/server/main.ts",
    run: (args) => ["apps/server/main.ts", ...args],
  },
  bun: {
    what: "the pinned Bun itself, for example to add a package: node tools/run.mjs bun add --exact <name>",
    packages: false,
    run: (args) => args,
  },
};

async function main([name = "", ...args]) {
  if (Number(process.versions.node.split(".")[0]) < nodeMajorMin) {
    throw new Trouble(`chepiao needs Node ${nodeMajorMin} or newer, and this is Node ${process.versions.node}.`, [
      "Install a newer one from https://nodejs.org/ and run the same command again.",
    ]);
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : null;
  if (!command) {
    const lines = Object.entries(commands).map(([key, { what }]) => `  ${key.padEnd(12)} ${what}`);
    throw new Trouble(`${name ? `There is no command "${name}".` : "Which command?"} There are:`, lines);
  }
  if (command.needs && !existsSync(join(root, command.needs))) {
    throw new Trouble(`"${name}" runs ${command.needs}, and this checkout has no such file.`, [
      "If it should be there, `git status` says what is missing and `git checkout .` brings it back.",
    ]);
  }
  const bun = await ensureBun();
  if (command.packages !== false) await ensurePackages(bun);
  return handOver(bun, command.run(args));
}

/** Options alone keep the usual folders; a path given by hand replaces them. */
function testPaths(args) {
  const valued = new Set(["-t", "--test-name-pattern", "--timeout", "--seed", "--rerun-each", "--preload", "--shard"]);
  const named = args.some((arg, index) => !arg.startsWith("-") && !valued.has(args[index - 1]));
  return named
    ? args
    : [...args, ...testRoots.filter((path) => existsSync(join(root, path))).map((path) => `./${path}/`)];
}

/** Node 20 cannot replace itself by another program, so we stand in front of it and stay out of the way. */
function handOver(bun, args) {
  const path = [dirname(bun), process.env.PATH].filter(Boolean).join(delimiter);
  const child = spawn(bun, args, { cwd: root, stdio: "inherit", env: { ...process.env, PATH: path } });
  // A terminal sends Ctrl-C to the whole group, so the child already has it; twice would mean "stop at once".
  const forward = (signal) => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal));
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  // npm hands SIGTERM to the shell it put between us, and many shells die of it without a word. Then we are an orphan.
  const orphaned = () => process.ppid !== parent && forward("SIGTERM");
  if (process.env.npm_lifecycle_event && process.platform !== "win32") setInterval(orphaned, parentLookEveryMs).unref();
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Trouble(`Bun did not start: ${error.message}`, [])));
    child.on("exit", (code, signal) => {
      for (const each of signals) process.off(each, forward);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    say(error.message);
    for (const line of error.advice) say(line);
    process.exitCode = 1;
  }
}
