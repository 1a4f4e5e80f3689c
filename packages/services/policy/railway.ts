/** Of a policy, what a buyer needs to know. */
import {
  documentTypes,
  orderTicketsMax,
  type Policy,
  type PolicyVersion,
  type Railway,
  suspendedDaysOf,
} from "@chepiao/contracts";

export const railwayOf = ({ version, policy }: PolicyVersion): Railway => ({
  version,
  name: policy.name,
  languages: [...policy.languages],
  currency: policy.currency,
  phoneRegions: [...policy.phoneRegions],
  knownBy: policy.account.knownBy,
  documents: documentTypes.filter((type) => policy.documents[type]),
  ...patternsOf(policy.documents),
  ticketsMax: policy.order.ticketsMax,
  orderTicketsMax: orderTicketsMax(policy.order),
  passengersMax: policy.account.passengersMax,
  refundGrades: [...policy.refund.grades],
  ...(policy.change ? { change: { ...policy.change, grades: [...policy.change.grades] } } : {}),
  waitlist: {
    pendingMax: policy.waitlist.pendingMax,
    datesMax: policy.waitlist.datesMax,
    combinationsMax: policy.waitlist.combinationsMax,
    passengersMax: policy.waitlist.passengersMax,
    deadline: { ...policy.waitlist.deadline, choices: [...policy.waitlist.deadline.choices] },
  },
  serviceHours: policy.service?.hours ?? null,
  suspendedDays: suspendedDaysOf(policy.refund),
  seatsCountedTo: policy.sale.seatsCountedTo ?? null,
  childBelow: policy.fares.childBelow,
  childWithAdult: policy.fares.childWithAdult ?? false,
  freeChildBelow: policy.fares.freeChildBelow ?? null,
  studentTrips: policy.fares.studentTrips ?? null,
  discounts: policy.fares.discounts,
  multipleUnitDiscounts: policy.fares.multipleUnitDiscounts ?? {},
  ...(policy.help ? { help: policy.help } : {}),
  ...(policy.trainTypes ? { trainTypes: policy.trainTypes } : {}),
});

function patternsOf(documents: Policy["documents"]): Pick<Railway, "documentPatterns"> {
  const given = Object.entries(documents).flatMap(([type, rule]) =>
    rule?.pattern ? [[type, rule.pattern] as const] : [],
  );
  return given.length > 0 ? { documentPatterns: Object.fromEntries(given) } : {};
}
