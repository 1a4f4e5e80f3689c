/**
 * What an expression of PromQL asks for: metrics with the labels that it looks at. Only the form is read that rules of ours have; that an
 * expression is one at all says promtool.
 */

export type Matcher = { readonly label: string; readonly operator: string; readonly value: string };
export type Selector = { readonly metric: string; readonly matchers: readonly Matcher[] };
export type Asked = {
  readonly selectors: readonly Selector[];
  /** By which it groups or matches: `by (role)`, `on (queue, scope)`. */
  readonly labels: readonly string[];
};

const groupings = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
/** A name, with what stands in braces behind it; no function, and no duration such as [5m]. */
const selected = /(?<![\w.])([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?(?!\s*\()(?![\w:])/g;
const matched = /(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g;
const words = new Set(["and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "inf", "nan"]);

export function readPromql(expression: string): Asked {
  const labels = [...expression.matchAll(groupings)].flatMap(([, names]) =>
    names!.split(",").map((name) => name.trim()),
  );
  const rest = expression.replaceAll(groupings, " ").replaceAll(/\[[^\]]*\]|\boffset\s+\w+/g, " ");
  const selectors = [...rest.matchAll(selected)]
    .filter(([, name]) => !words.has(name!.toLowerCase()))
    .map(([, metric, inside = ""]) => ({
      metric: metric!,
      matchers: [...inside.matchAll(matched)].map(([, label, operator, value]) => ({
        label: label!,
        operator: operator!,
        value: value!,
      })),
    }));
  return { selectors, labels };
}

/** As Prometheus takes it: a regular expression is held against the whole value. */
export function isMatched({ operator, value }: Matcher, said: string): boolean {
  const isEqual = operator.endsWith("~") ? new RegExp(`^(?:${value})$`).test(said) : said === value;
  return operator.startsWith("!") ? !isEqual : isEqual;
}
