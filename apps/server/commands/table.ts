/** Columns for a terminal: as wide as it shows them, where a Chinese character takes two places. */

/** @param numbers the columns after the first hold numbers: they stand to the right, and further apart */
export function table(rows: readonly (readonly string[])[], { numbers = false } = {}): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => Bun.stringWidth(row[column]!))));
  const padded = (cell: string, column: number) => {
    const space = " ".repeat(widths[column]! - Bun.stringWidth(cell));
    return numbers && column > 0 ? space + cell : cell + space;
  };
  return rows.map((row) =>
    row
      .map(padded)
      .join(numbers ? "   " : "  ")
      .trimEnd(),
  );
}
