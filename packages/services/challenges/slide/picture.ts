/**
 * The picture of a slide challenge: a landscape with a hole, and the piece that was cut out of it. Drawn anew for each challenge, so that nobody can
 * collect them. Pure: the same seed and hole give the same picture.
 */
import { createPrng, type Prng, slideSize } from "@chepiao/kernel";
import { type Colour, pngOf } from "./png.ts";

export type Hole = { readonly left: number; readonly top: number };

/** In the table of colours: what is lit, the same in the hole, the edge of the piece, and what is no part of it. */
const [litCount, edge, clear] = [120, 254, 255];
/** How much of the light is left in the hole. */
const holeLight = 0.45;
const { width, height, piece: side } = slideSize;
const [border, knob] = [8, 7];

export function drawSlide(seed: number, hole: Hole): { readonly board: Buffer; readonly piece: Buffer } {
  const prng = createPrng(seed);
  const colours = coloursOf(prng);
  const board = landscape(prng);
  const shape = shapeOf(prng);
  const piece = new Uint8Array(side * side).fill(clear);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      if (!shape(x, y)) continue;
      const at = (hole.top + y) * width + hole.left + x;
      const isEdge = !shape(x - 1, y) || !shape(x + 1, y) || !shape(x, y - 1) || !shape(x, y + 1);
      piece[y * side + x] = isEdge ? edge : board[at]!;
      // Grain of its own: what is in the hole is not what is on the piece, only darker.
      board[at] = litCount + clamp(board[at]! + prng.below(9) - 4);
    }
  return { board: pngOf(board, width, colours), piece: pngOf(piece, side, colours) };
}

const clamp = (colour: number): number => Math.max(0, Math.min(litCount - 1, colour));

/** Three bands of forty shades: sky, hills far away, and near ones. */
function coloursOf(prng: Prng): readonly Colour[] {
  const hue = prng.below(360);
  const bands = [
    [hue, 55, 92, 62],
    [hue + 30 + prng.below(60), 35, 64, 34],
    [hue + 90 + prng.below(90), 45, 56, 22],
  ] as const;
  const lit = bands.flatMap(([turn, strength, light, dark]) =>
    Array.from({ length: litCount / 3 }, (_, n): Colour => {
      const shade = light - ((light - dark) * n) / (litCount / 3 - 1);
      return [...rgbOf(turn % 360, strength / 100, shade / 100), 255];
    }),
  );
  const inHole = lit.map(([red, green, blue]): Colour => {
    const [darkRed, darkGreen, darkBlue] = [red, green, blue].map((each) => Math.round(each * holeLight));
    return [darkRed!, darkGreen!, darkBlue!, 255];
  });
  const table = Array.from({ length: 256 }, (): Colour => [0, 0, 0, 255]);
  for (const [n, colour] of [...lit, ...inHole].entries()) table[n] = colour;
  table[edge] = [255, 255, 255, 255];
  table[clear] = [0, 0, 0, 0];
  return table;
}

function rgbOf(hue: number, strength: number, light: number): [number, number, number] {
  const spread = strength * Math.min(light, 1 - light);
  const part = (n: number) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (light - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
}

function landscape(prng: Prng): Uint8Array {
  const pixels = new Uint8Array(width * height);
  const band = litCount / 3;
  const ridges = [
    [0.5, band],
    [0.62, band],
    [0.74, 2 * band],
    [0.86, 2 * band],
  ].map(([level, from]) => ({ line: ridge(prng, level! * height), from: from! }));
  for (let x = 0; x < width; x++) {
    const tops = ridges.map(({ line }) => line(x));
    for (let y = 0; y < height; y++) {
      let n = tops.length - 1;
      while (n >= 0 && tops[n]! > y) n--;
      const from = n < 0 ? 0 : ridges[n]!.from;
      const depth = n < 0 ? (y / height) * 30 : Math.min(30, (y - tops[n]!) * 0.6 + n * 4);
      pixels[y * width + x] = from + Math.min(band - 1, Math.floor(depth + prng.next() * 9));
    }
  }
  return pixels;
}

function ridge(prng: Prng, level: number): (x: number) => number {
  const waves = Array.from({ length: 4 }, (_, n) => ({
    tall: (3 + prng.next() * 9) / (n + 1),
    phase: prng.next() * 7,
    slope: (0.01 + prng.next() * 0.02) * (n + 1) ** 1.4,
  }));
  return (x) => waves.reduce((y, { tall, phase, slope }) => y + tall * Math.sin(x * slope + phase), level);
}

/** A square that has at each side a knob, a notch or nothing. */
function shapeOf(prng: Prng): (x: number, y: number) => boolean {
  const [middle, end] = [(side - 1) / 2, side - 1 - border];
  const sides = [
    { x: middle, y: border },
    { x: middle, y: end },
    { x: border, y: middle },
    { x: end, y: middle },
  ].map((at) => ({ ...at, kind: prng.pick(["knob", "knob", "notch", "notch", "none"] as const) }));
  return (x, y) => {
    for (const each of sides)
      if (each.kind !== "none" && (x - each.x) ** 2 + (y - each.y) ** 2 <= knob ** 2) return each.kind === "knob";
    return x >= border && x <= end && y >= border && y <= end;
  };
}
