/** The cookies that say how a page looks. */
import { afterEach, expect, test } from "bun:test";
import { readCookie, writeCookie } from "./storage.ts";

const before = { document: globalThis.document, location: globalThis.location };
afterEach(() => void Object.assign(globalThis, before));

/** A browser that shows the cookies it was given, as browsers do. */
function browserAt(protocol: string) {
  const set: string[] = [];
  const document = {
    get cookie() {
      return set.map((cookie) => cookie.split(";")[0]).join("; ");
    },
    set cookie(cookie: string) {
      set.push(cookie);
    },
  };
  Object.assign(globalThis, { document, location: { protocol } });
  return set;
}

test("over TLS they are for this host and for TLS alone, and read by the same name", () => {
  const set = browserAt("https:");
  writeCookie("lang", "en");
  expect(set).toEqual(["__Host-lang=en; Path=/; Max-Age=31536000; SameSite=Lax; Secure"]);
  expect([readCookie("lang"), readCookie("theme")]).toEqual(["en", null]);
  set.length = 0;
  set.push("lang=zh");
  expect(readCookie("lang")).toBe(null);
});

test("without TLS, where browsers take no such name, they have a plain one", () => {
  const set = browserAt("http:");
  writeCookie("theme", "dark");
  expect(set).toEqual(["theme=dark; Path=/; Max-Age=31536000; SameSite=Lax"]);
  expect(readCookie("theme")).toBe("dark");
  writeCookie("theme", "");
  expect(set[1]).toContain("Max-Age=0");
});
