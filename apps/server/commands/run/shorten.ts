/** Between which stops a run still runs. */
import type { RunId } from "@chepiao/contracts";
import { stopsBeyond as beyond, type Stretch } from "@chepiao/services/operations";
import type { RunStores } from "./stores.ts";
import { depsOf, orFail } from "./words.ts";

/** The stops before the one station and behind the other. */
export const stopsBeyond = (stores: RunStores, run: RunId, stretch: Stretch): number[] =>
  orFail(stores, beyond(depsOf(stores), run, stretch));
