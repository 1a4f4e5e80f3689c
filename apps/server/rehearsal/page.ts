/** A rehearsal as a page that anybody can open: no script, nothing from elsewhere. */
import { escaped, pageStyle, tableOf } from "../html.ts";
import { faultText } from "./faults.ts";
import type { Promised, Rehearsed } from "./report.ts";

export function pageOf(came: Rehearsed): string {
  const { run, seatClass, stock, people, bots, promises, steps, refusals, stoppedBy, fairness, sold } = came;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Rehearsal of ${escaped(run)}</title>
<style>
${pageStyle}
</style>
<h1>Rehearsal of ${escaped(run)}</h1>
<p>${stock} seats of class ${escaped(seatClass)}, ${people.accounts} people and ${bots.accounts} bots, seed ${came.seed}, begun ${escaped(came.startedAt)}
on ${escaped(String(came.machine["processor"]))}, ${came.machine["cores"]} cores. ${
    came.soldOutAfter === null ? "Not sold out." : `Sold out ${came.soldOutAfter} s after the opening.`
  }</p>
<h2>Promises and goals</h2>
${tableOf(
  ["", "of an opening", "kept", "figure"],
  promises.map(({ kind, name, kept, figure }) => [kind, name, mark(kept), figure]),
)}
<h2>Who got seats</h2>
${tableOf(
  ["", "accounts", "documents", "lots", "seats", "seats per 1,000 documents"],
  Object.entries({ people, bots }).map(([who, { accounts, persons, lots, seats }]) => [
    who,
    accounts,
    persons,
    lots,
    seats,
    persons === 0 ? "–" : ((1_000 * seats) / persons).toFixed(2),
  ]),
)}
<p>${sold.bought} purchases, of which ${sold.ticketed} were paid, ${sold.cancelled} cancelled, ${sold.heldUnpaid} are held unpaid. Bots are ${percent(fairness.botShare.accounts)} of
accounts, ${percent(fairness.botShare.persons)} of documents, ${percent(fairness.botShare.lots)} of lots, and have ${percent(fairness.botShare.seats)} of the seats.</p>
${tableOf(
  ["how it ended", "people", "bots"],
  [...new Set([...Object.keys(people.outcomes), ...Object.keys(bots.outcomes)])].map((how) => [
    how,
    people.outcomes[how as keyof typeof people.outcomes] ?? 0,
    bots.outcomes[how as keyof typeof bots.outcomes] ?? 0,
  ]),
)}
<h2>Second by second</h2>
${chartOf(came)}
<h2>How long each step takes</h2>
${tableOf(
  ["step", "requests", "p50 ms", "p99 ms", "longest ms"],
  steps.map(({ step, count, p50Ms, p99Ms, maxMs }) => [step, count, p50Ms, p99Ms, maxMs]),
)}
<p>${came.requests.answers} answers, ${came.requests.perSecond} a second; the generator itself was ${came.requests.generatorLateMs} ms late at most, which is in these figures. Processor: ${came.requests.cpuSeconds.platform} s of the platform, ${came.requests.cpuSeconds.generator} s of the generator.</p>
${
  came.faults.length === 0
    ? ""
    : `<h2>What went wrong, as it was ordered</h2>\n${tableOf(
        ["fault", "all answered again, s after the opening"],
        came.faults.map((each) => [faultText(each), each.overAtSeconds ?? "–"]),
      )}\n`
}<h2>Who was turned away</h2>
${tableOf(
  ["by", "people", "bots"],
  Object.entries(stoppedBy).map(([by, each]) => [by, each.people, each.bots]),
)}
${tableOf(
  ["step", "refusal", "people", "bots"],
  refusals.map((each) => [each.step, each.code, each.people, each.bots]),
)}
<h2>What is simulated otherwise than in life</h2>
<ul>${came.simplified.map((each) => `<li>${escaped(each)}</li>`).join("")}</ul>
</html>
`;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const mark = (kept: Promised["kept"]) => (kept === null ? "too few to tell" : kept ? "✓ kept" : "✗ not kept");

/** Three lines, each by its own highest second. */
function chartOf({ timeline, settings }: Rehearsed): string {
  const [width, height] = [1_000, 100];
  const lines = [
    ["joined", "#8250df"],
    ["cameIn", "#0969da"],
    ["bought", "#1a7f37"],
  ] as const;
  const x = (second: number) => (width * second) / Math.max(1, timeline.length - 1);
  const paths = lines.map(([what, colour]) => {
    const most = Math.max(1, ...timeline.map((each) => each[what]));
    const points = timeline.map(
      (each) => `${x(each.second).toFixed(1)},${(height - (height * each[what]) / most).toFixed(1)}`,
    );
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.join(" ")}"/>`;
  });
  const legend = lines.map(
    ([what, colour]) =>
      `<span style="color:${colour}">${what}, ${Math.max(0, ...timeline.map((each) => each[what]))} in the highest second</span>`,
  );
  const opening = x(settings.collectSeconds);
  return `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="joined, came in and bought, second by second"><line x1="${opening}" x2="${opening}" y1="0" y2="${height}" stroke="#57606a" stroke-dasharray="4"/>${paths.join("")}</svg><p>${legend.join(" · ")}; the dashed line is the opening</p>`;
}
