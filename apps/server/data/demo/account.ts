/** The login of the demo network, so that a newcomer can buy at once. Its people are made up. */
import type { Policy } from "@chepiao/contracts";
import { type CountryCode, getExampleNumber } from "libphonenumber-js/min";
import examples from "libphonenumber-js/mobile/examples";
import { serviceDate } from "@chepiao/kernel";
import type { Identity } from "@chepiao/ports/identity-verifier";
import { decideAccount, demoResidentId, type SeedAccount } from "@chepiao/services/user";

/** Said where it was there from before and is not to be. */
export const demoRetired = "the login that everybody knows was still there from before, and is disabled now";

/** Said where the first rules would let it in, and those of today do not. */
export const demoLeftOut = "the login that everybody knows is not there: the railway's rules of today do not let it in";

const demoPhone = "13800000001";

export const demoAccount: SeedAccount = {
  account: {
    username: "demo",
    password: "chepiao-demo",
    realName: "张伟",
    documentType: "residentId",
    documentNumber: demoResidentId(serviceDate("1990-03-07"), 1),
    phone: demoPhone,
    email: "demo@example.com",
  },
  passengers: [
    { name: "李娜", documentType: "residentId", documentNumber: demoResidentId(serviceDate("1991-08-15"), 2) },
    {
      name: "王小明",
      documentType: "residentId",
      documentNumber: demoResidentId(serviceDate("2018-05-20"), 3),
      ticketType: "child",
    },
    { name: "Anna Schmidt", documentType: "passport", documentNumber: "C01X00T47" },
    {
      name: "陈晨",
      documentType: "residentId",
      documentNumber: demoResidentId(serviceDate("2005-11-02"), 4),
      ticketType: "student",
    },
  ],
};

/** Where the railway takes no documents of China. */
const demoAccountAbroad: SeedAccount = {
  account: {
    ...demoAccount.account,
    realName: "Erik Sommer",
    documentType: "passport",
    documentNumber: "C01X00T48",
  },
  passengers: [
    { name: "Anna Schmidt", documentType: "passport", documentNumber: "C01X00T47" },
    {
      name: "Mia Sommer",
      documentType: "passport",
      documentNumber: "C01X00T49",
      birthDate: "2018-05-20",
      ticketType: "child",
    },
  ],
};

/** The one that the railway's rules would let in; null where they let in neither. */
export function demoAccountFor(policy: Policy, today = todayInUtc()): SeedAccount | null {
  const abroad = { ...demoAccountAbroad, account: { ...demoAccountAbroad.account, phone: phoneIn(policy) } };
  const both = policy.account.knownBy === "email" ? [demoAccount, abroad].map(withoutPhone) : [demoAccount, abroad];
  return both.find(({ account }) => decideAccount(account, today, policy).ok) ?? null;
}

/** Of staff, on a platform that is tried out at home: whoever reads this may cancel its trains. */
export const demoOperator: SeedAccount = {
  account: {
    username: "operator",
    password: "chepiao-operator",
    realName: "赵敏",
    documentType: "residentId",
    documentNumber: demoResidentId(serviceDate("1985-04-12"), 5),
    phone: "13800000002",
    email: "operator@example.com",
  },
  role: "operator",
};

/** As the railway's rules would let it in; null where they do not. */
export function demoOperatorFor(policy: Policy, today = todayInUtc()): SeedAccount | null {
  const abroad: SeedAccount = {
    ...demoOperator,
    account: {
      ...demoOperator.account,
      realName: "Mara Winter",
      documentType: "passport",
      documentNumber: "C01X00T50",
      phone: phoneIn(policy).replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)),
    },
  };
  const both = policy.account.knownBy === "email" ? [demoOperator, abroad].map(withoutPhone) : [demoOperator, abroad];
  return both.find(({ account }) => decideAccount(account, today, policy).ok) ?? null;
}

/** Where accounts are known by their mail addresses. */
function withoutPhone(seed: SeedAccount): SeedAccount {
  const { phone: _, ...account } = seed.account;
  return { ...seed, account };
}

/** An example of the numbering plan of the railway's first region: nobody has it. */
function phoneIn({ phoneRegions }: Policy): string {
  return getExampleNumber(phoneRegions[0] as CountryCode, examples)?.number ?? demoPhone;
}

const todayInUtc = () => serviceDate(new Date().toISOString().slice(0, 10));

/** As the service that is practised with knows them by name. */
export const demoPeople: readonly Identity[] = [
  { ...demoAccount.account, name: demoAccount.account.realName },
  ...(demoAccount.passengers ?? []),
].map(({ name, documentType, documentNumber }) => ({ name, documentType, documentNumber }));
