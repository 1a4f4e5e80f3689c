/** The policy that a platform begins with. */
import { type Policy, type PolicyProfile, policyProfiles } from "@chepiao/contracts";
import { BadSetting, setting } from "@chepiao/room";
import { profileNames, readPolicy } from "./read.ts";

export const firstPolicy = setting(
  "CHEPIAO_POLICY",
  "12306",
  `The railway's rules at the first start: ${profileNames.join(" or ")}, a file, or JSON. Later ones: chepiao policy set.`,
  read,
);

function read(text: string): Policy {
  const said = text.trim();
  if (Object.hasOwn(policyProfiles, said)) return policyProfiles[said as PolicyProfile];
  const policy = readPolicy(said);
  if (!policy.ok)
    throw new BadSetting(`a policy without faults:\n\n${policy.error.map((each) => `  ${each}`).join("\n")}\n`);
  return policy.value;
}
