/** Every step of the tables. One that has been released is never changed; a new one is a file and a line here. */
import type { Migration } from "kysely/migration";
import { timetable } from "./0001-timetable.ts";
import { user } from "./0002-user.ts";
import { outbox } from "./0003-outbox.ts";
import { order } from "./0004-order.ts";
import { payment } from "./0005-payment.ts";
import { shards } from "./0006-shards.ts";
import { orderIndex } from "./0007-order-index.ts";
import { feedPlaces } from "./0008-feed-places.ts";
import { generations } from "./0009-generations.ts";
import { paymentVersion } from "./0010-payment-version.ts";
import { accountSecurity } from "./0011-account-security.ts";
import { stopsAndStations } from "./0012-stops-and-stations.ts";
import { trips } from "./0013-trips.ts";
import { documentProof } from "./0014-document-proof.ts";
import { orderLines } from "./0015-order-lines.ts";
import { sealedEmail } from "./0016-sealed-email.ts";
import { phoneProof } from "./0017-phone-proof.ts";
import { unprovedUsers } from "./0018-unproved-users.ts";
import { leases } from "./0019-leases.ts";
import { policy } from "./0020-policy.ts";
import { tripsAndFares } from "./0022-trips-and-fares.ts";
import { runStates } from "./0023-run-states.ts";
import { waitlist } from "./0026-waitlist.ts";
import { quotas } from "./0027-quotas.ts";
import { waitlistPolicy } from "./0028-waitlist-policy.ts";
import { waitlistOutcomes } from "./0029-waitlist-outcomes.ts";
import { addedTrains } from "./0037-added-trains.ts";
import { orderIndexByRun } from "./0038-order-index-by-run.ts";
import { change } from "./0039-change.ts";
import { mistakeRefunds } from "./0040-mistake-refunds.ts";
import { runRefunds } from "./0041-run-refunds.ts";
import { endedEntries } from "./0042-ended-entries.ts";
import { gates } from "./0043-gates.ts";
import { passages } from "./0044-passages.ts";
import { runCancellations } from "./0045-run-cancellations.ts";
import { queues } from "./0049-queues.ts";
import { withdrawnCoaches } from "./0050-withdrawn-coaches.ts";
import { queueLots } from "./0051-queue-lots.ts";
import { studentTrips } from "./0052-student-trips.ts";
import { freeChildren } from "./0053-free-children.ts";
import { risk } from "./0054-risk.ts";
import { runReseats } from "./0055-run-reseats.ts";
import { exchanges } from "./0056-exchanges.ts";
import { notifications } from "./0057-notifications.ts";
import { riskSignals } from "./0058-risk-signals.ts";
import { gatewayRules } from "./0059-gateway-rules.ts";
import { deliveries } from "./0060-deliveries.ts";
import { notificationPreferences } from "./0061-notification-preferences.ts";
import { auditTrail } from "./0063-audit-trail.ts";
import { reconciliation } from "./0064-reconciliation.ts";
import { riskAppeals } from "./0065-risk-appeals.ts";
import { counts } from "./0067-counts.ts";

/** In order of name. */
export const migrations: Record<string, Migration> = {
  "0001-timetable": timetable,
  "0002-user": user,
  "0003-outbox": outbox,
  "0004-order": order,
  "0005-payment": payment,
  "0006-shards": shards,
  "0007-order-index": orderIndex,
  "0008-feed-places": feedPlaces,
  "0009-generations": generations,
  "0010-payment-version": paymentVersion,
  "0011-account-security": accountSecurity,
  "0012-stops-and-stations": stopsAndStations,
  "0013-trips": trips,
  "0014-document-proof": documentProof,
  "0015-order-lines": orderLines,
  "0016-sealed-email": sealedEmail,
  "0017-phone-proof": phoneProof,
  "0018-unproved-users": unprovedUsers,
  "0019-leases": leases,
  "0020-policy": policy,
  "0022-trips-and-fares": tripsAndFares,
  "0023-run-states": runStates,
  "0026-waitlist": waitlist,
  "0027-quotas": quotas,
  "0028-waitlist-policy": waitlistPolicy,
  "0029-waitlist-outcomes": waitlistOutcomes,
  "0037-added-trains": addedTrains,
  "0038-order-index-by-run": orderIndexByRun,
  "0039-change": change,
  "0040-mistake-refunds": mistakeRefunds,
  "0041-run-refunds": runRefunds,
  "0042-ended-entries": endedEntries,
  "0043-gates": gates,
  "0044-passages": passages,
  "0045-run-cancellations": runCancellations,
  "0049-queues": queues,
  "0050-withdrawn-coaches": withdrawnCoaches,
  "0051-queue-lots": queueLots,
  "0052-student-trips": studentTrips,
  "0053-free-children": freeChildren,
  "0054-risk": risk,
  "0055-run-reseats": runReseats,
  "0056-exchanges": exchanges,
  "0057-notifications": notifications,
  "0058-risk-signals": riskSignals,
  "0059-gateway-rules": gatewayRules,
  "0060-deliveries": deliveries,
  "0061-notification-preferences": notificationPreferences,
  "0063-audit-trail": auditTrail,
  "0064-reconciliation": reconciliation,
  "0065-risk-appeals": riskAppeals,
  "0067-counts": counts,
};
