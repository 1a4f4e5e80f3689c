/** The code on a ticket can be found and read by a gate. */
import { expect, test } from "bun:test";
import decodeQr from "qr/decode.js";
import { codeOf, type Ecc } from "./code.ts";

/** As long as a usual one, and one that an order kept in this browser may still have. */
const text = `CP3.${"AB37Z".repeat(22)}A2.${"ZY5".repeat(34)}A`;
const older = `CP2.k1.${"aB3-_".repeat(30)}.${"Zy9".repeat(28)}`;

/** The cells, dark ones as true. */
function cellsOf({ size, path }: ReturnType<typeof codeOf>): boolean[][] {
  const cells = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) cells[Number(y)]![Number(x)] = true;
  return cells;
}

/** As a camera sees it, four pixels a cell. */
function picture(cells: readonly (readonly boolean[])[]) {
  const scale = 4;
  const side = cells.length * scale;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      if (cells[Math.floor(y / scale)]![Math.floor(x / scale)])
        data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
  return { width: side, height: side, data };
}

test.each(["low", "medium"] as const)(
  "a ticket's code is read back, with four light cells around it: %s",
  (ecc: Ecc) => {
    const cells = cellsOf(codeOf(text, ecc));
    const { length } = cells;
    const isDarkAt = (x: number, y: number) => cells[y]![x]!;
    for (let n = 0; n < length; n++)
      for (let edge = 0; edge < 4; edge++)
        for (const [x, y] of [
          [n, edge],
          [n, length - 1 - edge],
          [edge, n],
          [length - 1 - edge, n],
        ] as const)
          expect(isDarkAt(x, y)).toBe(false);
    // Where the margin ends, the code begins.
    expect([isDarkAt(4, 4), isDarkAt(length - 5, 4), isDarkAt(4, length - 5)]).toEqual([true, true, true]);
    expect(decodeQr(picture(cells))).toBe(text);
  },
);

test("a code that was kept before codes became shorter is drawn and read as it is", () =>
  expect(decodeQr(picture(cellsOf(codeOf(older, "low"))))).toBe(older));

test("a usual code has 45 cells to a side on a screen and 49 on paper, where it had 57 and 65", () => {
  const sideOf = (code: string, ecc: Ecc) => codeOf(code, ecc).size - 8;
  expect(text).toHaveLength(220);
  expect([sideOf(text, "low"), sideOf(text, "medium")]).toEqual([45, 49]);
});

test("on paper a tenth of the code may be lost", () => {
  const cells = cellsOf(codeOf(text, "medium"));
  for (let y = 24; y < 36; y++) for (let x = 24; x < 36; x++) cells[y]![x] = false;
  expect(decodeQr(picture(cells))).toBe(text);
});
