/**
 * How the bank can be told to behave, on its own page, by the payer: everything that real ones do to their merchants.
 * A notice with a delay is due that long after the money was taken.
 */
import { secondMs } from "@chepiao/kernel";

export type BehaviourSpec = {
  readonly trades: 1 | 2;
  /** One entry a notice of each trade: `chosen` is the number of seconds the payer typed in. */
  readonly noticesAfterMs: readonly (number | "chosen")[];
  /** The money itself is taken only after the chosen time. */
  readonly capture: "now" | "chosen";
  /** The bank still takes this payment when its time has passed. */
  readonly afterDeadline: boolean;
  /** Everything about this payment takes long: the page, the query, the notice, the refund. */
  readonly slow: boolean;
};

export const behaviours = {
  normal: { trades: 1, noticesAfterMs: [0], capture: "now", afterDeadline: false, slow: false },
  late: { trades: 1, noticesAfterMs: ["chosen"], capture: "now", afterDeadline: true, slow: false },
  captureLate: { trades: 1, noticesAfterMs: [0], capture: "chosen", afterDeadline: true, slow: false },
  twice: { trades: 1, noticesAfterMs: [0, secondMs], capture: "now", afterDeadline: false, slow: false },
  never: { trades: 1, noticesAfterMs: [], capture: "now", afterDeadline: false, slow: false },
  payTwice: { trades: 2, noticesAfterMs: [0], capture: "now", afterDeadline: false, slow: false },
  slow: { trades: 1, noticesAfterMs: [8 * secondMs], capture: "now", afterDeadline: false, slow: true },
} as const satisfies Record<string, BehaviourSpec>;
export type Behaviour = keyof typeof behaviours;

export const isBehaviour = (text: string): text is Behaviour => Object.hasOwn(behaviours, text);
export const delaySecondsMax = 3_600;
