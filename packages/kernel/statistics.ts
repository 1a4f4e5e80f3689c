/** Measures that more than one report needs. */

/** Spearman's rank correlation between place and time, without ties: 1 where they are in one order, -1 in opposite ones. Of two pairs at least. */
export function rankCorrelation(pairs: readonly { readonly place: number; readonly at: number }[]): number {
  const n = pairs.length;
  const byPlace = pairs.toSorted((a, b) => a.place - b.place).map(({ at }, rank) => ({ rank, at }));
  const squares = byPlace.toSorted((a, b) => a.at - b.at).reduce((sum, { rank }, turn) => sum + (rank - turn) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}
