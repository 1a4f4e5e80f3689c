/**
 * Internet addresses as the networks they belong to: what is counted per address counts a whole /64 of IPv6, which one
 * subscriber has to himself (RFC 6177), and what is written down about people is cut shorter still.
 */

/** How many bits of an address are kept. */
export type NetworkBits = { readonly v4: number; readonly v6: number };

/**
 * The network an address lies in: `203.0.113.0/24`, `2001:db8:0:1::/64`; the address itself where all its bits are kept. IPv4
 * written as IPv6 (`::ffff:…`) is IPv4. Whatever is no address is `unknown`.
 */
export function networkOf(address: string, { v4, v6 }: NetworkBits): string {
  const bytes = v4BytesOf(address);
  if (bytes) return v4 >= 32 ? bytes.join(".") : `${masked(bytes, 8, v4).join(".")}/${v4}`;
  const groups = v6GroupsOf(address);
  if (!groups) return "unknown";
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high, low] = [groups[6]!, groups[7]!];
    return networkOf(`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`, { v4, v6 });
  }
  const kept = masked(groups, 16, v6);
  const used = v6 >= 128 ? 8 : Math.ceil(v6 / 16);
  const text = kept
    .slice(0, used)
    .map((group) => group.toString(16))
    .join(":");
  return v6 >= 128 ? text : `${text}::/${v6}`;
}

/** What attempts are counted by. */
export const countedNetwork = (address: string): string => networkOf(address, { v4: 32, v6: 64 });
/** What is written down of an address: enough to see where an attack comes from, not who is at home there. */
export const truncatedAddress = (address: string): string => networkOf(address, { v4: 24, v6: 48 });

/** It is counted by nobody: behind a proxy that is not believed everybody would be it. */
export const isThisMachine = (address: string): boolean => address.startsWith("127.") || address === "::1";

/** Addresses that no stranger has on the open internet: of this machine, of a network of one's own, of a proxy in front. */
export function isInside(address: string): boolean {
  if (isThisMachine(address)) return true;
  const bytes = v4BytesOf(address);
  if (bytes) {
    const [first, second] = bytes as [number, number];
    if (first === 10) return true;
    if (first === 172) return second >= 16 && second < 32;
    if (first === 100) return second >= 64 && second < 128;
    return (first === 192 && second === 168) || (first === 169 && second === 254);
  }
  return /^f(?:[cd][\da-f]{2}|e[89ab][\da-f]):/i.test(address);
}

function masked(parts: readonly number[], size: number, bits: number): number[] {
  return parts.map((part, n) => {
    const kept = Math.min(size, Math.max(0, bits - n * size));
    return part & ~((1 << (size - kept)) - 1);
  });
}

function v4BytesOf(text: string): number[] | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

/** Eight groups of 16 bits. */
function v6GroupsOf(text: string): number[] | null {
  // A zone names the interface of this machine, not the address.
  let whole = text.split("%", 1)[0]!;
  const dotted = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(whole);
  if (dotted) {
    const bytes = v4BytesOf(dotted[2]!);
    if (!bytes) return null;
    const pair = (at: number) => ((bytes[at]! << 8) | bytes[at + 1]!).toString(16);
    whole = `${dotted[1]}${pair(0)}:${pair(2)}`;
  }
  const halves = whole.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  if (tail ? missing < 1 : missing !== 0) return null;
  const groups = tail ? [...head!, ...Array.from({ length: missing }, () => "0"), ...tail] : head!;
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : null;
}
