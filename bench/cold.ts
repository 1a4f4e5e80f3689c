/**
 * Case `cold`: the first search for each journey after a start, one after the other, as the first passenger of the morning meets
 * it. Each round is a new process. Reference: as many answers of the same size from the same process.
 */
import { createPrng } from "@chepiao/kernel";
import { drawJourneys, pathOf } from "./lib/journeys.ts";
import { type BenchSettings, type CaseResult, type Figures, percentile, type Round, settle } from "./lib/rounds.ts";
import { startBenchServer } from "./lib/server.ts";
import { createBenchWorld } from "./lib/world.ts";

const journeyCount = 4_000;

export async function run({ rounds, say }: BenchSettings): Promise<CaseResult[]> {
  using world = await createBenchWorld(1, say);
  const done: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    const copy = world.copy();
    const server = await startBenchServer(copy.dataDir);
    try {
      const paths = drawJourneys(copy.dataDir, journeyCount, createPrng(n)).map(pathOf);
      const cold = await ask(paths.map((path) => server.url + path));
      await server.setReferenceBytes(Math.round(cold.bytes / journeyCount));
      const reference = await ask(paths.map((path) => server.referenceUrl + path));
      done.push({
        ...cold.figures,
        reference: reference.figures,
        more: { firstMs: cold.tookMs[0]!, maxMs: Math.max(...cold.tookMs), startedInMs: server.startedInMs },
      });
      const { p50Ms, p99Ms } = cold.figures;
      say(
        `cold ${n + 1}/${rounds}: p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, the very first ${cold.tookMs[0]!.toFixed(1)} ms`,
      );
    } finally {
      await server.stop();
      copy.remove();
    }
  }
  return [settle("cold", { journeys: journeyCount }, done)];
}

async function ask(urls: readonly string[]): Promise<{ figures: Figures; tookMs: readonly number[]; bytes: number }> {
  const tookMs: number[] = [];
  let bytes = 0;
  for (const url of urls) {
    const started = performance.now();
    const answer = await fetch(url);
    bytes += (await answer.bytes()).length;
    tookMs.push(performance.now() - started);
    if (!answer.ok) throw new Error(`${url} was answered ${answer.status}`);
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const perSecond = (urls.length * 1_000) / tookMs.reduce((sum, ms) => sum + ms, 0);
  return { figures: { perSecond, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) }, tookMs, bytes };
}
