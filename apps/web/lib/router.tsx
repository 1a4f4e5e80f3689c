/**
 * Addresses and the way between them. Five pages and a few query fields: the whole of it is smaller than what any routing
 * library adds to the first load.
 */
import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode, useMemo, useSyncExternalStore } from "react";

const changed = "chepiao:moved";

const subscribe = (listener: () => void) => {
  addEventListener("popstate", listener);
  addEventListener(changed, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(changed, listener);
  };
};
const addressNow = () => location.pathname + location.search;

export type Address = { readonly pathname: string; readonly query: URLSearchParams };

export function useAddress(): Address {
  const text = useSyncExternalStore(subscribe, addressNow);
  return useMemo(() => {
    const at = text.indexOf("?");
    return at < 0
      ? { pathname: text, query: new URLSearchParams() }
      : { pathname: text.slice(0, at), query: new URLSearchParams(text.slice(at)) };
  }, [text]);
}

export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  if (to === addressNow()) return;
  const samePage = to.split("?")[0] === location.pathname;
  if (options.replace) history.replaceState(history.state, "", to);
  else history.pushState(null, "", to);
  dispatchEvent(new Event(changed));
  if (!options.replace && !samePage) scrollTo(0, 0);
}

/** The address with some query fields changed; null and the empty text take a field away. */
export function withQuery(address: Address, fields: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(address.query);
  for (const [key, value] of Object.entries(fields)) {
    if (value === null || value === "") query.delete(key);
    else query.set(key, value);
  }
  const text = query.toString();
  return text ? `${address.pathname}?${text}` : address.pathname;
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> & {
  readonly to: string;
  readonly children: ReactNode;
};

export function Link({ to, onClick, ...rest }: LinkProps) {
  const go = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !isPlain) return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...rest} href={to} onClick={go} />;
}
