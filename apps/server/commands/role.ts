/** `chepiao role`: makes somebody an operator or admin; the first admin has nobody else to ask. */
import { createArgon2Passwords } from "@chepiao/adapters/crypto";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { type Role, roles } from "@chepiao/contracts";
import { createIdSource, parseZone } from "@chepiao/kernel";
import { createUser } from "@chepiao/services/user";
import { readConfig } from "../config.ts";
import { type Command, readArgs, UsageError } from "./command.ts";
import { openCommandStores } from "./stores.ts";

const help = `npm run chepiao -- role USERNAME ROLE

Gives an account a role: ${roles.join(", ")}. A platform on a data folder must not be running; on a cluster it may, and
knows it within a minute.`;

export const roleCommand: Command = {
  about: "give an account a role: passenger, operator or admin",
  help,
  async run(args) {
    const { positionals } = readArgs(args, {}, help);
    const [username, role] = positionals;
    if (!username || !roles.includes(role as Role) || positionals.length !== 2) throw new UsageError(help);
    await using opened = await openCommandStores(readConfig(process.env));
    const users = createUser({
      users: opened.stores.users,
      sessions: opened.stores.sessions,
      vault: opened.vault,
      passwords: createArgon2Passwords(),
      clock: createSystemClock(),
      random: createSystemRandom(),
      ids: createIdSource(0),
      zone: parseZone("UTC")!,
    });
    const known = await users.setRole(username, role as Role);
    await users.stop();
    if (known) console.log(`${username} is now ${role}.`);
    else console.error(`There is no account "${username}".`);
    return known ? 0 : 1;
  },
};
