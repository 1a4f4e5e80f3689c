/**
 * `npm run fuzz`: starts the platform in a folder of its own and sends it everything that its description allows, and much that it
 * does not. Exit code 1 where it crashed, failed with a 5xx that is not declared, or broke a promise.
 *
 *   --requests=100000 --seed=1    how many, and which
 *   --connections=64 --workers=1  how wide, and by how many threads the platform serves
 *   --rss-max-mib=1536            more memory than this is a violation
 */
import { parseArgs } from "node:util";
import { fuzzPlatform } from "./lib/run.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    connections: { type: "string", default: "64" },
    workers: { type: "string", default: "1" },
    "rss-max-mib": { type: "string", default: "1536" },
  },
});

const whole = (name: keyof typeof values): number => {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  console.error(`--${name} takes a whole number from 1, not "${values[name]}".`);
  return process.exit(2);
};

const report = await fuzzPlatform({
  requests: whole("requests"),
  seed: whole("seed"),
  connections: whole("connections"),
  workers: whole("workers"),
  rssMaxMib: whole("rss-max-mib"),
  say: (line) => console.log(line),
});
const { requests, crashes, undeclared, violations } = report;
const failed = [crashes, undeclared, violations].filter((count) => count > 0).length;
// As every step of CI counts: three promises, each kept or not.
console.log(`${3 - failed} passed, ${failed} failed`);
console.log(`${requests} requests, ${crashes} crashes, ${undeclared} undeclared 5xx, ${violations} violations`);
process.exitCode = failed > 0 ? 1 : 0;
