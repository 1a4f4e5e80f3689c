/**
 * A policy from its file: JSON by the schema in contracts, with `extends` for one that is a profile with differences. Whatever is wrong is
 * told with its path inside the file, what was found there, and what is allowed.
 */
import {
  frozen,
  Policy,
  policyFrom,
  type PolicyProfile,
  policyProfiles,
  saidPolicy,
  weekdays,
} from "@chepiao/contracts";
import { ok, parseServiceDate, refuse, type Result } from "@chepiao/kernel";
import { isSupportedCountry } from "libphonenumber-js/min";
import Value from "typebox/value";

/** One sentence each. */
export type PolicyFaults = readonly string[];

export function readPolicy(text: string): Result<Policy, PolicyFaults> {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    return refuse([`It is not JSON: ${(error as Error).message}.`]);
  }
  if (typeof read !== "object" || read === null || Array.isArray(read))
    return refuse([`The file must be an object, and is ${shown(read)}.`]);
  const { $schema: _, extends: base, ...own } = read as Record<string, unknown>;
  if (base === undefined) return checked(saidPolicy(own));
  if (typeof base !== "string" || !Object.hasOwn(policyProfiles, base))
    return refuse([`/extends: found ${shown(base)}; allowed: ${profileNames.join(", ")}.`]);
  const { $schema: __, ...profile } = policyProfiles[base as PolicyProfile];
  return checked(policyFrom(profile, own));
}

export const profileNames = Object.keys(policyProfiles) as readonly PolicyProfile[];

function checked(given: unknown): Result<Policy, PolicyFaults> {
  const byForm = formFaults(given);
  if (byForm.length > 0) return refuse(byForm);
  const policy = given as Policy;
  const faults = [...gradeFaults(policy), ...otherFaults(policy)];
  return faults.length > 0 ? refuse(faults) : ok(frozen(policy));
}

/** What the schema says. */
function formFaults(given: unknown): string[] {
  const errors = Value.Errors(Policy, given);
  // What lies inside a choice is told by the choice.
  const choices = errors.filter(({ keyword }) => keyword === "anyOf").map(({ schemaPath }) => `${schemaPath}/anyOf/`);
  const faults = errors
    .filter(({ schemaPath }) => !choices.some((choice) => schemaPath.startsWith(choice)))
    .flatMap((error) => told(error, given));
  return [...new Set(faults)];
}

type Found = ReturnType<typeof Value.Errors>[number];

function told(error: Found, given: unknown): string[] {
  const { instancePath: path, keyword } = error;
  const params = error.params as Readonly<Record<string, unknown>>;
  const at = (allowed: string) => [`${path || "/"}: found ${shown(valueAt(given, path))}; allowed: ${allowed}.`];
  switch (keyword) {
    case "required":
      return (params["requiredProperties"] as string[]).map(
        (name) => `${path}/${name}: is missing; required: ${aboutAt(`${path}/${name}`)}.`,
      );
    case "additionalProperties":
      return (params["additionalProperties"] as string[]).map(
        (name) => `${path}/${name}: is not a key of a policy; allowed here: ${keysAt(path).join(", ") || "none"}.`,
      );
    // Said by "additionalProperties" of the object around it.
    case "boolean":
      return [];
    default:
      return at(`${aboutAt(path)} (${error.message})`);
  }
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};

const partsOf = (path: string): string[] =>
  path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

function valueAt(given: unknown, path: string): unknown {
  return partsOf(path).reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], given);
}

type Node = {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly (Node & { readonly const?: unknown })[];
};

function nodeAt(path: string): Node | undefined {
  return partsOf(path).reduce<Node | undefined>(
    (node, part) => node?.properties?.[part] ?? Object.values(node?.patternProperties ?? {})[0] ?? node?.items,
    Policy as unknown as Node,
  );
}

const keysAt = (path: string) => Object.keys(nodeAt(path)?.properties ?? {});

function aboutAt(path: string): string {
  const node = nodeAt(path);
  const words = node?.anyOf?.map((each) => (each.const === undefined ? each.description : JSON.stringify(each.const)));
  return node?.description ?? words?.join(" or ") ?? node?.type ?? "what the schema says";
}

function* gradeFaults({ refund, change }: Policy): Iterable<string> {
  yield* gradeFaultsIn("/refund/grades", refund.grades);
  if (change) yield* gradeFaultsIn("/change/grades", change.grades);
}

function* gradeFaultsIn(path: string, grades: Policy["refund"]["grades"]): Iterable<string> {
  for (const [n, { hoursBefore }] of grades.entries()) {
    const before = grades[n - 1];
    if (before && hoursBefore >= before.hoursBefore)
      yield `${path}/${n}/hoursBefore: found ${hoursBefore}; allowed: less than the ${before.hoursBefore} before it.`;
  }
  const last = grades.at(-1)!.hoursBefore;
  if (last !== 0) yield `${path}/${grades.length - 1}/hoursBefore: found ${last}; allowed: 0, for the last grade.`;
}

function* festivalFaults({ refund }: Policy): Iterable<string> {
  for (const [n, { from, to }] of (refund.festival?.periods ?? []).entries()) {
    const path = `/refund/festival/periods/${n}`;
    if (!parseServiceDate(from)) yield `${path}/from: found "${from}"; allowed: a day that there is.`;
    else if (!parseServiceDate(to)) yield `${path}/to: found "${to}"; allowed: a day that there is.`;
    else if (to < from) yield `${path}/to: found "${to}"; allowed: ${from} or later (${path}/from).`;
  }
}

/** What no schema says: rules that belong together. */
function* otherFaults(policy: Policy): Iterable<string> {
  const { order, payment, passenger, documents, currency, fares, trips } = policy;
  yield* waitlistFaults(policy);
  yield* hoursFaults(policy);
  yield* festivalFaults(policy);
  if (order.perUserRun < order.ticketsMax)
    yield `/order/perUserRun: found ${order.perUserRun}; allowed: at least ${order.ticketsMax}, so that one full order fits (/order/ticketsMax).`;
  if (trips.otherStationGapMinutes !== undefined && trips.otherStationGapMinutes < trips.gapMinutes)
    yield `/trips/otherStationGapMinutes: found ${trips.otherStationGapMinutes}; allowed: at least ${trips.gapMinutes} (/trips/gapMinutes).`;
  yield* riskFaults(policy);
  yield* queueFaults(policy);
  if (payment.lateSeconds > payment.seconds)
    yield `/payment/lateSeconds: found ${payment.lateSeconds}; allowed: at most ${payment.seconds} (/payment/seconds).`;
  for (const [n, region] of policy.phoneRegions.entries())
    if (!isSupportedCountry(region))
      yield `/phoneRegions/${n}: found ${shown(region)}; allowed: a region of ISO 3166 that has phone numbers, such as GB.`;
  const { min, max } = passenger.nameUnits;
  if (min > max) yield `/passenger/nameUnits/min: found ${min}; allowed: at most ${max} (/passenger/nameUnits/max).`;
  if (Object.keys(documents).length === 0) yield "/documents: found {}; allowed: at least one kind of document.";
  if (documents.nationalId && documents.nationalId.pattern === undefined)
    yield "/documents/nationalId/pattern: is missing; required: every country has its own form of number.";
  const digits = digitsOf(currency.code);
  if (digits === null) yield `/currency/code: found ${shown(currency.code)}; allowed: a currency of ISO 4217.`;
  else if (digits !== currency.minorUnits)
    yield `/currency/minorUnits: found ${currency.minorUnits}; allowed: ${digits}, as ISO 4217 says of ${currency.code}.`;
  for (const part of ["discounts", "multipleUnitDiscounts"] as const)
    for (const [type, byClass] of Object.entries(fares[part] ?? {}))
      if (Object.keys(byClass).length === 0)
        yield `/fares/${part}/${type}: found {}; allowed: at least one class, or the type left out.`;
}

/** Points as in services/risk/rules.ts where nothing is said. */
function* riskFaults({ risk }: Policy): Iterable<string> {
  const { challengePoints = 100, refusePoints = 300, rules = [] } = risk ?? {};
  if (refusePoints < challengePoints)
    yield `/risk/refusePoints: found ${refusePoints}; allowed: at least ${challengePoints} (/risk/challengePoints).`;
  for (const [n, { over, under }] of rules.entries()) {
    if (over === undefined && under === undefined)
      yield `/risk/rules/${n}: found neither over nor under; allowed: one of them, or both.`;
    else if (over !== undefined && under !== undefined && under <= over)
      yield `/risk/rules/${n}/under: found ${under}; allowed: above ${over} (/risk/rules/${n}/over).`;
  }
}

/** Between the two lies what keeps a queue from coming and going. */
function* queueFaults({ queue }: Policy): Iterable<string> {
  for (const limit of ["waiting", "unwrittenSeconds"] as const) {
    const { on, off } = queue?.load?.[limit] ?? { on: 1, off: 0 };
    if (off >= on) yield `/queue/load/${limit}/off: found ${off}; allowed: below ${on} (/queue/load/${limit}/on).`;
  }
}

/** Hours that mean the opposite of what whoever wrote them had in mind. */
function* hoursFaults({ service }: Policy): Iterable<string> {
  const hours = service?.hours;
  if (!hours) return;
  const isOvernight = ({ from, to }: { readonly from: string; readonly to: string }) => to <= from;
  const found = (path: string, value: string, allowed: string) =>
    `/service/hours${path}: found "${value}"; allowed: ${allowed}.`;
  if (hours.from === hours.to) {
    yield found("/to", hours.to, "another time than /service/hours/from; without /service tickets are bought at any");
    return;
  }
  if (weekdays.every((day) => hours.weekdays?.[day] === "closed"))
    yield "/service/hours/weekdays: found every day closed; allowed: at least one on which tickets are bought.";
  for (const [day, own] of Object.entries(hours.weekdays ?? {})) {
    if (own === "closed") continue;
    const ofDay = { from: own.from ?? hours.from, to: own.to ?? hours.to };
    const path = `/weekdays/${day}/${own.from === undefined ? "to" : "from"}`;
    if (ofDay.from === ofDay.to) yield found(path, ofDay.from, "another time than the other end of that day");
    // To close earlier or later is said by its end alone; a beginning past the end would be nearly all of two days.
    else if (own.from !== undefined && own.to === undefined && isOvernight(ofDay) !== isOvernight(hours))
      yield found(path, own.from, `a time before the end at ${hours.to}, or "to" beside it`);
  }
}

function* waitlistFaults({ order, waitlist }: Policy): Iterable<string> {
  const { passengersMax, deadline } = waitlist;
  if (passengersMax > order.ticketsMax)
    yield `/waitlist/passengersMax: found ${passengersMax}; allowed: at most ${order.ticketsMax}, as it becomes one order (/order/ticketsMax).`;
  const { latest, choices, preset } = deadline;
  for (const [n, minutes] of choices.entries())
    if (minutes < latest)
      yield `/waitlist/deadline/choices/${n}: found ${minutes}; allowed: at least ${latest} (/waitlist/deadline/latest).`;
  if (choices.length === 0 ? preset < latest : !choices.includes(preset))
    yield `/waitlist/deadline/preset: found ${preset}; allowed: ${choices.length === 0 ? `at least ${latest} (/waitlist/deadline/latest)` : "one of /waitlist/deadline/choices"}.`;
}

/** Null where nobody has such a currency. */
function digitsOf(code: string): number | null {
  if (!Intl.supportedValuesOf("currency").includes(code)) return null;
  return (
    new Intl.NumberFormat("en", { style: "currency", currency: code }).resolvedOptions().maximumFractionDigits ?? null
  );
}
