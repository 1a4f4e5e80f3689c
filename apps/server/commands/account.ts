/** `chepiao account`: disables an account, enables it again, or takes its password away; each with a reason that is kept. */
import type { ForcedReset } from "@chepiao/services/user";
import { readConfig } from "../config.ts";
import { oneTimeCodeTtlMs, minuteMs } from "@chepiao/kernel";
import { type Command, CommandFailed, readArgs, UsageError } from "./command.ts";
import { operatorActs } from "./operator.ts";
import { type CommandUsers, openCommandUsers } from "./users.ts";

const help = `npm run chepiao -- account disable NAME --reason TEXT
npm run chepiao -- account enable NAME --reason TEXT
npm run chepiao -- account reset NAME --reason TEXT [--show-code]

NAME is a username, a phone or a mail address. "disable" ends every session of the account and lets nobody log in to it; orders go on.
"reset" takes the password away and ends every session; a code that is sent to the account's phone or mail address sets a new one. With
--show-code it is shown here instead, for a person whose identity you have checked: it is valid for ${oneTimeCodeTtlMs / minuteMs} minutes.

The reason is kept on the audit trail. A platform on a data folder must not be running; on a cluster it may, and
knows it within a minute.`;

type Change = (opened: CommandUsers, name: string, reason: string, showCode: boolean) => Promise<string>;

/** Each answers what it did. */
const changes: Readonly<Record<string, Change>> = {
  async disable({ users }, name, reason) {
    if (!(await users.setStatus(name, "disabled", reason))) throw goneMeanwhile(name);
    return `${name} is disabled.`;
  },
  async enable({ users }, name, reason) {
    if (!(await users.setStatus(name, "active", reason))) throw goneMeanwhile(name);
    return `${name} may log in again.`;
  },
  async reset({ users, canSend }, name, reason, showCode) {
    if (!showCode && !canSend)
      throw new CommandFailed("Nobody carries messages here. With --show-code the code is shown to you.");
    const reset = await users.forceReset(name, reason, !showCode);
    if (reset === null) throw goneMeanwhile(name);
    return resetSaid(name, reset, showCode);
  },
};

const goneMeanwhile = (name: string) => new CommandFailed(`${name} was changed or deleted meanwhile. Look again.`);

export function resetSaid(name: string, reset: ForcedReset, showCode: boolean): string {
  if (reset.notSent !== undefined)
    throw new CommandFailed(
      `The password of ${name} is taken away. No code was sent (${reset.notSent}); --show-code shows one.`,
    );
  if (reset.code !== null && !showCode)
    return `The password of ${name} is taken away. No code was sent: nobody carries messages there, or another account has proved its phone or mail address. --show-code shows one.`;
  return reset.code === null
    ? `The password of ${name} is taken away; a code was sent to ${reset.contactMasked}.`
    : `The password of ${name} is taken away. This code sets a new one: ${reset.code}`;
}

const reasonLengthMax = 200;

export const accountCommand: Command = {
  about: "disable or enable an account, or take its password away",
  help,
  async run(args) {
    const options = { reason: { type: "string" }, "show-code": { type: "boolean" } } as const;
    const { positionals, values } = readArgs(args, options, help);
    const [what = "", name] = positionals;
    const change = Object.hasOwn(changes, what) ? changes[what] : undefined;
    const reason = values.reason?.trim() ?? "";
    const showCode = values["show-code"] ?? false;
    if (!change || !name || positionals.length !== 2 || (showCode && what !== "reset")) throw new UsageError(help);
    if (reason === "" || reason.length > reasonLengthMax)
      throw new UsageError(`A reason is needed, of ${reasonLengthMax} characters at most.\n\n${help}`);
    await using opened = await openCommandUsers(readConfig(process.env));
    const user = await opened.find(name);
    if (user === null) throw new CommandFailed(`There is no account "${name}".`);
    const note = {
      action: "changeAccount",
      subject: `account ${user.userId}`,
      what,
      reason,
      before: user.status,
    } as const;
    console.log(await operatorActs(opened.auditTrail, note, () => change(opened, name, reason, showCode)));
    return 0;
  },
};
