/** A policy is read with sentences about what is wrong, and its versions are known before they hold. */
import { expect, test } from "bun:test";
import {
  type QueueLoadRules,
  queueRulesDefault,
  firstPolicyVersion,
  onlyPolicy,
  Policy,
  type PolicyChanges,
  policyProfiles,
  saidPolicy,
  ServiceUnavailable,
  weekdays,
  withChanges,
} from "@chepiao/contracts";
import { dayMs, epochMs } from "@chepiao/kernel";
import { createMemoryPolicyStore } from "@chepiao/ports/policy-store";
import { addPolicy, createPolicyRoom, differencesOf, policyNoticeMs, readPolicies, readPolicy } from "./index.ts";
import { railwayOf } from "./railway.ts";

const { "12306": china, "demo-metric": metric } = policyProfiles;
const faultsOf = (given: object) => {
  const read = readPolicy(JSON.stringify(given));
  return read.ok ? [] : read.error;
};
const changed = (changes: PolicyChanges) => faultsOf({ extends: "12306", ...changes });

test("the profiles that are shipped are without fault, and say so as files too", async () => {
  for (const profile of ["12306", "demo-metric"] as const) {
    const text = await Bun.file(`${import.meta.dir}/../../contracts/policies/${profile}.json`).text();
    const read = readPolicy(text);
    expect(read).toMatchObject({ ok: true });
    expect(differencesOf(read.ok ? read.value : china, policyProfiles[profile])).toEqual([]);
  }
});

test("the schema beside the profiles is that by which files are read", async () => {
  const path = `${import.meta.dir}/../../contracts/policies/policy.schema.json`;
  // POLICY_SCHEMA=write makes the file anew.
  const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", ...Policy };
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (process.env["POLICY_SCHEMA"] === "write") await Bun.write(path, text);
  else expect(await Bun.file(path).json()).toEqual(JSON.parse(text));
});

test("a fault is told with its path, what was found and what is allowed", () => {
  expect(changed({ sale: { closesMinutes: 2_000 } })).toEqual([
    "/sale/closesMinutes: found 2000; allowed: Sale ends this many minutes before the departure of the passenger's train (must be <= 1440).",
  ]);
  expect(changed({ sale: { opensAt: "8 o'clock" } })[0]).toStartWith(
    '/sale/opensAt: found "8 o\'clock"; allowed: Local time',
  );
  expect(changed({ service: { hours: { from: "05:00", to: "24:01" } } })[0]).toStartWith(
    '/service/hours/to: found "24:01"; allowed: Local time until which tickets are bought, such as 23:30',
  );
  expect(changed({ currency: null })).toEqual(["/currency: is missing; required: object."]);
  expect(changed({ languages: ["fr" as "en"] })[0]).toContain('/languages/0: found "fr"; allowed: "zh" or "en"');
  expect(changed({ fares: { discounts: { child: { second: 101 } } } })[0]).toStartWith(
    "/fares/discounts/child/second: found 101; allowed: Percent of the adult fare that is paid or ",
  );
  expect(faultsOf({ extends: "swiss" })).toEqual(['/extends: found "swiss"; allowed: 12306, demo-metric.']);
  expect(readPolicy("{")).toMatchObject({ ok: false, error: [expect.stringContaining("It is not JSON")] });
  expect(readPolicy("[]")).toMatchObject({ ok: false, error: ["The file must be an object, and is []."] });
});

test("a key that nothing reads is a fault, with the keys that are read", () => {
  expect(faultsOf({ extends: "12306", order: { ticketMax: 9 } })).toEqual([
    "/order/ticketMax: is not a key of a policy; allowed here: ticketsMax, perUserRun, perDocumentDay, unpaidMax, cancelsPerDay, standingCancelsPerOne.",
  ]);
});

const loadRules: QueueLoadRules = {
  waiting: { on: 500, off: 50 },
  unwrittenSeconds: { on: 20, off: 5 },
  afterSeconds: 10,
  calmSeconds: 60,
  perMinute: 600,
  inside: 300,
  lastsMinutes: 120,
};

test("values that do not go together are faults", () => {
  const cases: readonly (readonly [PolicyChanges, string])[] = [
    [{ risk: { mode: "on", refusePoints: 99 } }, "/risk/refusePoints: found 99; allowed: at least 100"],
    [
      { risk: { mode: "on", rules: [{ signal: "spacingMs", points: 5 }] } },
      "/risk/rules/0: found neither over nor under",
    ],
    [
      { risk: { mode: "on", rules: [{ signal: "spacingMs", over: 9, under: 9, points: 5 }] } },
      "/risk/rules/0/under: found 9; allowed: above 9",
    ],
    [
      { queue: { ...queueRulesDefault, load: { ...loadRules, waiting: { on: 50, off: 50 } } } },
      "/queue/load/waiting/off: found 50; allowed: below 50",
    ],
    [{ order: { perUserRun: 3 } }, "/order/perUserRun: found 3; allowed: at least 9"],
    [
      { waitlist: { passengersMax: 9 }, order: { ticketsMax: 5 } },
      "/waitlist/passengersMax: found 9; allowed: at most 5",
    ],
    [
      { waitlist: { deadline: { latest: 60, choices: [20, 360] } } },
      "/waitlist/deadline/choices/0: found 20; allowed: at least 60",
    ],
    [
      { waitlist: { deadline: { preset: 21 } } },
      "/waitlist/deadline/preset: found 21; allowed: one of /waitlist/deadline/choices",
    ],
    [
      { waitlist: { deadline: { choices: [], preset: 10 } } },
      "/waitlist/deadline/preset: found 10; allowed: at least 20",
    ],
    [
      { trips: { otherStationGapMinutes: 9 } },
      "/trips/otherStationGapMinutes: found 9; allowed: at least 10 (/trips/gapMinutes)",
    ],
    [{ payment: { lateSeconds: 901 } }, "/payment/lateSeconds: found 901; allowed: at most 900"],
    [{ passenger: { nameUnits: { min: 31 } } }, "/passenger/nameUnits/min: found 31; allowed: at most 30"],
    [{ phoneRegions: ["DE", "UK"] }, '/phoneRegions/1: found "UK"; allowed: a region of ISO 3166'],
    [{ documents: { nationalId: {} } }, "/documents/nationalId/pattern: is missing"],
    [{ currency: { code: "JPY" } }, "/currency/minorUnits: found 2; allowed: 0, as ISO 4217 says of JPY"],
    [{ currency: { code: "XYZ" } }, '/currency/code: found "XYZ"; allowed: a currency of ISO 4217'],
    [{ refund: { grades: [{ hoursBefore: 24, percent: 5 }] } }, "/refund/grades/0/hoursBefore: found 24; allowed: 0"],
    [
      {
        refund: {
          grades: [
            { hoursBefore: 24, percent: 5 },
            { hoursBefore: 24, percent: 5 },
            { hoursBefore: 0, percent: 9 },
          ],
        },
      },
      "/refund/grades/1/hoursBefore: found 24; allowed: less than the 24 before it",
    ],
  ];
  for (const [changes, fault] of cases) expect(changed(changes)).toEqual([expect.stringContaining(fault)]);
});

test("what the pages of help say of the railway is told to buyers, and no address there runs a script", () => {
  const help = { phone: "+41 44 123 45 67", email: "help@line.example", terms: "https://line.example/terms" };
  const read = readPolicy(JSON.stringify({ extends: "12306", help }));
  expect(railwayOf(firstPolicyVersion((read as { value: Policy }).value)).help).toMatchObject(help);
  for (const wrong of [{ terms: "javascript:alert(1)" }, { email: "nobody" }, { phone: "call us" }, { fax: "1" }])
    expect(faultsOf({ extends: "12306", help: wrong })).toHaveLength(1);
});

test("a file from before the waitlist is read as one that says nothing of it, as it was stored then too", async () => {
  const { waitlist: _, $schema: __, ...before } = metric;
  const read = readPolicy(JSON.stringify(before));
  expect(read).toEqual({ ok: true, value: { ...before, waitlist: { ...china.waitlist, passengersMax: 5 } } });
  // What is in force is written out, and may be put in force again.
  expect(readPolicy(JSON.stringify(saidPolicy(before)))).toEqual(read as never);
  expect(faultsOf({ ...before, waitlist: null })).toEqual([expect.stringContaining("/waitlist: is missing")]);
  expect(faultsOf({ ...before, order: null })).toEqual([expect.stringContaining("/order: is missing")]);
});

test("a file that extends nothing says every part but the waitlist, changes, connections, help, kinds of train and the hours at which tickets are bought", () => {
  const { $schema: _, ...whole } = china;
  for (const part of Object.keys(whole)) {
    const { [part as keyof typeof whole]: __, ...rest } = whole;
    expect([part, ...faultsOf(rest)]).toEqual(
      ["waitlist", "change", "transfer", "help", "trainTypes"].includes(part)
        ? [part]
        : [part, expect.stringContaining(`/${part}: is missing`)],
    );
  }
  expect(china.service).toBeUndefined();
  // Of 12306 there are changes; a file of its own that says nothing of them has none.
  const { change: _change, ...silent } = whole;
  expect(readPolicy(JSON.stringify(silent))).toEqual({ ok: true, value: silent });
  const byHours = { service: { hours: { from: "05:00", to: "01:00", weekdays: { tuesday: { to: "24:00" } } } } };
  expect(changed(byHours)).toEqual([]);
  expect(changed({ service: {} })).toEqual([]);
});

test("grades of changes are those of refunds in form: longest time first, the last from no hours", () => {
  const grades = (...hours: number[]) =>
    changed({ change: { grades: hours.map((hoursBefore) => ({ hoursBefore, percent: 10 })) } });
  expect(grades(24, 0)).toEqual([]);
  expect(grades(24, 48, 0)).toEqual(["/change/grades/1/hoursBefore: found 48; allowed: less than the 24 before it."]);
  expect(grades(24)).toEqual(["/change/grades/0/hoursBefore: found 24; allowed: 0, for the last grade."]);
  expect(changed({ change: { max: 0 } })[0]).toStartWith("/change/max: found 0; allowed: How often");
});

test("a weekday may be closed, and a week may not", () => {
  const faults = (own: object) => changed({ service: { hours: { from: "05:00", to: "01:00", weekdays: own } } });
  const { sunday, ...others } = Object.fromEntries(weekdays.map((day) => [day, "closed"]));
  expect(faults({ sunday })).toEqual([]);
  expect(faults(others)).toEqual([]);
  expect(faults({ sunday, ...others })).toEqual([
    "/service/hours/weekdays: found every day closed; allowed: at least one on which tickets are bought.",
  ]);
  expect(faults({ sunday: "open" })).toEqual([
    '/service/hours/weekdays/sunday: found "open"; allowed: an object of "from" and "to", such as 08:00 and 23:30 or "closed" (must match a schema in anyOf).',
  ]);
});

test("hours that would mean nearly the opposite are refused", () => {
  const faults = (from: string, to: string, sunday: object) =>
    changed({ service: { hours: { from, to, weekdays: { sunday } } } });
  expect(faults("09:00", "17:30", { from: "18:00" })).toEqual([
    '/service/hours/weekdays/sunday/from: found "18:00"; allowed: a time before the end at 17:30, or "to" beside it.',
  ]);
  expect(faults("05:00", "01:00", { from: "00:30" })).toEqual([expect.stringContaining("/sunday/from")]);
  expect(faults("09:00", "17:30", { to: "09:00" })).toEqual([expect.stringContaining("/sunday/to")]);
  expect(faults("09:00", "09:00", {})).toEqual([expect.stringContaining("/service/hours/to")]);
  for (const fine of [{ from: "10:00" }, { to: "01:00" }, { to: "24:00" }, { from: "18:00", to: "22:00" }])
    expect(faults("09:00", "17:30", fine)).toEqual([]);
  for (const fine of [{ from: "06:00" }, { to: "23:00" }, { to: "24:00" }])
    expect(faults("05:00", "01:00", fine)).toEqual([]);
});

test("a festival period is of days that there are, in their order", () => {
  const faults = (from: string, to: string) => changed({ refund: { festival: { periods: [{ from, to }] } } });
  expect(faults("2027-01-15", "2027-02-23")).toEqual([]);
  expect(faults("2027-02-30", "2027-03-01")).toEqual([expect.stringContaining("/refund/festival/periods/0/from")]);
  expect(faults("2027-02-01", "2027-02-30")).toEqual([expect.stringContaining("a day that there is")]);
  expect(faults("2027-02-23", "2027-01-15")).toEqual([expect.stringContaining("2027-02-23 or later")]);
  expect(faults("15 January", "2027-01-15")[0]).toContain("/refund/festival/periods/0/from");
});

test("who says one time between two trains means every change", () => {
  const gapsOf = (trips: object) => {
    const read = readPolicy(JSON.stringify({ extends: "12306", trips }));
    return read.ok ? Object.values(read.value.trips) : read.error;
  };
  expect(gapsOf({})).toEqual([china.trips.gapMinutes, 40]);
  expect([gapsOf({ gapMinutes: 45 }), gapsOf({ gapMinutes: 3 })]).toEqual([
    [45, 45],
    [3, 3],
  ]);
  expect(gapsOf({ gapMinutes: 3, otherStationGapMinutes: 20 })).toEqual([3, 20]);
});

test("a file that does not say by what accounts are known means a phone, as it was stored then too", () => {
  const { knownBy: _, ...account } = metric.account;
  const { $schema: __, ...before } = { ...metric, account };
  const read = readPolicy(JSON.stringify(before));
  expect(read).toMatchObject({ ok: true, value: { account: { passengersMax: 20, knownBy: "phone" } } });
  expect(readPolicy(JSON.stringify(saidPolicy(before)))).toEqual(read as never);
  expect(changed({ account: { knownBy: "email" } })).toEqual([]);
  expect(changed({ account: { knownBy: "fax" as "email" } })).toEqual([
    expect.stringContaining('/account/knownBy: found "fax"; allowed: phone or email'),
  ]);
});

test("an entry has no more passengers than an order where the file says nothing of that; what it says is held against it", () => {
  const passengersMaxOf = (given: object) => {
    const read = readPolicy(JSON.stringify(given));
    return read.ok ? read.value.waitlist.passengersMax : read.error;
  };
  expect(passengersMaxOf({ extends: "12306", order: { ticketsMax: 4 } })).toBe(4);
  expect(passengersMaxOf({ extends: "12306", order: { ticketsMax: 4 }, waitlist: { pendingMax: 1 } })).toBe(4);
  expect(passengersMaxOf({ extends: "demo-metric", order: { ticketsMax: 9 } })).toBe(5);
  expect(passengersMaxOf({ extends: "12306", order: { ticketsMax: 4 }, waitlist: { passengersMax: 5 } })).toEqual([
    expect.stringContaining("/waitlist/passengersMax: found 5; allowed: at most 4"),
  ]);
  expect(changed({ order: { ticketsMax: 0 } })).toEqual([expect.stringContaining("/order/ticketsMax: found 0")]);
});

test("a file says what differs from a profile; null takes a value away", () => {
  const read = readPolicy(
    JSON.stringify({ extends: "12306", documents: { residentId: null }, fares: { rounding: 100 } }),
  );
  expect(read).toMatchObject({ ok: true });
  if (!read.ok) return;
  expect(differencesOf(china, read.value)).toEqual([
    { path: "/documents/residentId", before: {}, after: undefined },
    { path: "/fares/rounding", before: 50, after: 100 },
  ]);
});

test("a platform begins with the policy it is given, and keeps it whatever it is given later", async () => {
  const store = createMemoryPolicyStore();
  const first = await createPolicyRoom(store, china);
  expect(first.policies.at(epochMs(0))).toMatchObject({ version: 1, policy: china });
  const dearer = withChanges(china, { refund: { minimum: 500 } });
  const again = await createPolicyRoom(store, dearer);
  expect(again.policies.at(epochMs(0))).toMatchObject({ version: 1, policy: china });
  // Its books are in yuan.
  expect(await createPolicyRoom(store, metric).catch(String)).toContain(
    "books are in CNY, and CHEPIAO_POLICY says EUR",
  );
});

test("a command before the first start goes by its environment and writes nothing: the platform begins with its own rules", async () => {
  const store = createMemoryPolicyStore();
  expect((await readPolicies(store, china)).at(epochMs(0)).policy).toBe(china);
  expect(await store.all()).toEqual([]);
  const platform = await createPolicyRoom(store, metric);
  expect(platform.policies.at(epochMs(0)).policy).toBe(metric);
  // From then on the command has what the platform has, whatever its environment says.
  expect((await readPolicies(store, china)).at(epochMs(0)).policy).toBe(metric);
});

test("another version holds from its moment, in processes that were there before it, and orders find theirs", async () => {
  const store = createMemoryPolicyStore();
  const room = await createPolicyRoom(store, china);
  const now = epochMs(Date.UTC(2026, 11, 1));
  const before = room.policies.at(now);
  const dearer = withChanges(china, { refund: { minimum: 500 } });
  const added = await addPolicy(store, { policy: dearer, from: epochMs(now + dayMs), now, seen: 1 });
  await room.reload();
  expect(room.policies.at(epochMs(now + dayMs - 1))).toBe(before);
  expect(room.policies.at(epochMs(now + dayMs))).toMatchObject({ version: added!.version, policy: dearer });
  expect([room.policies.of(1).policy.refund.minimum, room.policies.of(2).policy.refund.minimum]).toEqual([200, 500]);
});

test("an order of a version that is not known here yet is asked for again, and gets no other version's terms", () => {
  const { of } = onlyPolicy(china);
  expect(of(1).policy).toBe(china);
  expect(() => of(2)).toThrow(ServiceUnavailable);
});

test("what is to hold at once holds when every process has heard of it", async () => {
  const store = createMemoryPolicyStore();
  await createPolicyRoom(store, china);
  const now = epochMs(Date.UTC(2026, 11, 1));
  expect((await addPolicy(store, { policy: metric, from: null, now, seen: 1 }))!.from).toBe(
    epochMs(now + policyNoticeMs),
  );
  expect((await addPolicy(store, { policy: china, from: epochMs(now - dayMs), now, seen: 2 }))!.from).toBe(
    epochMs(now + policyNoticeMs),
  );
});

test("what somebody has compared with rules that are not the newest any more is not put in force", async () => {
  const store = createMemoryPolicyStore();
  await createPolicyRoom(store, china);
  const now = epochMs(Date.UTC(2026, 11, 1));
  const seen = (await store.all()).length;
  await addPolicy(store, { policy: withChanges(china, { refund: { minimum: 500 } }), from: null, now, seen });
  expect(await addPolicy(store, { policy: china, from: null, now, seen })).toBeNull();
  expect(await store.all()).toHaveLength(2);
});

test("a buyer reads how the railway's own documents are numbered, and nothing of those that are so everywhere", () => {
  expect(railwayOf(firstPolicyVersion(policyProfiles["12306"])).documentPatterns).toBeUndefined();
  const { documentPatterns } = railwayOf(firstPolicyVersion(policyProfiles["demo-metric"]));
  expect(documentPatterns).toEqual({ nationalId: "^[A-Z0-9]{6,12}$" });
});

test("a buyer reads what this railway calls its trains, where it has words for them", () => {
  expect(railwayOf(firstPolicyVersion(policyProfiles["12306"])).trainTypes?.emu).toEqual({ zh: "动车", en: "D train" });
  expect(railwayOf(firstPolicyVersion(policyProfiles["demo-metric"])).trainTypes).toBeUndefined();
  expect(changed({ trainTypes: { tram: { zh: "电车", en: "Tram" } } as object })[0]).toContain("/trainTypes");
});

test("a buyer reads until how long before departure which part of a fare is kept", () =>
  expect(railwayOf(firstPolicyVersion(policyProfiles["12306"])).refundGrades).toEqual([
    { hoursBefore: 192, percent: 0 },
    { hoursBefore: 48, percent: 5 },
    { hoursBefore: 24, percent: 10 },
    { hoursBefore: 0, percent: 20 },
  ]));
