import { showConfig } from "../config.ts";
import type { Command } from "./command.ts";

const help = `npm run chepiao -- config

Shows every setting with its value, where the value comes from, and what it means.
Settings are environment variables: PORT=9000 DATA_DIR=/var/lib/chepiao npm start`;

export const configCommand: Command = {
  about: "show every setting, its value and where it comes from",
  help,
  async run() {
    const shown = showConfig(process.env);
    const width = Math.max(...shown.map(({ env, value }) => env.length + value.length + 1));
    for (const { env, value, source, about } of shown) {
      console.log(`${`${env}=${value}`.padEnd(width)}  ${source.padEnd(11)}  ${about}`);
    }
    return 0;
  },
};
