/**
 * How much work questions may make: each, those of one network, and all that this process answers in a second. Work is counted in steps
 * rather than by a clock, so that a question has one answer; decision 0044 says what a step takes.
 */
import { countedNetwork, type EpochMs, isThisMachine, secondMs } from "@chepiao/kernel";

/** Of one question, in all its waves: 50 ms at most. */
export const questionStepsMax = 25_000;
/** Of all questions of a second; one that has begun goes on. With what those at the edge take, a fifth of it. */
export const secondStepsMax = 80_000;
/** Of those that come from one address, or from one /64 of IPv6. */
export const networkStepsMax = 25_000;
/** What any question costs that has no answer ready. */
export const floorSteps = 500;
/** Questions that wait for seats of another process, of all and of one network. */
const openMax = 32;
const openPerNetworkMax = 8;

/** What is left of a question's work. */
export type Steps = { left: number };

export type Turn = {
  /** All have spent what the second has. */
  isSecondSpent(): boolean;
  charge(steps: number): void;
  end(): void;
};

export function createBudget() {
  let second = -1;
  let [spent, open] = [0, 0];
  const spentBy = new Map<string, number>();
  const openBy = new Map<string, number>();

  /** Null where no question may begin now. */
  return function begin(clientAddress: string, now: EpochMs): Turn | null {
    // This machine has no share of its own.
    const network = isThisMachine(clientAddress) ? null : countedNetwork(clientAddress);
    const nowSecond = Math.floor(now / secondMs);
    if (nowSecond !== second) {
      [second, spent] = [nowSecond, 0];
      spentBy.clear();
    }

    const isSecondSpent = () => spent >= secondStepsMax;
    function charge(steps: number): void {
      spent += steps;
      if (network !== null) add(spentBy, network, steps);
    }

    const of = (counts: Map<string, number>) => (network === null ? 0 : (counts.get(network) ?? 0));
    if (isSecondSpent() || of(spentBy) >= networkStepsMax) return null;
    if (open >= openMax || of(openBy) >= openPerNetworkMax) return null;
    open++;
    if (network !== null) add(openBy, network, 1);
    charge(floorSteps);
    return {
      isSecondSpent,
      charge,
      end() {
        open--;
        if (network !== null) add(openBy, network, -1);
      },
    };
  };
}

function add(counts: Map<string, number>, key: string, count: number): void {
  const sum = (counts.get(key) ?? 0) + count;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
