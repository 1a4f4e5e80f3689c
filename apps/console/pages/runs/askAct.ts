/** Each act as its route takes it. */
import type { RunActAnswer, RunActName, RunView } from "@chepiao/contracts";
import { ask } from "../../lib/api.ts";

/** A run, as its address names it. */
export type Named = Pick<RunView, "originDate" | "trainNumber">;

export type ActFields = {
  readonly reason: string;
  readonly from?: string;
  readonly to?: string;
  readonly chooseHours?: number | null;
  readonly coachNos?: readonly number[];
  readonly composition?: string;
};

/** @param confirm up to how many tickets; null where that is not to be said */
export function askAct(
  { trainNumber, originDate }: Named,
  act: RunActName,
  { reason, from = "", to = "", chooseHours, coachNos = [], composition = "" }: ActFields,
  dryRun: boolean,
  confirm: number | null = null,
): Promise<RunActAnswer> {
  const params = { trainNumber, originDate };
  const said = { dryRun, reason: reason.trim() };
  const confirmed = confirm === null ? {} : { confirm };
  const choice = chooseHours === undefined || chooseHours === null ? {} : { chooseHours };
  const coaches = { coachNos: [...coachNos] };
  switch (act) {
    case "cancel":
      return ask("POST /api/operations/runs/:trainNumber/:originDate/cancel", {
        params,
        body: { ...said, ...confirmed, ...choice },
      });
    case "shorten":
      return ask("POST /api/operations/runs/:trainNumber/:originDate/shorten", {
        params,
        body: { ...said, ...confirmed, ...choice, from, to },
      });
    case "restore":
      return ask("POST /api/operations/runs/:trainNumber/:originDate/restore", { params, body: said });
    case "withdraw":
      return ask("POST /api/operations/runs/:trainNumber/:originDate/withdraw", {
        params,
        body: { ...said, ...coaches },
      });
    case "lose":
      return ask("POST /api/operations/runs/:trainNumber/:originDate/lose", {
        params,
        body: { ...said, ...confirmed, ...coaches },
      });
    case "reinstate":
      return ask("POST /api/operations/runs/:trainNumber/:originDate/reinstate", {
        params,
        body: { ...said, ...coaches },
      });
    default:
      return ask("POST /api/operations/runs/:trainNumber/:originDate/exchange", {
        params,
        body: { ...said, ...confirmed, composition },
      });
  }
}
