/** What the inventory room is asked about those who wait for seats. */
import type { Run } from "./clients.ts";
import type { HoldName } from "./lines.ts";
import type { Grant, Need, NeedGroup, WaitingPlace } from "./need.ts";
import type { Refusal } from "./refusals.ts";

/** Who waits for seats, and is served before the public: the seat store's `Waitlists` promises each. */
export type LinesClient = {
  /** Lets each need wait on its run, or says why not, with an entry each. What is free for one is given to it at once. */
  join(needs: readonly Need[]): Promise<readonly (Refusal | null)[]>;
  /** These wait no more, and not again. What they were given stays held. */
  leave(names: readonly HoldName[]): Promise<void>;
  /** After a loss: of needs with a place up to `upTo`, these are the run's. */
  setLine(run: Run, needs: readonly Need[], upTo: number): Promise<void>;
  /** What time alone has brought: limits of quotas. */
  serveLines(runs: readonly Run[]): Promise<void>;
  /** Seats of the run that were given to needs, and are not confirmed yet. */
  grants(run: Run): Promise<readonly Grant[]>;
  /** How many wait on the run for what. */
  groups(run: Run): Promise<readonly NeedGroup[]>;
  /** How many with a lower place could use seats that could serve each of these, too; null where the room is older than the question. */
  ahead(places: readonly WaitingPlace[]): Promise<readonly (number | null)[]>;
};
