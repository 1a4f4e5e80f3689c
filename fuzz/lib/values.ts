/** Values for declared places: such as fit, and such as a careless or a hostile caller sends. */
import type { Prng } from "@chepiao/kernel";
import { demoResidentId } from "@chepiao/services/user";
import { serviceDate } from "@chepiao/kernel";
import type { Schema } from "./document.ts";
import type { Known } from "./known.ts";

export type Draw = {
  readonly prng: Prng;
  readonly known: Known;
  readonly owner: number;
  readonly fixed: Readonly<Record<string, string>>;
};

/** One that is meant to fit its schema; where chance says so, one that has been seen. */
export function valueFor(schema: Schema, name: string, draw: Draw): unknown {
  const { prng, known, owner, fixed } = draw;
  if (Object.hasOwn(fixed, name)) return fixed[name];
  const choices = (schema["enum"] ?? schema["anyOf"]) as readonly unknown[] | undefined;
  if (schema["const"] !== undefined) return schema["const"];
  if (schema["enum"]) return prng.pick(choices!);
  if (schema["anyOf"]) return valueFor(prng.pick(choices!) as Schema, name, draw);
  switch (schema["type"]) {
    case "object":
      return objectFor(schema, draw);
    case "array": {
      const { minItems = 0, maxItems = 4 } = schema as { readonly minItems?: number; readonly maxItems?: number };
      const length = minItems + prng.below(Math.min(maxItems, minItems + 3) - minItems + 1);
      return Array.from({ length }, () => valueFor(schema["items"] as Schema, name, draw));
    }
    case "boolean":
      return prng.chance(0.5);
    case "null":
      return null;
    case "integer":
    case "number": {
      const seen = prng.chance(0.85) ? known.pick(prng, name, owner) : undefined;
      return typeof seen === "number" ? seen : numberFor(schema, prng);
    }
    default: {
      const seen = prng.chance(0.85) ? known.pick(prng, name, owner) : undefined;
      return typeof seen === "string" ? seen : textFor(schema, name, prng);
    }
  }
}

function objectFor(schema: Schema, draw: Draw): unknown {
  const { properties = {}, required = [] } = schema as {
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly required?: readonly string[];
  };
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => required.includes(name) || draw.prng.chance(0.4))
      .map(([name, inner]) => [name, valueFor(inner, name, draw)]),
  );
}

function numberFor(schema: Schema, prng: Prng): number {
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema as { minimum?: number; maximum?: number };
  const edges = [minimum, maximum, minimum + 1, Math.min(maximum, 2 ** 31), Math.min(maximum, 2 ** 53 - 1)];
  return prng.chance(0.3) ? prng.pick(edges) : Math.min(maximum, minimum + prng.below(1_000));
}

const digits = (prng: Prng, count: number) => Array.from({ length: count }, () => prng.below(10)).join("");
const letters = "abcdefghijkmnopqrstuvwxyz";
const word = (prng: Prng, length: number) => Array.from({ length }, () => letters[prng.below(letters.length)]).join("");
const orderNos = [
  "E90000000000000000",
  "E00000000000000000",
  "E99999999999999999",
  "E09223372036854775",
  "E90071992547409910",
];

/** By name, where a pattern alone would have to be turned around. */
const made: Readonly<Record<string, (prng: Prng) => string>> = {
  orderNo: (prng) => (prng.chance(0.5) ? prng.pick(orderNos) : `E${digits(prng, 17)}`),
  before: (prng) => (prng.chance(0.5) ? prng.pick(orderNos) : `E${digits(prng, 17)}`),
  username: (prng) => `f${word(prng, 3 + prng.below(12))}`,
  password: (prng) => word(prng, 8 + prng.below(120)),
  phone: (prng) => `1${3 + prng.below(7)}${digits(prng, 9)}`,
  email: (prng) => `${word(prng, 5)}@${word(prng, 5)}.example`,
  documentNumber: (prng) =>
    demoResidentId(serviceDate(`${1950 + prng.below(70)}-0${1 + prng.below(9)}-1${prng.below(9)}`), prng.below(900)),
  returnUrl: (prng) => `/${word(prng, 8)}?${word(prng, 3)}=${word(prng, 3)}`,
  channel: (prng) => (prng.chance(0.7) ? "sandbox" : word(prng, 6)),
};

function textFor(schema: Schema, name: string, prng: Prng): string {
  const own = made[name];
  if (own) return own(prng);
  if (schema["format"] === "date") {
    const year = prng.chance(0.8) ? 2026 + prng.below(2) : prng.below(10_000);
    const part = (max: number) => String(1 + prng.below(max)).padStart(2, "0");
    return `${String(year).padStart(4, "0")}-${part(12)}-${part(28)}`;
  }
  const { minLength = 1, maxLength = 40 } = schema as { readonly minLength?: number; readonly maxLength?: number };
  if (prng.chance(0.1)) return word(prng, maxLength);
  return word(prng, minLength + prng.below(Math.min(maxLength, minLength + 12) - minLength + 1));
}

/** By a mark between them, which none of them holds. */
const strangeWords =
  "¦ ¦0¦-1¦null¦undefined¦true¦[]¦{}¦NaN¦1e400¦0x10¦１２３¦١٢٣¦²¦-0¦9007199254740993¦18446744073709551616¦2026-02-30¦0000-01-01¦" +
  "9999-12-31¦2026-13-01¦+275760-09-13¦'¦' or 1=1--¦\"¦%¦%%¦_¦\\¦*¦?¦../../etc/passwd¦..¦.¦/¦//¦;¦|¦`id`¦\0¦a\0b¦\r\nx: y¦\t¦\u007f¦" +
  "\u0085¦\u2028¦\ufeff¦\u202e¦e\u0301\u0301\u0301¦ﷺ¦\u{1f469}\u200d\u{1f469}\u200d\u{1f467}¦\ud800¦\udfff\ud800¦ß¦İ¦ǅ¦北京¦北京南 ¦車站¦" +
  "__proto__¦constructor¦toString¦hasOwnProperty¦E90000000000000000¦E00000000000000000¦E99999999999999999¦e12345678901234567¦" +
  "E１２３４５６７８９０１２３４５６７¦<script>¦{{7*7}}¦${7*7}¦http://169.254.169.254/¦javascript:alert(1)¦//evil.example¦/\\evil.example";
const strange: readonly string[] = strangeWords.split("¦");
const numbers = [0, -0, -1, 0.5, 1e21, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), Number.MIN_VALUE];
const lengths = [1, 20, 21, 50, 51, 64, 65, 128, 129, 255, 256, 500, 501, 512, 513, 1_000, 3_000, 3_001];

export const strangeText = (prng: Prng): string => {
  if (prng.chance(0.15)) return prng.pick(["a", "9", "é", "票", "😀", "%", " "]).repeat(prng.pick(lengths));
  if (prng.chance(0.1))
    return String.fromCharCode(...Array.from({ length: 1 + prng.below(12) }, () => prng.below(0x1_0000)));
  return prng.pick(strange);
};

export function strangeValue(prng: Prng): unknown {
  const kind = prng.next();
  if (kind < 0.5) return strangeText(prng);
  if (kind < 0.7) return prng.pick(numbers);
  if (kind < 0.8) return prng.pick([null, true, false]);
  if (kind < 0.9) return Array.from({ length: prng.pick([0, 1, 6, 200]) }, () => prng.pick(strange));
  return { [prng.pick(strange)]: prng.pick(strange), __proto__: null };
}
