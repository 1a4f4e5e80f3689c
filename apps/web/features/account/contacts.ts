/** What can be seen to be no phone number, or no mail address, while it is typed; which are taken is for the platform to say. */
import type { Railway, User } from "@chepiao/contracts";
import { useRailwayRules } from "../../lib/railwayRules.ts";

export type ContactKind = Railway["knownBy"];

export const isPhoneLike = (typed: string): boolean => /^\+?\d[\d ()./-]{6,24}$/.test(typed.trim());
export const isEmailLike = (typed: string): boolean => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(typed.trim());

/** By what accounts of this railway are known; a phone until it has said so. */
export const useKnownBy = (): ContactKind => useRailwayRules()?.knownBy ?? "phone";

/** What is shown of where an account is reached. */
export const contactShown = (me: Pick<User, "knownBy" | "phoneMasked" | "emailMasked">): string =>
  (me.knownBy === "phone" ? me.phoneMasked : me.emailMasked) ?? "";
