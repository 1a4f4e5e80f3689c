/**
 * Who comes to a rehearsal: people and bots, made up from a seed. Each is a row of typed arrays; whatever one does by chance follows from seed, row and occasion,
 * so that the same crowd comes again however fast the machine is.
 */
import { addDays, assert, type ServiceDate, serviceDate } from "@chepiao/kernel";

export type CrowdWish = {
  readonly people: number;
  readonly bots: number;
  readonly seed: number;
  /** How many bot accounts have one document. */
  readonly accountsPerBotDocument: number;
};

export type Crowd = CrowdWish & {
  /** People are the rows below `people`, bots those from there on. */
  readonly size: number;
  readonly isBot: (row: number) => boolean;
  readonly isSlow: (row: number) => boolean;
  /** In [0, 1), always the same for a row and an occasion. */
  readonly chance: (row: number, occasion: number) => number;
  readonly addressOf: (row: number) => string;
  readonly personOf: (row: number) => {
    readonly username: string;
    readonly name: string;
    readonly born: ServiceDate;
    readonly sequence: number;
  };
};

/** Of people; bots sit in a data centre. */
export const slowShare = 0.2;
/** Accounts behind one address of bots. */
export const botsPerAddress = 2_000;
const usernamePrefix = "rehearsal-";

const firstBirth = serviceDate("1950-01-01");
/** Numbers of one day that are nobody's and have no meaning of their own to the register that is practised with. */
const documentsPerDay = 900;
export const crowdMax = 2_000_000;

export function createCrowd(wish: CrowdWish): Crowd {
  const { people, bots, seed, accountsPerBotDocument } = wish;
  const size = people + bots;
  assert(size > 0 && size <= crowdMax, `a crowd is of 1 to ${crowdMax}`);
  const chance = (row: number, occasion: number) => mixed(seed, row, occasion) / 2 ** 32;
  const isBot = (row: number) => row >= people;
  return {
    ...wish,
    size,
    isBot,
    chance,
    isSlow: (row) => !isBot(row) && chance(row, 0) < slowShare,
    // 198.18.0.0/15 is for measurements (RFC 2544): nobody's, and yet none of a network of one's own, which is not counted.
    addressOf: (row) =>
      isBot(row)
        ? `198.19.${Math.floor((row - people) / botsPerAddress / 250) % 256}.${1 + (Math.floor((row - people) / botsPerAddress) % 250)}`
        : `198.18.${Math.floor(row / 250) % 256}.${1 + (row % 250)}`,
    personOf(row) {
      const document = isBot(row) ? people + Math.floor((row - people) / accountsPerBotDocument) : row;
      return {
        username: `${usernamePrefix}${row}`,
        name: `${isBot(row) ? "抢票" : "旅客"}${document}`,
        born: addDays(firstBirth, Math.floor(document / documentsPerDay)),
        sequence: document % documentsPerDay,
      };
    },
  };
}

/** Murmur3's finaliser over all three. */
function mixed(seed: number, row: number, occasion: number): number {
  let hash = Math.imul(seed, 0x9e3779b1) ^ Math.imul(row + 1, 0x85ebca6b) ^ Math.imul(occasion + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
