/** What a route's path takes: `:name` is one part of a path, `*` all that is left of it. */
export function patternOf(path: string): RegExp {
  const literal = path.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll(/:[A-Za-z]\w*/g, "[^/]+").replaceAll("*", ".*")}$`);
}
