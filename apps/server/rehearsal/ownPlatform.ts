/**
 * A platform for one rehearsal: the timetable and the policy of the operator's own in a new folder, and a process that serves them on this machine alone,
 * with the bank and the register to practise with. It is gone afterwards, and the operator's own is only read.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { secondMs } from "@chepiao/kernel";
import { CommandFailed } from "../commands/command.ts";
import type { Config } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { freePort } from "../freePort.ts";
import { cpuSecondsOf } from "./cpuSeconds.ts";
import { endingWith } from "./endingWith.ts";
import { silentSeconds } from "./faults.ts";
import { type Ground, openFolderGround } from "./ground.ts";
import { type Known, readKnown, takeOver } from "./known.ts";
import type { Started } from "./rehearse.ts";

export type OwnPlatform = AsyncDisposable & {
  readonly dataDir: string;
  /** Its stores, before it starts and beside it. */
  openGround(): Promise<Ground>;
  start(): Promise<Started>;
};

/** Whoever asks this process to end meanwhile has the platform ended and its folder removed first. */
export const createOwnPlatform = (config: Config): Promise<OwnPlatform> =>
  endingWith(async ({ cleanUp, isEnding, end }) => {
    const dataDir = folderForAWhile(cleanUp);
    await settle(dataDir, await readKnown(config), config);
    return {
      dataDir,
      openGround: () => openFolderGround(dataDir),
      async start() {
        if (isEnding()) throw brokenOff();
        // It comes back where the crowd looks for it.
        const port = freePort();
        let child = startChild(dataDir, port);
        cleanUp.defer(() => child.end("SIGTERM"));
        const url = await child.ready();
        return {
          url,
          cpuSeconds: () => child.cpuSeconds(),
          async fail({ how }) {
            if (how === "kill") {
              await child.end("SIGKILL");
              if (isEnding()) throw brokenOff();
              child = startChild(dataDir, port);
            } else await silent(child.process);
            await child.ready();
          },
        };
      },
      [Symbol.asyncDispose]: end,
    };
  });

export const brokenOff = () => new CommandFailed("The rehearsal was broken off.");

export function folderForAWhile(cleanUp: AsyncDisposableStack): string {
  const dataDir = mkdtempSync(join(resolve(tmpdir()), "chepiao-rehearsal-"));
  cleanUp.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

async function settle(dataDir: string, known: Known, config: Config): Promise<void> {
  using folder = openDataFolder(dataDir);
  await using database = await openSqlite(folder.database);
  writeFileSync(firstPolicyIn(dataDir), JSON.stringify(await takeOver(createStores(database), known, config)));
}

/** A platform is started with the policy that its books began with. */
export const firstPolicyIn = (dataDir: string) => join(dataDir, "first-policy.json");

const startWithinMs = 120_000;
const program = resolve(import.meta.dir, "../main.ts");
/** Of the operator's settings, those that bound what is asked and done. */
export const keptSettings = ["REQUESTS_PER_ADDRESS_SECOND", "REQUESTS_PER_ACCOUNT_SECOND", "SHED_AFTER_MS", "WORKERS"];

/** Those of these names that were said, themselves or as files. */
export const said = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const [value, file] = [process.env[name], process.env[`${name}_FILE`]];
      return [
        ...(value === undefined ? [] : [[name, value]]),
        // It is read from another folder.
        ...(file === undefined ? [] : [[`${name}_FILE`, resolve(file)]]),
      ];
    }),
  );

/** What a process needs of this one that is no setting. */
export const environmentOf = () => ({
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  TMPDIR: resolve(tmpdir()),
});

function startChild(dataDir: string, port: number) {
  // A file that was built runs by itself.
  const command = existsSync(program) ? [process.execPath, program] : [process.execPath];
  const child = Bun.spawn([...command, "serve"], {
    // Where it starts, Bun reads a .env: that of the operator may name his engines.
    cwd: dataDir,
    env: {
      ...environmentOf(),
      ...said(keptSettings),
      CHEPIAO_ENGINES: "embedded",
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: dataDir,
      CHEPIAO_POLICY: firstPolicyIn(dataDir),
      // The crowd says by which address each of it comes.
      TRUST_PROXY: "1",
      CHEPIAO_DEMO: "0",
      CHEPIAO_PRACTICE: "1",
      METRICS_PORT: "0",
      LOG_LEVEL: "error",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let printed = "";
  const gather = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) printed = (printed + Buffer.from(chunk).toString()).slice(-20_000);
  };
  void gather(child.stdout);
  void gather(child.stderr);
  let inside: string | undefined;
  return {
    process: child,
    async end(signal: "SIGKILL" | "SIGTERM") {
      child.kill("SIGCONT");
      child.kill(signal);
      await child.exited;
    },
    cpuSeconds: async () => (inside === undefined ? 0 : await cpuSecondsOf([inside])),
    /** Resolves to where it is found. */
    async ready(): Promise<string> {
      const until = performance.now() + startWithinMs;
      for (;;) {
        const url = /Site +(http:\/\/\S+?)\/?\s/.exec(printed)?.[1]?.replace("localhost", "127.0.0.1");
        inside = /Metrics +(http:\/\/\S+)/.exec(printed)?.[1];
        if (url !== undefined && inside !== undefined && (await fetch(`${url}/readyz`).catch(() => null))?.ok)
          return url;
        if (child.exitCode !== null || performance.now() > until)
          throw new CommandFailed(`The platform of the rehearsal did not start:\n${printed}`);
        await Bun.sleep(20);
      }
    },
  };
}

/** It does nothing for a while, and says nothing. */
export async function silent(process: { kill(signal: "SIGCONT" | "SIGSTOP"): void }): Promise<void> {
  process.kill("SIGSTOP");
  await Bun.sleep(silentSeconds * secondMs);
  process.kill("SIGCONT");
}
