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
  if (isSteppingBack) return void afterStep.push(() => navigate(to, options));
  if (to === addressNow()) return;
  const samePage = to.split("?")[0] === location.pathname;
  carried = options.replace && open.length > 0 ? to : null;
  if (options.replace) history.replaceState(history.state, "", to);
  else history.pushState(null, "", to);
  dispatchEvent(new Event(changed));
  if (!options.replace && !samePage) scrollTo(0, 0);
}

// What lies over a page

/** Dialogs that are open, the last on top. Each has an entry of the history, so that Back closes it and not the page. */
const open: { readonly depth: number; readonly close: () => void }[] = [];
const depthNow = (): number => (history.state as { readonly over?: number } | null)?.over ?? 0;

/** What a dialog made of the address, as filters do: it is that of the page below, too, once the dialog's entry is gone. */
let carried: string | null = null;

/** Between asking the browser for a step back and its being done; who would go on meanwhile waits. */
let isSteppingBack = false;
let afterStep: (() => void)[] = [];

function onStep(): void {
  isSteppingBack = false;
  while (open.length > 0 && open.at(-1)!.depth > depthNow()) open.pop()!.close();
  if (carried !== null && open.length === 0) {
    history.replaceState(history.state, "", carried);
    carried = null;
    dispatchEvent(new Event(changed));
  }
  const waiting = afterStep;
  afterStep = [];
  for (const go of waiting) go();
}
if (typeof addEventListener === "function") addEventListener("popstate", onStep);

/** On the way to a page that is loaded anew: a step back would call that off. */
let isLeaving = false;
export function leaveTo(address: string): void {
  isLeaving = true;
  location.assign(address);
}

/** Until the returned function is called, Back calls `close` instead of leaving the page. */
export function closeOnBack(close: () => void): () => void {
  const own = { depth: depthNow() + 1, close };
  open.push(own);
  history.pushState({ over: own.depth }, "");
  return () => {
    const at = open.indexOf(own);
    if (at < 0) return;
    open.splice(at, 1);
    // The user went on to another page from here: its entry lies on top, and stays.
    if (isLeaving || depthNow() !== own.depth) return;
    isSteppingBack = true;
    history.back();
  };
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
