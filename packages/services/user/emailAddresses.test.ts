/** Mail addresses, however people type them. */
import { expect, test } from "bun:test";
import { contactText, mailboxText } from "./contact.ts";
import { maskEmail } from "./documents.ts";
import { emailIn } from "./emailAddresses.ts";

test("an address is kept in one form, however it is typed, and is one account's in any case", () => {
  for (const text of [
    "Erik.Sommer@example.com",
    "  Erik.Sommer@EXAMPLE.com ",
    "Ｅrik.Sommer＠example.com",
    "\u202dErik.Sommer@example.com\u202c",
  ])
    expect([text, emailIn(text)]).toEqual([text, "Erik.Sommer@example.com"]);
  expect(emailIn("o'neil+rail_1@mail.example.co.uk")).toBe("o'neil+rail_1@mail.example.co.uk");
  for (const domain of ["Köln.example", "XN--kln-sna.example"])
    expect([domain, emailIn(`anna@${domain}`)]).toEqual([domain, "anna@xn--kln-sna.example"]);
  expect(contactText({ kind: "email", address: "Erik.Sommer@example.com" })).toBe("email:erik.sommer@example.com");
});

test("what is no address, more than one, or an address with something beside it is none", () => {
  const label = "a".repeat(63);
  for (const text of [
    "",
    "demo",
    "@example.com",
    "demo@",
    "demo@localhost",
    "demo@example.c",
    "demo@192.168.0.1",
    "demo@[192.168.0.1]",
    "demo@127.0.0.0x1",
    "demo@example.1st",
    "demo@xn--a.example",
    "demo@example.xn--0",
    "-oQ/tmp@example.com",
    "`id`@example.com",
    "a|b@example.com",
    "demo@-example.com",
    "demo@example..com",
    "demo@example.com.",
    "demo@exa_mple.com",
    "demo@example.com:25",
    "demo@example.com/",
    "a@b@example.com",
    "a@example.com,b@example.com",
    "a@example.com b@example.com",
    "a@example.com;b@example.com",
    "Erik <erik@example.com>",
    '"erik sommer"@example.com',
    "erik(home)@example.com",
    "erik sommer@example.com",
    ".erik@example.com",
    "erik.@example.com",
    "er..ik@example.com",
    "erik\u0000@example.com",
    "erik\r\nBcc:x@example.com",
    "müller@example.com",
    `${"a".repeat(65)}@example.com`,
    `a@${label}.${label}.${label}.${label}.com`,
  ])
    expect([text, emailIn(text)]).toEqual([text, null]);
});

test("an address of the greatest length is one, and its mask finds room in its column", () => {
  const label = "a".repeat(63);
  const longest = `${"l".repeat(58)}@${label}.${label}.${label}.com`;
  expect(longest).toHaveLength(254);
  expect(emailIn(longest)).toBe(longest);
  expect(emailIn(`l${longest}`)).toBeNull();
  expect(maskEmail(longest).length).toBeLessThanOrEqual(110);
  expect(maskEmail(longest)).toMatch(/^l\*\*\*@…[a.]+\.com$/);
  expect(maskEmail("erik@example.com")).toBe("e***@example.com");
});

test("what is sent to a mailbox is counted whatever note to its owner an address has, and a phone's number as it is", () => {
  const texts = ["Erik@example.com", "erik+1@example.com", "erik+a+b@example.com"].map((address) =>
    mailboxText({ kind: "email", address }),
  );
  expect(new Set(texts)).toEqual(new Set(["email:erik@example.com"]));
  expect(mailboxText({ kind: "email", address: "+erik@example.com" })).toBe("email:+erik@example.com");
  expect(mailboxText({ kind: "phone", address: "+4915112345678" })).toBe("phone:+4915112345678");
});
