/** Settings of the operations room. */
import { auditKeptDaysDefault, auditKeptDaysMin, dayMs } from "@chepiao/kernel";
import { setting, wholeNumber } from "@chepiao/room";

export const auditKeptMs = setting(
  "AUDIT_KEPT_DAYS",
  String(auditKeptDaysDefault),
  "What staff did and looked at is deleted from the audit trail after so many days.",
  (value) => wholeNumber(auditKeptDaysMin, 36_500)(value) * dayMs,
);
