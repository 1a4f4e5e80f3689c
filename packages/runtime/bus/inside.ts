/**
 * Who may knock at a role's inner door: processes of this platform. Roles listen on an address of their own, which the street
 * does not reach; and because one open port would otherwise be enough to hold every seat or to read who travels, whoever knocks
 * also shows a secret that follows from the keys all roles share.
 */
import { timingSafeEqual } from "node:crypto";

export const insideHeader = "x-chepiao-inside";

export function createInsideCheck(secret: string): (headers: Headers) => boolean {
  const expected = Buffer.from(secret);
  return (headers) => {
    const shown = headers.get(insideHeader);
    if (shown === null) return false;
    const given = Buffer.from(shown);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
}
