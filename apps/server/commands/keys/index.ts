/** `chepiao keys`: makes the keys of a platform, shares them out to its roles, and replaces them while it sells. */
import { existsSync } from "node:fs";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { keyHolders } from "../../roleKeys.ts";
import { type Command, readArgs, UsageError } from "../command.ts";
import { drop } from "./drop.ts";
import { rotate } from "./rotate.ts";
import { show } from "./show.ts";
import { split } from "./split.ts";

const help = `npm run chepiao -- keys FILE
                       keys split FILE [FOLDER] [--roles=ROLE,…]
                       keys show FILE
                       keys rotate FILE [--after 24h] [--only=sealing,signing,secrets]
                       keys drop FILE KEY

keys FILE    makes the keys of a platform, and never over a file that is there. They are as precious as the
             database: without them nobody can log in and no saved document can be read. Keep a copy elsewhere.
split        writes for each role a file with what that role needs of them and no more: keys.ROLE.json, into FOLDER
             or beside FILE; for --roles, one file for a process that has these. Roles are given theirs as
             KEYS_FILE, and FILE itself stays where no process runs. Holders: ${keyHolders.join(", ")}
show         lists what is in a file, without the keys themselves
rotate       adds new keys, which are used once the time after --after has passed (30m, 24h, 7d; 0 for at once).
             Until then every process has to be given its new file: split again. Processes look at theirs each
             minute. "secrets" are what processes show each other; for those, all have to be started again
drop         takes a signing key out that is not in use: tickets that it signed are refused from then on

More: docs/operations/keys.md`;

const options = {
  roles: { type: "string" },
  after: { type: "string" },
  only: { type: "string" },
} as const;

export const keysCommand: Command = {
  about: "make, share out and replace the keys of a platform",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [first, ...rest] = positionals;
    const [file, more] = rest;
    const usage = new UsageError(help);
    const only = (allowed: readonly (keyof typeof values)[], positionalsMax: number) => {
      const given = Object.keys(values) as (keyof typeof values)[];
      if (!file || rest.length > positionalsMax || given.some((name) => !allowed.includes(name))) throw usage;
      return file;
    };
    switch (first) {
      case "split":
        return split(only(["roles"], 2), more, values.roles);
      case "show":
        return show(only([], 1));
      case "rotate":
        return rotate(only(["after", "only"], 1), values.after, values.only);
      case "drop":
        if (!more) throw usage;
        return drop(only([], 2), more);
      default:
        if (!first || rest.length > 0 || Object.keys(values).length > 0) throw usage;
        return make(first);
    }
  },
};

async function make(file: string): Promise<number> {
  const wasThere = existsSync(file);
  // Reads what is there, too, and says what is wrong with it.
  const [present] = createVault(await loadOrCreateKeys(file)).publicKeys();
  console.log(`${file} ${wasThere ? "is there already" : "was made"}; it signs with ${present!.keyId}.`);
  return 0;
}
