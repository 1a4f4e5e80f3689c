/** `chepiao config`: every setting, and whether they will do for real passengers. */
import { readConfig, showConfig } from "../config.ts";
import { goingLiveItems, holdAgainstList } from "../goingLive.ts";
import { type Command, readArgs } from "./command.ts";
import { inspectSurroundings } from "./surroundings.ts";

const help = `npm run chepiao -- config [--check]

Shows every setting with its value, where the value comes from, and what it means.
Settings are environment variables: PORT=9000 DATA_DIR=/var/lib/chepiao npm start
Any of them may instead be in a file that NAME_FILE names, as secrets are mounted: MYSQL_URL_FILE=/run/secrets/mysql

  --check   holds them against the list for going live (docs/operations/going-live.md), item by item;
            the exit code is 1 where \`serve\` would refuse to start`;

export const configCommand: Command = {
  about: "show every setting, or hold them against the list for going live",
  help,
  async run(args) {
    const { values } = readArgs(args, { check: { type: "boolean", default: false } }, help);
    if (values.check) return check();
    const shown = showConfig(process.env);
    const width = Math.max(...shown.map(({ env, value }) => env.length + value.length + 1));
    for (const { env, value, source, about } of shown) {
      console.log(`${`${env}=${value}`.padEnd(width)}  ${source.padEnd(11)}  ${about}`);
    }
    return 0;
  },
};

async function check(): Promise<number> {
  const config = readConfig(process.env);
  if (config.publicUrl === "") {
    console.log("Without PUBLIC_URL this is a platform to try out, and nothing is asked of it.");
    return 0;
  }
  const findings = holdAgainstList(await inspectSurroundings(config));
  for (const item of goingLiveItems) {
    const found = findings.find((finding) => finding.item === item);
    console.log(`${(found?.verdict ?? "ok").padEnd(8)} ${item.padEnd(16)} ${found?.says ?? ""}`.trimEnd());
  }
  return findings.some(({ verdict }) => verdict === "refused") ? 1 : 0;
}
