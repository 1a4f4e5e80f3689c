/** What engines are told of the time to pay, before any room is open. */
import { secondMs } from "@chepiao/kernel";
import { firstPolicy } from "@chepiao/services/policy";
import { type Config, settingIn } from "../config.ts";

/**
 * By the policy that the platform was started with. Under a later one that gives more time, a claim that is not yet written ends earlier, minutes
 * after it would have been; and the delay only makes the end of unpaid orders cheaper to find.
 */
export const timeToPayMs = (config: Config): number => settingIn(config)(firstPolicy).payment.seconds * secondMs;
