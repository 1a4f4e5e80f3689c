/**
 * The railway's policy: every rule of sale that is the railway's to set. A file of it is versioned by the day from which it holds, and an
 * order keeps the version that it was bought under. What stands here acts; a rule is added with the code that goes by it.
 */
import Type, { type Static } from "typebox";
import {
  type EpochMs,
  epochMs,
  linesPerOrderMax,
  passengersPerOrderMax,
  saleWindowDaysMax,
  waitlistChoicesMax,
  waitlistDeadlineMinutesMax,
} from "@chepiao/kernel";
import metric from "./policies/demo-metric.json" with { type: "json" };
import china from "./policies/12306.json" with { type: "json" };
import { ChildWithAdult, FreeChildBelow } from "./children.ts";
import { QueuePolicy } from "./queuePolicy.ts";
import { RiskPolicy } from "./riskPolicy.ts";
import { StudentTripRules } from "./studentTrips.ts";
import { ServiceUnavailable } from "./unavailable.ts";
import { documentTypes, type SeatClass, seatClasses, type TicketType, ticketTypes, trainTypes } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });
const percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, multipleOf: 0.01, description });
const minorUnits = (minimum: number, description: string) => whole(minimum, 100_000, `${description}, in minor units`);
const clock = (description: string) =>
  Type.String({ pattern: "^([01]\\d|2[0-3]):[0-5]\\d$", description: `${description}, such as 08:00` });
const day = (description: string) =>
  Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: `${description}, such as 2027-01-15` });
const ofEach = <Name extends string, Schema extends Type.TSchema>(names: readonly Name[], schema: Schema) =>
  Type.Object(
    Object.fromEntries(names.map((name) => [name, Type.Optional(schema)])),
    strict,
  ) as unknown as Type.TUnsafe<{ readonly [N in Name]?: Static<Schema> }>;

/** In the order of a week. */
export const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const serviceFrom = clock("Local time of the railway from which tickets are bought");
const serviceTo = Type.String({
  pattern: "^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$",
  description:
    "Local time until which tickets are bought, such as 23:30; one that is not after the start is of the next day",
});

/** When tickets are bought, where that is not at any hour. */
export const ServiceHours = Type.Object(
  {
    from: serviceFrom,
    to: serviceTo,
    weekdays: Type.Optional(
      ofEach(
        weekdays,
        Type.Union([
          Type.Object(
            { from: Type.Optional(serviceFrom), to: Type.Optional(serviceTo) },
            { ...strict, description: 'an object of "from" and "to", such as 08:00 and 23:30' },
          ),
          Type.Literal("closed"),
        ]),
      ),
    ),
  },
  {
    ...strict,
    description:
      "Hours at which tickets are bought, with another start or end for those that begin on some weekdays, or none; left out: at any hour",
  },
);
export type ServiceHours = Static<typeof ServiceHours>;

const policyLanguages = ["zh", "en"] as const;
export const PolicyLanguage = Type.Union(policyLanguages.map((each) => Type.Literal(each))) as unknown as Type.TUnsafe<
  (typeof policyLanguages)[number]
>;
const closesMinutes = whole(0, 1_440, "Sale ends this many minutes before the departure of the passenger's train");
const transferMinutes = whole(0, 600, "Least time to change from one train to another within a station");
const otherTransferMinutes = whole(
  0,
  600,
  "The same where the second train leaves from another station of the city; left out: no more than within one",
);
const deadlineMinutes = (description: string) => whole(0, waitlistDeadlineMinutesMax, description);
const opensAt = clock("Local time at the boarding station at which a new day opens for sale");

/** Prices of a class: percent of the fare, or of its seat part while the berth is paid in full. */
const Discount = Type.Union([
  percent("Percent of the adult fare that is paid"),
  Type.Object({ seatPart: percent("Percent of the seat part that is paid; the berth is paid in full") }, strict),
]);
export type Discount = Static<typeof Discount>;
export type DiscountClass = Exclude<SeatClass, "standing">;
const discountClasses = seatClasses.filter((seatClass) => seatClass !== "standing");
const discountedTypes = ticketTypes.filter((ticketType) => ticketType !== "adult");
export type Discounts = {
  readonly [T in Exclude<TicketType, "adult">]?: { readonly [C in DiscountClass]?: Discount };
};
const discountsOf = (description: string) =>
  Type.Object(
    Object.fromEntries(discountedTypes.map((type) => [type, Type.Optional(ofEach(discountClasses, Discount))])),
    { ...strict, description },
  ) as unknown as Type.TUnsafe<Discounts>;
export const Discounts = discountsOf(
  "What each type of passenger pays, by class, of the fare that an adult pays now; not sold in a class left out",
);
export const MultipleUnitDiscounts = discountsOf(
  "What is paid instead on multiple units, trains of types G, D and C, for the classes in which that differs",
);
export const ChangePolicy = Type.Object(
  {
    max: whole(1, 10, "How often a ticket, and what became of it, is changed"),
    grades: Type.Array(
      Type.Object(
        {
          hoursBefore: whole(0, 8_760, "The grade holds from this long before departure"),
          percent: percent("Percent of the lower of both fares that is kept"),
        },
        strict,
      ),
      {
        minItems: 1,
        maxItems: 20,
        description:
          "What a change to a later day costs; longest time first, the last from 0 hours. To the ticket's day or one before it nothing is kept",
      },
    ),
    afterDeparture: Type.Optional(
      percent("The same once the train has left, until the end of the ticket's day; left out: nothing is changed then"),
    ),
    differenceAfterDeparture: percent(
      "Percent that is kept of what a new ticket costs less, once the train has left; before that it is what a refund keeps",
    ),
    destinationMinHours: Type.Optional(
      whole(
        0,
        8_760,
        "Until so many hours before departure a ticket may become one to another station, without a fee; left out: none may",
      ),
    ),
  },
  {
    ...strict,
    description:
      "Tickets that become others, of the same passengers from the same station; left out: no ticket is changed",
  },
);

const inEachLanguage = (description: string) =>
  Type.Optional(
    Type.Object(
      { zh: Type.String({ minLength: 1, maxLength: 500 }), en: Type.String({ minLength: 1, maxLength: 500 }) },
      { ...strict, description: `${description}, in each language` },
    ),
  );
const webAddress = (description: string) =>
  Type.Optional(Type.String({ pattern: '^https://[^\\s<>"]+$', maxLength: 300, description }));

export const HelpPolicy = Type.Object(
  {
    phone: Type.Optional(
      Type.String({ pattern: "^[0-9+() -]{3,30}$", description: "Where passengers call, as it is written" }),
    ),
    email: Type.Optional(
      Type.String({ pattern: '^[^\\s@<>"]+@[^\\s@<>"]+$', maxLength: 120, description: "Where passengers write" }),
    ),
    hours: inEachLanguage("When somebody answers"),
    address: inEachLanguage("Where letters go"),
    luggage: inEachLanguage("What a passenger may take along"),
    children: inEachLanguage("Which children need no ticket, and who has to travel along"),
    terms: webAddress("The railway's own terms, which the site then links to"),
    privacy: webAddress("The railway's own word on personal data, which the site then links to"),
  },
  { ...strict, description: "What the pages of help say of the railway; what is left out they do not mention" },
);
export type HelpPolicy = Static<typeof HelpPolicy>;

export const TrainTypeNames = ofEach(
  trainTypes,
  Type.Object(
    { zh: Type.String({ minLength: 1, maxLength: 30 }), en: Type.String({ minLength: 1, maxLength: 30 }) },
    strict,
  ),
);

export const Policy = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    name: Type.Object(
      { zh: Type.String({ minLength: 1, maxLength: 60 }), en: Type.String({ minLength: 1, maxLength: 60 }) },
      { ...strict, description: "The railway's name in each language" },
    ),
    languages: Type.Array(PolicyLanguage, {
      minItems: 1,
      uniqueItems: true,
      description: "What the site speaks; who asks for none of them gets English where it is one, else the first",
    }),
    currency: Type.Object(
      {
        code: Type.String({ pattern: "^[A-Z]{3}$", description: "ISO 4217" }),
        minorUnits: whole(0, 3, "Digits behind the point, as ISO 4217 says"),
      },
      strict,
    ),
    phoneRegions: Type.Array(Type.String({ pattern: "^[A-Z]{2}$" }), {
      minItems: 1,
      maxItems: 250,
      uniqueItems: true,
      description:
        "Regions of phone numbers that are taken, ISO 3166; a number without a country code is one of the first",
    }),
    documents: ofEach(
      documentTypes,
      Type.Object(
        {
          pattern: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 200,
              format: "regex",
              description: "Which numbers are taken, as a regular expression, instead of the form that is built in",
            }),
          ),
        },
        strict,
      ),
    ),
    realName: Type.Boolean({
      description: "Whether name and document are compared with a register before a ticket is sold",
    }),
    passenger: Type.Object(
      {
        nameUnits: Type.Object(
          { min: whole(1, 50, "At least"), max: whole(1, 100, "At most; a name has no more than 50 letters anyway") },
          { ...strict, description: "Length of a name; a Han character counts as 2" },
        ),
      },
      strict,
    ),
    account: Type.Object(
      {
        passengersMax: whole(1, 200, "Saved passengers of one account"),
        knownBy: Type.Union([Type.Literal("phone"), Type.Literal("email")], {
          description:
            "phone or email: what whoever registers gives beside a username, logs in by once it is proved, and gets codes at",
        }),
      },
      strict,
    ),
    sale: Type.Object(
      {
        windowDays: whole(1, saleWindowDaysMax, "Days on sale, today included"),
        opensAt,
        closesMinutes,
        seatsCountedTo: Type.Optional(
          whole(
            0,
            10_000,
            "The site says of a class how many seats are left where they are no more than this, and else that there are some; left out: it always says how many",
          ),
        ),
        stations: Type.Record(
          Type.String({ minLength: 1, maxLength: 64 }),
          Type.Object({ opensAt: Type.Optional(opensAt), closesMinutes: Type.Optional(closesMinutes) }, strict),
          { description: "What holds for passengers who board at one station, by its id" },
        ),
      },
      strict,
    ),
    service: Type.Optional(
      Type.Object(
        {
          hours: Type.Optional(ServiceHours),
        },
        {
          ...strict,
          description:
            "When the railway sells at all; an order is paid, cancelled and given back, and one waits for seats, at any hour",
        },
      ),
    ),
    order: Type.Object(
      {
        ticketsMax: whole(1, passengersPerOrderMax, "Passengers of one order"),
        perUserRun: whole(1, 100, "Tickets of one account for one train and day"),
        perDocumentDay: whole(0, 100, "Tickets of one document and boarding day; 0: any number"),
        unpaidMax: whole(0, 1_000, "Orders of one account that may wait for payment at a time; 0: any number"),
        cancelsPerDay: whole(
          0,
          1_000,
          "After so many orders of a day that were cancelled or not paid, an account or passenger buys none more of that day; 0: no limit",
        ),
        standingCancelsPerOne: whole(
          0,
          1_000,
          "So many such orders for standing room count as one of them; 0: they do not count",
        ),
      },
      strict,
    ),
    trips: Type.Object(
      {
        gapMinutes: whole(0, 600, "Least time between two trains of one document; on one train no time is needed"),
        otherStationGapMinutes: Type.Optional(
          whole(
            0,
            600,
            "The same where the second leaves from another station than the first arrives at; left out: the same time",
          ),
        ),
      },
      strict,
    ),
    transfer: Type.Optional(
      Type.Object(
        {
          minutes: transferMinutes,
          otherStationMinutes: Type.Optional(otherTransferMinutes),
          stations: Type.Optional(
            Type.Record(
              Type.String({ minLength: 1, maxLength: 64 }),
              Type.Object(
                {
                  minutes: Type.Optional(transferMinutes),
                  otherStationMinutes: Type.Optional(otherTransferMinutes),
                },
                strict,
              ),
              { description: "What holds for those who arrive at one station, by its id" },
            ),
          ),
        },
        {
          ...strict,
          description:
            "Which connections a search offers; never less time than `trips` demands of one document. Left out: that time",
        },
      ),
    ),
    waitlist: Type.Object(
      {
        pendingMax: whole(0, 100, "Entries of one account that may wait at a time, for their prepayment or for seats"),
        datesMax: whole(1, saleWindowDaysMax, "Boarding days that one entry names"),
        combinationsMax: whole(1, waitlistChoicesMax, "Trains, each on a day, that one entry names"),
        passengersMax: whole(1, passengersPerOrderMax, "Passengers of one entry"),
        deadline: Type.Object(
          {
            latest: deadlineMinutes("Seats are taken for an entry so many minutes before departure at the latest"),
            choices: Type.Array(deadlineMinutes("Minutes before departure"), {
              maxItems: 100,
              uniqueItems: true,
              description: "What a buyer may choose instead, in minutes before departure; none listed: any time",
            }),
            preset: deadlineMinutes("Minutes before departure where the buyer says nothing"),
          },
          strict,
        ),
        prepayMinutes: whole(1, 1_440, "An entry that is not prepaid within this time ends"),
        crowdingRatio: Type.Number({
          minimum: 0,
          maximum: 1_000,
          description: "A class with more than so many waiting passengers a seat takes no entries; 0: any number",
        }),
        maxAgeDays: whole(
          0,
          saleWindowDaysMax,
          "An entry ends so many days after it was opened; 0: by its deadline alone",
        ),
      },
      { ...strict, description: "Waiting for seats that are sold out" },
    ),
    queue: Type.Optional(QueuePolicy),
    risk: Type.Optional(RiskPolicy),
    payment: Type.Object(
      {
        seconds: whole(1, 86_400, "Time to pay an order; never past the end of sale"),
        lateHours: whole(0, 72, "Orders made less than this long before departure have the shorter time"),
        lateSeconds: whole(1, 86_400, "The shorter time"),
      },
      strict,
    ),
    fares: Type.Object(
      {
        tablePercent: whole(
          1,
          1_000,
          "Fares that no feed sets, in percent of the built-in table by kilometre and class",
        ),
        rounding: minorUnits(1, "Fares are whole multiples of this"),
        childBelow: whole(1, 30, "A child is younger than this on the day of travel"),
        freeChildBelow: Type.Optional(FreeChildBelow),
        floorPercent: percent("A discounted fare is never below this share of the published fare"),
        childWithAdult: Type.Optional(ChildWithAdult),
        studentTrips: Type.Optional(StudentTripRules),
        discounts: Discounts,
        multipleUnitDiscounts: Type.Optional(MultipleUnitDiscounts),
      },
      strict,
    ),
    refund: Type.Object(
      {
        grades: Type.Array(
          Type.Object(
            {
              hoursBefore: whole(0, 8_760, "The grade holds from this long before departure"),
              percent: percent("Percent of the fare that is kept"),
            },
            strict,
          ),
          { minItems: 1, maxItems: 20, description: "Longest time first, the last from 0 hours" },
        ),
        rounding: minorUnits(1, "Fees are whole multiples of this"),
        minimum: minorUnits(0, "Least fee where one is due, at most the fare"),
        suspendedDays: Type.Optional(
          whole(
            0,
            365,
            "A ticket of a train that did not run is given back free until so many days after its day of travel; left out: 30",
          ),
        ),
        mistake: Type.Optional(
          Type.Object(
            {
              minutes: whole(1, 1_440, "Free within so many minutes of payment"),
              hoursAhead: whole(0, 720, "And this long before departure at the latest"),
              perDay: whole(1, 100, "Orders of one account and day that may be given back so"),
            },
            {
              ...strict,
              description:
                "Tickets bought by mistake, free of charge; not of a changed ticket, nor of one from the waitlist. Left out: none",
            },
          ),
        ),
        changedFar: Type.Optional(
          percent(
            "Percent kept of a ticket that is in the free grade only because it was changed to a later train; left out: none",
          ),
        ),
        festival: Type.Optional(
          Type.Object(
            {
              periods: Type.Array(
                Type.Object({ from: day("First day of travel"), to: day("Last day of travel") }, strict),
                { maxItems: 100, description: "Days on which everybody travels" },
              ),
              percent: percent("Percent kept of a changed ticket for such a day, however early it is given back"),
            },
            strict,
          ),
        ),
      },
      strict,
    ),
    change: Type.Optional(ChangePolicy),
    help: Type.Optional(HelpPolicy),
    trainTypes: Type.Optional(
      Type.Unsafe<Static<typeof TrainTypeNames>>({
        ...TrainTypeNames,
        description: "What passengers call a kind of train, in each language; of others the site has words of its own",
      }),
    ),
  },
  { ...strict, title: "The policy of a railway that sells with chepiao" },
);
export type Policy = Static<typeof Policy>;
/** Days after that of travel on which a ticket of a train that did not run is given back free. */
export const suspendedDaysOf = ({ suspendedDays }: Policy["refund"]): number => suspendedDays ?? 30;
/** What money is in. */
export type Currency = Policy["currency"];

export type PolicyProfile = "12306" | "demo-metric";

/** Those that are shipped. */
export const policyProfiles: Readonly<Record<PolicyProfile, Policy>> = frozen({
  "12306": china as Policy,
  "demo-metric": metric as Policy,
});

export const policyDefault: Policy = policyProfiles["12306"];

/** A policy is handed on and never changed. */
export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const each of Object.values(value)) frozen(each);
    Object.freeze(value);
  }
  return value;
}

/** A policy as it was said, by this version or one before. */
export function saidPolicy(said: object): Policy {
  const account = (said as PolicyChanges).account ? { account: { knownBy: "phone" } } : {};
  return policyFrom({ ...account, waitlist: china.waitlist } as Policy, said);
}

/**
 * What is not said comes from the base; of the waitlist, no more passengers than the order may have which an entry becomes, and who says one time
 * between two trains means it for every change.
 */
export function policyFrom(base: Policy, said: object): Policy {
  const changed = withChanges(base, said as PolicyChanges);
  const { gapMinutes, otherStationGapMinutes } = (said as PolicyChanges).trips ?? {};
  const isForAll =
    typeof gapMinutes === "number" &&
    otherStationGapMinutes === undefined &&
    base.trips?.otherStationGapMinutes !== undefined;
  const policy = isForAll ? withChanges(changed, { trips: { otherStationGapMinutes: gapMinutes } }) : changed;
  const own = (said as PolicyChanges).waitlist;
  const ticketsMax: unknown = policy.order?.ticketsMax;
  if (own === null || own?.passengersMax !== undefined || !Number.isInteger(ticketsMax)) return policy;
  const passengersMax = Math.min(base.waitlist.passengersMax, Math.max(1, ticketsMax as number));
  return withChanges(policy, { waitlist: { passengersMax } });
}

/**
 * Tickets of one order, over all its lines: a full party changes trains once, and who travels alone sits on as many as an order may have. Nobody
 * has to have paid yet for what an order holds.
 */
export const orderTicketsMax = ({ ticketsMax }: Pick<Policy["order"], "ticketsMax">): number =>
  Math.max(linesPerOrderMax, 2 * ticketsMax);

export type PolicyVersion = {
  /** From 1, and never given twice. What was bought before versions were counted is of the first. */
  readonly version: number;
  readonly from: EpochMs;
  readonly policy: Policy;
};

/** All versions, as every process keeps them. */
export type Policies = {
  /** By their numbers. */
  all(): readonly PolicyVersion[];
  /** The one in force at that instant. */
  at(instant: EpochMs): PolicyVersion;
  /** The one that an order was bought under. @throws ServiceUnavailable while this process does not know it */
  of(version: number): PolicyVersion;
};

/** @param versions at least one; of two that begin at once, the later one holds */
export function policiesOf(versions: readonly PolicyVersion[]): Policies {
  const byVersion = new Map(versions.map((each) => [each.version, each]));
  const byTime = versions.toSorted((one, other) => one.from - other.from || one.version - other.version);
  const first = byTime[0]!;
  return {
    all: () => versions,
    at: (instant) => byTime.findLast(({ from }) => from <= instant) ?? first,
    of(version) {
      const found = byVersion.get(version);
      // Added a moment ago, and not read here yet: who asks tries again. Another version's terms would be wrong money.
      if (!found) throw new ServiceUnavailable("policy", `version ${version} is not known here yet`);
      return found;
    },
  };
}

export const firstPolicyVersion = (policy: Policy): PolicyVersion => ({ version: 1, from: epochMs(0), policy });
/** Of a railway whose rules have never changed. */
export const onlyPolicy = (policy: Policy): Policies => policiesOf([firstPolicyVersion(policy)]);

type Changes<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Changes<T[K]> | null }
    : T;
export type PolicyChanges = Changes<Policy>;

/** Another policy with those differences: objects are gone into, anything else stands in place of what was there, and null takes it away. */
export const withChanges = <T extends object>(base: T, changes: Changes<NoInfer<T>>): T =>
  frozen(merged(base, changes) as T);

function merged(base: unknown, changes: unknown): unknown {
  if (!isObject(base) || !isObject(changes)) return changes;
  const all: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete all[key];
    else if (value !== undefined) all[key] = merged(base[key], value);
  }
  return all;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
