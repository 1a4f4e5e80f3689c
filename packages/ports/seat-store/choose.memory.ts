/** Which seats a party gets: the policy word for word, for the slow twin. */
import type { Seat, SeatPreference, Togetherness } from "@chepiao/contracts";

type Wish = SeatPreference | null;
type Tier = { readonly together: Togetherness; readonly granting: boolean };

export const satisfies = (seat: Seat, wish: SeatPreference): boolean => seat.kind === wish || seat.mark === wish;

const tiersWithWishes: readonly Tier[] = [
  { together: "adjacent", granting: true },
  { together: "row", granting: true },
  { together: "adjacent", granting: false },
  { together: "row", granting: false },
  { together: "coach", granting: true },
  { together: "coach", granting: false },
  { together: "split", granting: true },
  { together: "split", granting: false },
];
const tiersWithout = (["adjacent", "row", "coach", "split"] as const).map((together) => ({
  together,
  granting: false,
}));

/** A seat for each passenger, in order of the request. There are at least as many free seats as passengers. */
export function chooseSeats(
  free: readonly Seat[],
  gap: (seat: Seat) => number,
  wishes: readonly Wish[],
  all: readonly Seat[],
): Seat[] {
  for (const tier of wishes.some((wish) => wish !== null) ? tiersWithWishes : tiersWithout) {
    let best: Seat[] | null = null;
    for (const scope of scopesOf(tier.together, all, wishes.length)) {
      const open = scope.filter((seat) => free.includes(seat));
      if (tier.together === "adjacent" && open.length < scope.length) continue;
      const picked = pick(open, gap, tier.granting ? wishes : wishes.map(() => null), order(wishes));
      if (picked && (!best || total(picked, gap) < total(best, gap))) best = picked;
    }
    if (best) return handOut(best, wishes);
  }
  throw new Error("there were seats enough, yet none were chosen");
}

function scopesOf(together: Togetherness, all: readonly Seat[], partySize: number): Seat[][] {
  if (together === "split") return [[...all]];
  if (together === "coach") return groups(all, (a, b) => a.coachNo === b.coachNo);
  const rows = groups(all, (a, b) => a.coachNo === b.coachNo && a.row === b.row);
  if (together === "row") return rows;
  return rows.flatMap((row) =>
    row.map((_, i) => row.slice(i, i + partySize)).filter((block) => block.length === partySize),
  );
}

function groups(seats: readonly Seat[], same: (a: Seat, b: Seat) => boolean): Seat[][] {
  const all: Seat[][] = [];
  for (const seat of seats) {
    const group = all.at(-1);
    if (group && same(group[0]!, seat)) group.push(seat);
    else all.push([seat]);
  }
  return all;
}

/** Passengers by rank of wish, then as they came. */
function order(wishes: readonly Wish[]): number[] {
  const rank = (wish: Wish) => (wish === null ? 2 : wish === "window" || wish === "aisle" ? 1 : 0);
  return wishes.map((_, passenger) => passenger).sort((a, b) => rank(wishes[a]!) - rank(wishes[b]!) || a - b);
}

/** Each passenger in turn takes the best seat left that answers his wish; null if one finds none. */
function pick(
  open: readonly Seat[],
  gap: (seat: Seat) => number,
  wishes: readonly Wish[],
  turns: readonly number[],
): Seat[] | null {
  const picked: Seat[] = [];
  for (const passenger of turns) {
    const wish = wishes[passenger]!;
    const fitting = open.filter((seat) => !picked.includes(seat) && (wish === null || satisfies(seat, wish)));
    const best = fitting.sort((a, b) => gap(a) - gap(b) || a.index - b.index)[0];
    if (!best) return null;
    picked.push(best);
  }
  return picked;
}

const total = (seats: readonly Seat[], gap: (seat: Seat) => number): number =>
  seats.reduce((sum, seat) => sum + gap(seat), 0);

function handOut(picked: readonly Seat[], wishes: readonly Wish[]): Seat[] {
  const left = picked.toSorted((a, b) => a.index - b.index);
  const given: (Seat | undefined)[] = wishes.map(() => undefined);
  for (const passenger of order(wishes)) {
    const wish = wishes[passenger]!;
    const place = wish === null ? -1 : left.findIndex((seat) => satisfies(seat, wish));
    if (place >= 0) given[passenger] = left.splice(place, 1)[0];
  }
  return given.map((seat) => seat ?? left.shift()!);
}
