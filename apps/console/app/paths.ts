/** The addresses of the console, in the order of its menu. Each names the right without which it has nothing to show. */
import type { Right } from "@chepiao/contracts";

export type PageName = keyof typeof pages;
export type Place = { readonly page: PageName; readonly params: Readonly<Record<string, string>> };

/** `menu` false: reached from another page. */
export const pages = {
  overview: { path: "/console/overview", right: "readOverview", menu: true },
  orders: { path: "/console/orders", right: "readOrders", menu: true },
  order: { path: "/console/orders/:orderNo", right: "readOrders", menu: false },
  runs: { path: "/console/runs", right: "readRuns", menu: true },
  run: { path: "/console/runs/:trainNumber/:originDate", right: "readRuns", menu: false },
  audit: { path: "/console/audit", right: "readAudit", menu: true },
} as const satisfies Readonly<Record<string, { path: string; right: Right; menu: boolean }>>;

const home = "/console";

const patterns = Object.entries(pages).map(([page, { path }]) => ({
  page: page as PageName,
  names: [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!),
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, "([^/]+)")}$`),
}));

/** Which page an address shows: `home` is the first that the reader may see; null where there is none. */
export function placeOf(pathname: string): Place | "home" | null {
  const path = pathname.replace(/\/$/, "");
  if (path === home) return "home";
  for (const { page, names, pattern } of patterns) {
    const match = pattern.exec(path);
    if (match) {
      const params = Object.fromEntries(names.map((name, n) => [name, decodeURIComponent(match[n + 1]!)]));
      return { page, params };
    }
  }
  return null;
}

/** The address of a page, its parameters filled in. */
export const pathOf = (page: PageName, params: Readonly<Record<string, string>> = {}): string =>
  pages[page].path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
