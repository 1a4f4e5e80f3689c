/** `chepiao role`: makes somebody an operator or admin; the first admin has nobody else to ask. */
import { createArgon2Passwords, createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createSqlSessionStore, createSqlUserStore } from "@chepiao/adapters/sql";
import { openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { type Role, roles } from "@chepiao/contracts";
import { createIdSource, parseZone } from "@chepiao/kernel";
import { createUser } from "@chepiao/services/user";
import { readConfig } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { type Command, readArgs, UsageError } from "./command.ts";

const help = `npm run chepiao -- role USERNAME ROLE

Gives an account a role: ${roles.join(", ")}. The platform must not be running on the data folder.`;

export const roleCommand: Command = {
  about: "give an account a role: passenger, operator or admin",
  help,
  async run(args) {
    const { positionals } = readArgs(args, {}, help);
    const [username, role] = positionals;
    if (!username || !roles.includes(role as Role) || positionals.length !== 2) throw new UsageError(help);
    const { dataDir, keysFile } = readConfig(process.env);
    using folder = openDataFolder(dataDir, keysFile);
    await using database = await openSqlite(folder.database);
    const users = createUser({
      users: createSqlUserStore(database.sql),
      sessions: createSqlSessionStore(database.sql),
      vault: createVault(await loadOrCreateKeys(folder.keys)),
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
