/** The code on a ticket as a drawing, one unit a cell. */
import encodeQr from "qr";

/** How much of it may be lost. A screen is never dirty or torn: there, fewer and larger cells read better from a hand. */
export type Ecc = "low" | "medium";

/** As light cells on each side as the standard asks for: readers find a code by what is around it. */
const quietZone = 4;

export function codeOf(text: string, ecc: Ecc): { readonly size: number; readonly path: string } {
  const rows = encodeQr(text, "raw", { ecc, border: quietZone });
  const cells = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size: rows.length, path: cells.join("") };
}
