/** Mail addresses, in the one form that is kept. Stricter than what mail allows: what nobody has, and carriers choke on, is a slip of the keyboard. */
import { withoutMarks } from "./marks.ts";

/** Of the whole, and of what stands before the `@` (RFC 5321, 4.5.3). */
const lengthMax = 254;
const localLengthMax = 64;

/**
 * Letters, digits and these marks, with single dots between: nothing in quotes, no comment, no name beside it; and nothing that a carrier's
 * command line would take for an option or a command. Logs hide what has this form (packages/runtime/observe/redact.ts).
 */
const localForm = /^(?!-)[\w!#$%&'*+/=?^{}~-]+(?:\.[\w!#$%&'*+/=?^{}~-]+)*$/;
/** Names with a dot, the last of which begins with a letter: an address of a machine is nobody's. */
const domainForm = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z](?:[a-z\d-]{0,61}[a-z\d])$/;
const lettersOfDomain = /^[\p{L}\p{M}\p{N}.-]+$/u;

/**
 * Null where it is no address, or more than one. The domain is written small and in letters of ASCII (`köln.example` is `xn--kln-sna.example`);
 * before the `@` it stays as it was typed, because a carrier may care.
 */
export function emailIn(text: string): string | null {
  const [local = "", domain = "", ...more] = withoutMarks(text).split("@");
  if (more.length > 0 || local.length > localLengthMax || !localForm.test(local)) return null;
  const ascii = asciiDomain(domain);
  if (ascii === null || !domainForm.test(ascii)) return null;
  const address = `${local}@${ascii}`;
  return address.length > lengthMax ? null : address;
}

/** As a browser reads it: one that it cannot spell out, or reads as a machine's address, is none. */
function asciiDomain(domain: string): string | null {
  if (!lettersOfDomain.test(domain)) return null;
  const small = domain.toLowerCase();
  const read = URL.parse(`http://${small}`)?.hostname ?? null;
  return /^[\x21-\x7e]+$/.test(small) && read !== small ? null : read;
}
