/**
 * Whose a phone is. Who registers only names one; who reads a code there has it, and takes it from an account that named it and
 * never read one. Before that nobody has it, but where no codes are sent, and in accounts from then: there it is the first's who named it.
 * Nobody who has not read a code hears whether a phone is another's.
 */
import { type Refusal, refusal } from "@chepiao/contracts";
import { ok, refuse, type Result } from "@chepiao/kernel";
import type { UserRecord } from "@chepiao/ports/user-store";
import type { Attempts } from "./attempts.ts";
import { phoneText } from "./decide.ts";
import type { UserDeps } from "./deps.ts";
import { faultAt } from "./faults.ts";
import { codesFor } from "./oneTimeCodes.ts";
import { userPhone } from "./sealedPlaces.ts";

export type PhonesDeps = Pick<UserDeps, "users" | "vault" | "clock" | "random" | "codes" | "messenger"> & {
  readonly attempts: Attempts;
};

export const isPhoneProved = ({ phoneProvedAt }: UserRecord): boolean => phoneProvedAt > 0;

export function createPhones(deps: PhonesDeps) {
  const { users, vault, clock, attempts } = deps;
  const codes = codesFor("phoneProof", deps);

  const numberOf = ({ phoneSealed, userId }: UserRecord) => vault.open(phoneSealed, userPhone(userId));
  const hashOf = (phone: string) => vault.fingerprint(phoneText(phone));

  /** The account that has this one's phone, where it is not this one. */
  async function otherHolder(user: UserRecord, phone: string): Promise<UserRecord | null> {
    const holder = await users.byLogin("phone", hashOf(phone));
    return holder?.userId === user.userId ? null : holder;
  }

  return {
    hashOf,
    /** Where messages to the account go; null where another account has its phone. */
    async reached(user: UserRecord): Promise<string | null> {
      const phone = numberOf(user);
      return (await otherHolder(user, phone)) ? null : phone;
    },

    async sendCode(user: UserRecord, language: "zh" | "en"): Promise<Result<null, Refusal>> {
      const phone = numberOf(user);
      const allowed = await attempts.provePhone(user.userId, hashOf(phone));
      if (!allowed.ok) return allowed;
      await codes.send(phone, await codes.make(user.userId), language);
      return ok(null);
    },

    /** Once a day, whoever has proved the phone hears that another account names it: he may have forgotten that he has one. */
    async tellHolder(user: UserRecord, language: "zh" | "en"): Promise<void> {
      const phone = numberOf(user);
      const other = await otherHolder(user, phone);
      if (!other || !isPhoneProved(other) || !(await attempts.tellHolder(hashOf(phone))).ok) return;
      await deps.messenger!.send({
        messageId: deps.random.token(16),
        channel: "sms",
        to: phone,
        template: "phoneNamedAgain",
        facts: {},
        language,
      });
    },

    /**
     * The account afterwards. A wrong code, an old one and one that was used are refused alike. Only who has read the code hears that
     * the phone is another account's.
     */
    async prove(user: UserRecord, code: string): Promise<Result<UserRecord, Refusal>> {
      const { userId } = user;
      if (!(await codes.try(userId, code)) || !(await codes.use(userId, code)))
        return faultAt("/code", "codeWrong", "PhoneCodeWrong");
      const now = clock.now();
      if (!(await users.provePhone(userId, hashOf(numberOf(user)), now))) return refuse(refusal("PhoneTaken"));
      return ok({ ...user, phoneProvedAt: now });
    },
  };
}

export type Phones = ReturnType<typeof createPhones>;
