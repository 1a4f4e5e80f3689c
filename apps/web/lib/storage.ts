/** What the browser keeps for us. All of it may be missing, full or forbidden, and then the site works without. */

export type StorageArea = "local" | "session";
const storageOf = (area: StorageArea): Storage => (area === "local" ? localStorage : sessionStorage);

export function keep(area: StorageArea, key: string, value: unknown): void {
  try {
    storageOf(area).setItem(`chepiao.${key}`, JSON.stringify(value));
  } catch {
    // Private windows and full disks.
  }
}

/** `fits` looks at what an older version, or the person, may have left there. */
export function kept<T>(area: StorageArea, key: string, fits: (value: unknown) => value is T): T | null {
  try {
    const text = storageOf(area).getItem(`chepiao.${key}`);
    const value: unknown = text === null ? null : JSON.parse(text);
    return fits(value) ? value : null;
  } catch {
    return null;
  }
}

export function forget(area: StorageArea, key: string): void {
  try {
    storageOf(area).removeItem(`chepiao.${key}`);
  } catch {
    // As above.
  }
}

/** Keys of ours that begin so. */
export function keysKept(area: StorageArea, start: string): string[] {
  try {
    const all = Array.from({ length: storageOf(area).length }, (_, n) => storageOf(area).key(n) ?? "");
    return all.filter((key) => key.startsWith(`chepiao.${start}`)).map((key) => key.slice("chepiao.".length));
  } catch {
    return [];
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const yearS = 365 * 86_400;

/** Over TLS no other host of the domain can set it, and nobody sees it without TLS (RFC 6265bis, 4.1.3.2). */
const isOverTls = () => globalThis.location?.protocol === "https:";
const cookieNameOf = (name: string) => (isOverTls() ? `__Host-${name}` : name);

export function readCookie(name: string): string | null {
  const text = globalThis.document?.cookie ?? "";
  return new RegExp(`(?:^|;\\s*)${cookieNameOf(name)}=([^;]*)`).exec(text)?.[1] ?? null;
}

/** Only for how the page looks: the session's cookie is not for scripts to see. */
export function writeCookie(name: string, value: string): void {
  const age = value === "" ? 0 : yearS;
  const secure = isOverTls() ? "; Secure" : "";
  document.cookie = `${cookieNameOf(name)}=${value}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}
