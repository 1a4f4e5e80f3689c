/** A platform of a test goes by the default policy but for a few values. */
import { type PolicyChanges, withChanges } from "@chepiao/contracts";

/** A few people of a test do what thousands do on a sale day. */
const withoutHoardingLimits: PolicyChanges = { order: { unpaidMax: 0, cancelsPerDay: 0 } };

/** The same tests hold of another railway: `CHEPIAO_TEST_POLICY=demo-metric`. */
export const policyOfTests = process.env["CHEPIAO_TEST_POLICY"] ?? "12306";

/** As a setting; of what is changed twice, the later holds. */
export const policySetting = (...changes: readonly PolicyChanges[]) => {
  const all = [withoutHoardingLimits, ...changes].reduce((sum, each) => withChanges<PolicyChanges>(sum, each));
  return { CHEPIAO_POLICY: JSON.stringify({ extends: policyOfTests, ...all }) };
};

/** However soon the train leaves. */
export const timeToPay = (seconds: number): PolicyChanges => ({ payment: { seconds, lateSeconds: seconds } });
