/** Thrown when something we believed about our own program is not so. Never caught to go on as if nothing happened. */
export class BrokenBelief extends Error {
  override readonly name = "BrokenBelief";
}

export function assert(belief: boolean, message: string): asserts belief {
  if (!belief) throw new BrokenBelief(message);
}

/** For the end of an exhaustive switch: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new BrokenBelief(`a case nobody thought of: ${String(value)}`);
}
