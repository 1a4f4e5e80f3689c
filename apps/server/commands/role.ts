/** `chepiao role`: gives an account a role of staff, and takes it away; the first admin has no other to ask. */
import { type Right, type Role, rights, rightsOf, roles } from "@chepiao/contracts";
import { readConfig } from "../config.ts";
import { type Command, CommandFailed, readArgs, UsageError } from "./command.ts";
import { operatorActs } from "./operator.ts";
import { openCommandUsers } from "./users.ts";

const help = `npm run chepiao -- role USERNAME ROLE [--reason TEXT]

Gives an account a role in place of the one that it has; "passenger" takes it away. What each may do beside buying:

${roles.map((role) => `  ${role.padEnd(10)} ${rightsText(rightsOf[role])}`).join("\n")}

A platform on a data folder must not be running; on a cluster it may, and knows it within a minute. The change is on the
audit trail, with the reason.`;

function rightsText(some: readonly Right[]): string {
  return some.length === rights.length ? "everything" : some.join(", ") || "nothing";
}

export const roleCommand: Command = {
  about: "give an account a role of staff, or take it away",
  help,
  async run(args) {
    const { positionals, values } = readArgs(args, { reason: { type: "string" } }, help);
    const [username, role] = positionals;
    if (!username || !roles.includes(role as Role) || positionals.length !== 2) throw new UsageError(help);
    await using opened = await openCommandUsers(readConfig(process.env));
    const user = await opened.find(username);
    if (user === null) throw new CommandFailed(`There is no account "${username}".`);
    const { reason } = values;
    await operatorActs(
      opened.auditTrail,
      {
        action: "changeRole",
        subject: `account ${user.userId}`,
        what: `make it ${role}`,
        before: user.role,
        ...(reason === undefined ? {} : { reason }),
      },
      async () => {
        if (!(await opened.users.setRole(username, role as Role, reason)))
          throw new CommandFailed(`${username} was changed or deleted meanwhile. Look again.`);
      },
      () => role,
    );
    console.log(`${username} is now ${role}.`);
    return 0;
  },
};
