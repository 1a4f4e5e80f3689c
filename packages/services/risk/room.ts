/** The risk room, as it declares itself: every process that sells has one of its own, and all of them count together. */
import { riskClient, timetableClient } from "@chepiao/contracts";
import { hourMs, secondMs } from "@chepiao/kernel";
import { riskCountersPort } from "@chepiao/ports/risk-counters";
import { riskStorePort } from "@chepiao/ports/risk-store";
import { countersOf, defineRoom } from "@chepiao/room";
import { blocksFreshMs, createRisk } from "./index.ts";

export const riskRoom = defineRoom({
  name: "risk",
  about: "which purchases look like those of programs",
  client: riskClient,
  isCopied: true,
  asks: { timetable: timetableClient },
  needs: { store: riskStorePort, counters: riskCountersPort },
  async open({ rooms, ports, ...around }) {
    const risk = createRisk({ ...around, ...ports, timetable: rooms.timetable.current });
    await risk.reload();
    const job = (name: string, everyMs: number, pass: () => Promise<unknown>, failed: string) => ({
      kind: "job" as const,
      name,
      everyMs,
      pass,
      failed,
    });
    return {
      client: risk.client,
      work: [
        job("blocks of risk", blocksFreshMs, risk.reload, "blocks of risk could not be read; trying again"),
        job("decisions of risk", secondMs, risk.writeNotes, "decisions of risk could not be written; they are lost"),
        job("old decisions of risk", hourMs, risk.forget, "old decisions of risk could not be deleted; trying again"),
      ],
      metrics: [
        countersOf(
          "risk_purchases_total",
          "Purchases that were judged since the start, by what was decided.",
          risk.counts,
        ),
      ],
    };
  },
});
