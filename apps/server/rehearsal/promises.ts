/** What the platform promises of an opening, held against what came. */
import { networksApart, type Promised, type Rehearsed } from "./report.ts";

type Found = { readonly wrong: readonly string[]; readonly drawFault: string | null };

/** A difference that a draw makes by itself once in some thousand times. */
const deviationsMax = 3.5;
const isNear = (deviations: number | null) => (deviations === null ? null : Math.abs(deviations) <= deviationsMax);
/** What is answered within this is answered at once, to a person. */
const quickMs = 1_000;

export function promisesOf(came: Omit<Rehearsed, "promises">, { wrong, drawFault }: Found): readonly Promised[] {
  const { stock, sold, fairness, steps, refusals } = came;
  const withoutPass = steps.find(({ step }) => step === "buyWithoutPass");
  const turnedAway = refusals
    .filter(({ step }) => step === "buyWithoutPass")
    .reduce((sum, { people, bots }) => sum + people + bots, 0);
  const apart = networksApart(fairness);
  const unanswered = refusals
    .filter(({ code }) => code === "NoAnswer" || code.startsWith("Status5") || code === "Internal")
    .reduce((sum, { people, bots }) => sum + people + bots, 0);
  const slowest = steps
    .filter(({ step }) => step === "buy" || step === "comeIn" || step === "join")
    .toSorted((a, b) => b.p99Ms - a.p99Ms)[0];
  return [
    {
      kind: "promise",
      name: "books, bank and what clients were told agree (I1, I2, I3, I6)",
      kept: wrong.length === 0,
      figure: wrong.length === 0 ? "nothing found" : `${wrong.length} found, first: ${wrong[0]}`,
    },
    {
      kind: "promise",
      name: "no seat is sold twice, and none is lost",
      kept: sold.free === null ? null : sold.taken + sold.free === stock,
      figure: `${sold.taken} taken + ${sold.free ?? "?"} free of ${stock}`,
    },
    {
      kind: "promise",
      name: "nobody buys without a pass",
      kept: withoutPass === undefined ? null : withoutPass.count === turnedAway,
      figure: `${withoutPass?.count ?? 0} tries, ${(withoutPass?.count ?? 0) - turnedAway} let through`,
    },
    {
      kind: "promise",
      name: "the draw is the one that was published",
      kept: drawFault === null,
      figure: drawFault ?? "checked as by verify-draw",
    },
    {
      kind: "promise",
      name: "nobody comes in before his place is called",
      kept: fairness.overtakes === 0 && fairness.otherPlaces === 0,
      figure: `${fairness.overtakes} overtook, ${fairness.otherPlaces} were told another place than the draw has`,
    },
    {
      kind: "goal",
      name: "it does not matter when one comes before the opening",
      kept: isNear(fairness.deviations),
      figure: `mean place ${fairness.meanPlaceOfFirstQuarter ?? "–"} of the first, ${fairness.meanPlaceOfLastQuarter ?? "–"} of the last quarter (a draw: 0.5), ${fairness.deviations ?? "–"} deviations apart`,
    },
    {
      kind: "goal",
      name: "a slow network is no disadvantage",
      kept: isNear(apart),
      figure: `came in: ${shareOf(fairness.slow)} of slow, ${shareOf(fairness.fast)} of fast, ${apart ?? "–"} deviations apart`,
    },
    {
      kind: "promise",
      name: "many accounts are worth no more than their documents",
      kept: came.bots.accounts === 0 || came.people.accounts === 0 ? null : came.bots.lots <= came.bots.persons,
      figure: `${came.bots.lots} lots for ${came.bots.accounts} bot accounts of ${came.bots.persons} documents`,
    },
    keptByPeople(came),
    {
      kind: "goal",
      name: "every request is answered",
      kept: unanswered === 0,
      figure: `${unanswered} of ${came.requests.answers} failed or were not answered`,
    },
    {
      kind: "goal",
      name: "who joins, comes in or buys is answered within a second (p99)",
      kept: slowest === undefined ? null : slowest.p99Ms <= quickMs,
      figure: slowest === undefined ? "–" : `${slowest.step}: ${slowest.p99Ms} ms`,
    },
  ];
}

const keptShare = 0.9;

/** Without bots, people whose lots are as many as the seats have them all: nobody has to be rehearsed twice to know that. Where fewer came, nothing is said. */
function keptByPeople({ stock, people, bots, soldOutAfter, fairness }: Omit<Rehearsed, "promises">): Promised {
  const isKnown = bots.accounts > 0 && people.lots >= stock && soldOutAfter !== null;
  const share = people.seats / Math.max(1, people.seats + bots.seats);
  return {
    kind: "goal",
    name: "people keep nine tenths of the seats that they would have without bots",
    kept: isKnown ? share >= keptShare : null,
    figure: `${(100 * share).toFixed(1)} %; of the lots they have ${(100 * (1 - fairness.botShare.lots)).toFixed(1)} %`,
  };
}

const shareOf = ({ lots, cameIn }: { readonly lots: number; readonly cameIn: number }) =>
  lots === 0 ? "–" : `${((100 * cameIn) / lots).toFixed(1)} % (${cameIn} of ${lots})`;
