/** Takes the demo network over as the timetable: for the first start of a platform, and for a cluster that is to show itself. */
import { dateIn, epochMs, parseZone } from "@chepiao/kernel";
import type { ReplaceOptions, TimetableStore } from "@chepiao/ports/timetable-store";
import { demoDays, generateDemoNetwork } from "./generate.ts";

export async function takeOverDemo(store: TimetableStore, seed: number, soldRuns: ReplaceOptions["soldRuns"]) {
  const today = dateIn(parseZone("Asia/Shanghai")!, epochMs(Date.now()));
  const network = generateDemoNetwork(seed, today, demoDays);
  await store.replace(network, { soldRuns });
  console.log(
    `  ${network.stations.length} stations, ${network.trains.length} trains a day, on sale for the coming days`,
  );
}
