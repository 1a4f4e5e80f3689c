/** By what an account is known beside its username, and where its codes go: a phone, or a mail address where the railway's policy says so. */
import type { Policy, Refusal } from "@chepiao/contracts";
import { assert, ok, type Result } from "@chepiao/kernel";
import type { SealedContact, UserRecord } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import { maskEmail, maskPhone } from "./documents.ts";
import { emailIn } from "./emailAddresses.ts";
import { faultAt } from "./faults.ts";
import { phoneIn } from "./phoneNumbers.ts";
import { userEmail, userPhone } from "./sealedPlaces.ts";

export type ContactKind = Policy["account"]["knownBy"];
export type Contact = { readonly kind: ContactKind; readonly address: string };

/** The text behind the keyed hash that makes it unique. Case does not make a mail address another: hardly a provider tells one from the other. */
export const contactText = ({ kind, address }: Contact): string =>
  kind === "phone" ? `phone:${address}` : `email:${address.toLowerCase()}`;

/**
 * The text behind the key by which messages to it are counted: what follows a `+` is a note to whom the mailbox is, and hardly a provider takes
 * it for another. Only for counting: some do, and there it is another's account.
 */
export function mailboxText(contact: Contact): string {
  const text = contactText(contact);
  return contact.kind === "phone" ? text : text.replace(/(?<=:[^+@]+)\+[^@]*@/, "@");
}

/** As the policy said when the account was opened: one that has no phone is known by its mail address. */
export const knownBy = ({ phoneSealed }: Pick<UserRecord, "phoneSealed">): ContactKind =>
  phoneSealed === "" ? "email" : "phone";

export function contactOf(user: UserRecord, vault: Pick<Vault, "open">): Contact {
  const { userId, phoneSealed, emailSealed } = user;
  if (knownBy(user) === "phone") return { kind: "phone", address: vault.open(phoneSealed, userPhone(userId)) };
  assert(emailSealed !== null, "an account without a phone has a mail address");
  return { kind: "email", address: vault.open(emailSealed, userEmail(userId)) };
}

export const contactMasked = (user: UserRecord): string =>
  (knownBy(user) === "phone" ? user.phoneMasked : user.emailMasked) ?? "";

/** What is typed as the account's next contact: of the kind that it has, and as the policy takes them now. */
export function decideContact(
  user: Pick<UserRecord, "phoneSealed">,
  typed: string,
  { phoneRegions }: Pick<Policy, "phoneRegions">,
): Result<Contact, Refusal> {
  const kind = knownBy(user);
  const address = kind === "phone" ? phoneIn(typed, phoneRegions) : emailIn(typed);
  if (address === null) return faultAt("/contact", kind === "phone" ? "phoneNotTaken" : "emailNotTaken");
  return ok({ kind, address });
}

/** The columns of an account that has another contact. */
export const sealedContact = (
  user: UserRecord,
  { kind, address }: Contact,
  vault: Pick<Vault, "seal">,
): SealedContact => {
  const { userId, phoneSealed, phoneMasked, emailSealed, emailMasked } = user;
  return kind === "phone"
    ? { phoneSealed: vault.seal(address, userPhone(userId)), phoneMasked: maskPhone(address), emailSealed, emailMasked }
    : {
        phoneSealed,
        phoneMasked,
        emailSealed: vault.seal(address, userEmail(userId)),
        emailMasked: maskEmail(address),
      };
};
