/**
 * Slow work for the crowd at the door: so much at a time, and the rest waits in two lines. Log-ins go first, because a
 * registration can be sent by any client at no cost; of the turns that both want, registrations get one in eight, so that a crowd
 * at log-in does not shut them out.
 */
import { refusal, type Refusal } from "@chepiao/contracts";
import { assert, ok, refuse, type Result } from "@chepiao/kernel";
import type { PasswordTurn } from "@chepiao/ports/passwords";

export type LinesOptions = {
  readonly atOnceMax: number;
  /** How many may wait in each line. */
  readonly waitingMax: number;
  /** How many of them may come from one address, so that it cannot fill the line alone. */
  readonly waitingOfAddressMax: number;
};

const registrationEvery = 8;

type Line = PasswordTurn["line"];
type Waiting = { readonly address: string; readonly begin: () => void };

export function createLines({ atOnceMax, waitingMax, waitingOfAddressMax }: LinesOptions) {
  assert(atOnceMax >= 1 && waitingMax >= 0 && waitingOfAddressMax >= 1, "at least one is served at a time");
  const lines: Readonly<Record<Line, Waiting[]>> = { login: [], registration: [] };
  let running = 0;
  let loginsInARow = 0;

  function isFull({ line, address }: PasswordTurn): boolean {
    const waiting = lines[line];
    if (waiting.length >= waitingMax) return true;
    return waiting.filter((each) => each.address === address).length >= waitingOfAddressMax;
  }

  function next(): Waiting | undefined {
    const { login, registration } = lines;
    const registrationsTurn = login.length === 0 || loginsInARow >= registrationEvery - 1;
    if (registrationsTurn && registration.length > 0) {
      loginsInARow = 0;
      return registration.shift();
    }
    if (registration.length > 0) loginsInARow++;
    return login.shift();
  }

  /** Refuses with `Overloaded` where the line, or the address's share of it, is full. */
  return async function inTurn<T>(turn: PasswordTurn, work: () => Promise<T>): Promise<Result<T, Refusal>> {
    if (running < atOnceMax) running++;
    else if (isFull(turn)) return refuse(refusal("Overloaded"));
    // Work that ends hands its place over, so that nobody new slips in before those who wait.
    else await new Promise<void>((begin) => lines[turn.line].push({ address: turn.address, begin }));
    try {
      return ok(await work());
    } finally {
      const following = next();
      if (following) following.begin();
      else running--;
    }
  };
}
