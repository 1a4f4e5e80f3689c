/** By what an account is known beside its username, and where its codes go: a phone, or a mail address where the railway's policy says so. */
import type { Policy } from "@chepiao/contracts";
import { assert } from "@chepiao/kernel";
import type { UserRecord } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
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
