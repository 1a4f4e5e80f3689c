/** The addresses of the site. The server knows them too: what is not here is answered with 404. */

export const paths = {
  search: "/",
  book: "/book",
  orders: "/orders",
  order: "/order/:orderNo",
  change: "/order/:orderNo/change",
  receipt: "/order/:orderNo/receipt",
  join: "/waitlist",
  entry: "/waitlist/:waitlistNo",
  account: "/account",
  appeal: "/appeal/:reference",
  notifications: "/notifications",
  train: "/train",
  station: "/station",
  help: "/help",
  contact: "/help/contact",
  terms: "/help/terms",
  privacy: "/help/privacy",
  accessibility: "/help/accessibility",
} as const;

export type PageName = keyof typeof paths;
export type Place = { readonly page: PageName; readonly params: Readonly<Record<string, string>> };

const patterns = Object.entries(paths).map(([page, path]) => ({
  page: page as PageName,
  names: [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!),
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, "([\\w-]+)")}$`),
}));

/** Which page an address shows; null where there is none. */
export function placeOf(pathname: string): Place | null {
  // A slash at the end is what some programs add to an address that is passed on.
  const path = pathname.length > 1 ? pathname.replace(/\/$/, "") : pathname;
  for (const { page, names, pattern } of patterns) {
    const match = pattern.exec(path);
    if (match) return { page, params: Object.fromEntries(names.map((name, n) => [name, match[n + 1]!])) };
  }
  return null;
}
