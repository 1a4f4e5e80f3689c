/** What the browser keeps for us. All of it may be missing, full or forbidden, and then the site works without. */

type Shelf = "local" | "session";
const shelfOf = (shelf: Shelf): Storage => (shelf === "local" ? localStorage : sessionStorage);

export function keep(shelf: Shelf, key: string, value: unknown): void {
  try {
    shelfOf(shelf).setItem(`chepiao.${key}`, JSON.stringify(value));
  } catch {
    // Private windows and full disks.
  }
}

/** `fits` looks at what an older version, or the person, may have left there. */
export function kept<T>(shelf: Shelf, key: string, fits: (value: unknown) => value is T): T | null {
  try {
    const text = shelfOf(shelf).getItem(`chepiao.${key}`);
    const value: unknown = text === null ? null : JSON.parse(text);
    return fits(value) ? value : null;
  } catch {
    return null;
  }
}

export function forget(shelf: Shelf, key: string): void {
  try {
    shelfOf(shelf).removeItem(`chepiao.${key}`);
  } catch {
    // As above.
  }
}

/** Keys of ours that begin so. */
export function keysKept(shelf: Shelf, start: string): string[] {
  try {
    const all = Array.from({ length: shelfOf(shelf).length }, (_, n) => shelfOf(shelf).key(n) ?? "");
    return all.filter((key) => key.startsWith(`chepiao.${start}`)).map((key) => key.slice("chepiao.".length));
  } catch {
    return [];
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const yearS = 365 * 86_400;

export function readCookie(name: string): string | null {
  const text = globalThis.document?.cookie ?? "";
  return new RegExp(`(?:^|;\\s*)${name}=([^;]*)`).exec(text)?.[1] ?? null;
}

/** Only for how the page looks: the session's cookie is not for scripts to see. */
export function writeCookie(name: string, value: string): void {
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value === "" ? 0 : yearS}; SameSite=Lax`;
}
