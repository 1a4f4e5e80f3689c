/** Load over HTTP by `wrk`: the fastest generator at hand, since on one small machine the generator is half of what is measured. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export type BenchRequest = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly token?: string;
  readonly key?: string;
  readonly body?: string;
};
export type LoadResult = {
  readonly perSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Answers other than 2xx and 3xx. */
  readonly refused: number;
  /** Connections that broke or timed out. */
  readonly broken: number;
};
export type LoadOptions = {
  readonly connections: number;
  readonly seconds: number;
  readonly threads?: number;
  /** Where every request goes, whatever its own path. */
  readonly path?: string;
  /** Requests of the file, of each thread, that were sent before. */
  readonly skip?: number;
};

export const hasWrk = (): boolean => Bun.which("wrk") !== null;

/** Prepared requests in a file, so that making them is not measured. */
export function prepareRequests(requests: Iterable<BenchRequest>): Disposable & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), "chepiao-load-"));
  const path = join(folder, "requests.tsv");
  const lines: string[] = [];
  for (const { method, path: target, token = "", key = "", body = "" } of requests) {
    lines.push([method, target, token, key, body].join("\t"));
  }
  writeFileSync(path, lines.join("\n") + "\n");
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

const script = resolve(import.meta.dir, "requests.lua");

export async function load(url: string, requestsPath: string, options: LoadOptions): Promise<LoadResult> {
  const { connections, seconds, threads = 1, path, skip = 0 } = options;
  const args = [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, url];
  const child = Bun.spawn(["wrk", ...args], {
    env: {
      ...process.env,
      BENCH_REQUESTS: requestsPath,
      BENCH_THREADS: String(threads),
      BENCH_SKIP: String(skip),
      ...(path ? { BENCH_PATH: path } : {}),
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const line = /^RESULT (.*)$/m.exec(out)?.[1];
  if (line === undefined) throw new Error(`wrk gave no result:\n${out}\n${err}`);
  const result = JSON.parse(line) as Record<
    "requests" | "durationUs" | "p50Us" | "p99Us" | "maxUs" | "refused" | "broken",
    number
  >;
  return {
    perSecond: (result.requests * 1e6) / result.durationUs,
    requests: result.requests,
    p50Ms: result.p50Us / 1_000,
    p99Ms: result.p99Us / 1_000,
    maxMs: result.maxUs / 1_000,
    refused: result.refused,
    broken: result.broken,
  };
}

export const figuresOf = ({ perSecond, p50Ms, p99Ms }: LoadResult) => ({ perSecond, p50Ms, p99Ms });
