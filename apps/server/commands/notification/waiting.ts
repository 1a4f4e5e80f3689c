/** How many mails wait, by the age of what they tell of. */
import { type EpochMs, dayMs, formatInZone, hourMs, minuteMs } from "@chepiao/kernel";
import type { WaitingDelivery } from "@chepiao/ports/deliveries";
import type { StoresBeside } from "../stores.ts";
import { table } from "../table.ts";

/** More are not counted. */
const countedMax = 100_000;
/** A mail that could have been tried so long ago has nobody who tries it. */
const stillMs = 10 * minuteMs;

const ages = [
  { under: minuteMs, words: "less than a minute ago" },
  { under: 10 * minuteMs, words: "less than 10 minutes ago" },
  { under: hourMs, words: "less than an hour ago" },
  { under: dayMs, words: "less than a day ago" },
  { under: Infinity, words: "a day ago or more" },
];

export type WaitingCounts = {
  readonly waiting: number;
  readonly byAge: readonly { readonly happened: string; readonly count: number; readonly tried: number }[];
  readonly overdue: number;
  readonly nextAt: EpochMs | null;
};

export function countsOf(all: readonly WaitingDelivery[], now: EpochMs): WaitingCounts {
  const ofAge = ({ at }: WaitingDelivery) => ages.findIndex(({ under }) => now - at < under);
  return {
    waiting: all.length,
    byAge: ages.map(({ words }, n) => {
      const some = all.filter((each) => ofAge(each) === n);
      return { happened: words, count: some.length, tried: some.filter(({ tries }) => tries > 0).length };
    }),
    overdue: all.filter(({ dueAt }) => now - dueAt >= stillMs).length,
    nextAt: all[0]?.dueAt ?? null,
  };
}

export async function showWaiting(
  { stores, clock, timetable: { zone } }: StoresBeside,
  { asJson, say }: { readonly asJson: boolean; readonly say: (line: string) => void },
): Promise<void> {
  const counts = countsOf(await stores.deliveries.waiting(countedMax), clock.now());
  const next = counts.nextAt === null ? null : formatInZone(counts.nextAt, zone);
  if (asJson) return say(JSON.stringify({ ...counts, nextAt: next }));
  if (counts.waiting === 0) return say("No mail waits.");
  const some = counts.byAge.filter(({ count }) => count > 0);
  say(
    `${counts.waiting === countedMax ? `${countedMax} mails or more wait` : `Mails that wait: ${counts.waiting}`}; the next is due at ${next}.`,
  );
  const rows = some.map(({ happened, count, tried }) => [
    `  what happened ${happened}`,
    String(count),
    `${tried} begun before`,
  ]);
  for (const line of table(rows)) say(line);
  if (counts.overdue > 0)
    say(
      `${counts.overdue} could have been tried 10 minutes ago: is a process with the role notification running, and does it know SMTP_URL?`,
    );
}
