/**
 * The 10,000 commonest passwords of eight characters or more: shorter ones are refused anyway. They come from the list of
 * zxcvbn-ts, in order of how often each was found in leaks. It knows few Chinese ones, so those that everybody here knows are
 * added. What stays in memory is a hash of each, 40 KB; one good password in 400,000 has the hash of a common one.
 */
import { readFileSync } from "node:fs";

const lengthMin = 8;
const countMax = 10_000;

/** 我爱你, 一生一世, 520 (我爱你) and 1314 (一生一世), as they are joined in passwords. */
const joinedInChinese = (() => {
  const loves = [
    "woaini",
    "woaiwo",
    "woaiwojia",
    "aini",
    "iloveyou",
    "love",
    "520",
    "5201314",
    "1314520",
    "qq",
    "a",
    "abc",
  ];
  const numbers = [
    "",
    "1314",
    "520",
    "521",
    "5201314",
    "1314520",
    "123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
  ];
  return loves.flatMap((love) => numbers.map((number) => love + number));
})();

/** Reads the list when it is first asked. */
export function createCommonPasswords(): (password: string) => boolean {
  let hashes: Uint32Array | null = null;
  return (password) => {
    hashes ??= readHashes();
    return has(hashes, hashOf(password.toLowerCase()));
  };
}

function readHashes(): Uint32Array {
  const file = new URL(import.meta.resolve("@zxcvbn-ts/language-common/src/passwords.json"));
  const byFrequency = JSON.parse(readFileSync(file, "utf8")) as readonly string[];
  const long = (list: readonly string[]) => list.filter((password) => password.length >= lengthMin);
  return Uint32Array.from([...long(byFrequency).slice(0, countMax), ...long(joinedInChinese)], hashOf).sort();
}

const hashOf = (text: string): number => Bun.hash.xxHash32(text);

/** Halves the sorted list until one is left. */
function has(sorted: Uint32Array, hash: number): boolean {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle]! < hash) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === hash;
}
