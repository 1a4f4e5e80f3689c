/** The platform and the reference beside it (bench/server.ts) as a process of their own. */
import { resolve } from "node:path";
import type { LoadResult } from "./load.ts";
import { freePort } from "../../apps/server/testing/world.ts";
import { policySetting } from "../../apps/server/testing/policy.ts";

export type BenchServer = {
  readonly url: string;
  readonly referenceUrl: string;
  /** How long it took to wake up. */
  readonly startedInMs: number;
  /** A look at the platform's figures: reads one by its name. */
  metrics(): Promise<(name: string) => number>;
  /** Processor time used so far. */
  cpuSeconds(): Promise<number>;
  setReferenceBytes(count: number): Promise<void>;
  stop(): Promise<void>;
};

const script = resolve(import.meta.dir, "../server.ts");
const startTimeoutMs = 60_000;

/** `flags` go to Bun: `--cpu-prof --cpu-prof-dir=…` shows where its time goes. */
export async function startBenchServer(
  dataDir: string,
  flags: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  const [port, metricsPort, referencePort] = [freePort(), freePort(), freePort()];
  const startedMs = performance.now();
  const environment = {
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    BENCH_REFERENCE_PORT: String(referencePort),
    DATA_DIR: dataDir,
  };
  const child = Bun.spawn([process.execPath, ...flags, script], {
    // An account stands for many people here: it has many orders at a time, and leaves them unpaid.
    env: {
      ...process.env,
      LOG_LEVEL: "warn",
      ...policySetting(),
      ...settings,
      ...environment,
    },
    stdout: "ignore",
    stderr: "inherit",
  });
  const url = `http://127.0.0.1:${port}`;
  const referenceUrl = `http://127.0.0.1:${referencePort}`;
  while (!(await fetch(`${url}/readyz`).catch(() => null))?.ok) {
    if (child.exitCode !== null || performance.now() - startedMs > startTimeoutMs) {
      child.kill();
      throw new Error("the platform did not start");
    }
    await Bun.sleep(5);
  }
  async function metrics() {
    const page = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(page)?.[1] ?? Number.NaN);
  }
  return {
    url,
    referenceUrl,
    metrics,
    startedInMs: performance.now() - startedMs,
    cpuSeconds: async () => (await metrics())("process_cpu_seconds_total"),
    setReferenceBytes: async (count) => void (await fetch(`${referenceUrl}/bytes/${count}`, { method: "PUT" })),
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

/** Processor time a request is steadier than throughput where others use the machine too. */
export async function measured(server: BenchServer, work: () => Promise<LoadResult>) {
  const before = await server.cpuSeconds();
  const done = await work();
  return { load: done, cpuUs: ((await server.cpuSeconds()) - before) * (1e6 / done.requests) };
}
