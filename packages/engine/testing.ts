/** Layouts for the engine's own tests. */
import { createLayout, type Layout } from "./layout.ts";

/** Rows of equal length, some to a coach. Wish 1 is the first seat of a row, 2 the last, 3 either end. */
export const testLayout = (seatCount: number, rowLength = 5, rowsPerCoach = 4): Layout =>
  createLayout({
    seatCount,
    rowOf: (seat) => Math.floor(seat / rowLength),
    coachOf: (seat) => Math.floor(seat / (rowLength * rowsPerCoach)),
    wishes: [
      { rank: 0, has: (seat) => seat % rowLength === 0 },
      { rank: 0, has: (seat) => rowLength > 1 && seat % rowLength === rowLength - 1 },
      { rank: 1, has: (seat) => seat % rowLength === 0 || seat % rowLength === rowLength - 1 },
    ],
  });
