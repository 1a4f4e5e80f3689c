/** `chepiao role`: makes an account an operator's or admin's; the first admin has no other to ask. */
import { type Role, roles } from "@chepiao/contracts";
import { readConfig } from "../config.ts";
import { type Command, readArgs, UsageError } from "./command.ts";
import { openCommandUsers } from "./users.ts";

const help = `npm run chepiao -- role USERNAME ROLE [--reason TEXT]

Gives an account a role: ${roles.join(", ")}. A platform on a data folder must not be running; on a cluster it may, and
knows it within a minute. The change is noted among the security events, with the reason.`;

export const roleCommand: Command = {
  about: "give an account a role: passenger, operator or admin",
  help,
  async run(args) {
    const { positionals, values } = readArgs(args, { reason: { type: "string" } }, help);
    const [username, role] = positionals;
    if (!username || !roles.includes(role as Role) || positionals.length !== 2) throw new UsageError(help);
    await using opened = await openCommandUsers(readConfig(process.env));
    const known = await opened.users.setRole(username, role as Role, values.reason);
    if (known) console.log(`${username} is now ${role}.`);
    else console.error(`There is no account "${username}".`);
    return known ? 0 : 1;
  },
};
