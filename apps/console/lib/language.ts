/** Which language the console speaks: that of the page, which the server made for its reader. The choice is a cookie, as on the passengers' site. */
export type Language = "zh" | "en";

export const pageLanguage = (): Language => (document.documentElement.lang.startsWith("zh") ? "zh" : "en");

const yearS = 365 * 24 * 3_600;

/** The page is loaded anew: words of every component change with it. */
export function chooseLanguage(language: Language): void {
  const isSecure = location.protocol === "https:";
  // Over TLS it has a name that no other host can set.
  document.cookie = `${isSecure ? "__Host-" : ""}lang=${language}; path=/; max-age=${yearS}; samesite=lax${isSecure ? "; secure" : ""}`;
  location.reload();
}
