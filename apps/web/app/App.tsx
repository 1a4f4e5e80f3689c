/** The frame around every page: header, what is shown below it, and what may lie over it. */
import { useQueryClient } from "@tanstack/react-query";
import { Component, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { SearchPage } from "../features/search/SearchPage.tsx";
import { Empty, Icon, Notice, PageSkeleton, useOnline, useTitle } from "../lib/components.tsx";
import { Link, useAddress } from "@chepiao/ui";
import { openLogin, useLoginAsked, useMe } from "../lib/session.ts";
import { useSlideAsked } from "../lib/slideAsked.ts";
import { useUnread } from "../lib/unread.ts";
import { brandIn, spoken } from "../lib/railway.ts";
import { readCookie, writeCookie } from "../lib/storage.ts";
import { useLanguage, useMessages } from "../lib/messages.tsx";
import { type PageName, type Place, placeOf } from "./paths.ts";

const loadBook = () => import("../features/book/BookPage.tsx");
const loadOrders = () => import("../features/orders/OrdersPage.tsx");
const loadOrder = () => import("../features/orders/OrderPage.tsx");
const loadChange = () => import("../features/change/ChangePage.tsx");
const loadReceipt = () => import("../features/receipt/ReceiptPage.tsx");
const loadJoin = () => import("../features/waitlist/JoinPage.tsx");
const loadEntry = () => import("../features/waitlist/EntryPage.tsx");
const loadAccount = () => import("../features/account/AccountPage.tsx");
const loadAppeal = () => import("../features/appeal/AppealPage.tsx");
const loadNotifications = () => import("../features/notifications/NotificationsPage.tsx");
const loadTrain = () => import("../features/trains/TrainPage.tsx");
const loadBoard = () => import("../features/trains/BoardPage.tsx");
const loadHelp = () => import("../features/help/HelpPage.tsx");
const loadTopic = () => import("../features/help/HelpTopic.tsx");
const loadLogin = () => import("../features/account/LoginDialog.tsx");
const loadSlide = () => import("../features/challenge/SlideDialog.tsx");
const loadStops = () => import("../features/search/StopsDialog.tsx");
const BookPage = lazy(async () => ({ default: (await loadBook()).BookPage }));
const OrdersPage = lazy(async () => ({ default: (await loadOrders()).OrdersPage }));
const OrderPage = lazy(async () => ({ default: (await loadOrder()).OrderPage }));
const ChangePage = lazy(async () => ({ default: (await loadChange()).ChangePage }));
const ReceiptPage = lazy(async () => ({ default: (await loadReceipt()).ReceiptPage }));
const JoinPage = lazy(async () => ({ default: (await loadJoin()).JoinPage }));
const EntryPage = lazy(async () => ({ default: (await loadEntry()).EntryPage }));
const AccountPage = lazy(async () => ({ default: (await loadAccount()).AccountPage }));
const AppealPage = lazy(async () => ({ default: (await loadAppeal()).AppealPage }));
const NotificationsPage = lazy(async () => ({ default: (await loadNotifications()).NotificationsPage }));
const TrainPage = lazy(async () => ({ default: (await loadTrain()).TrainPage }));
const BoardPage = lazy(async () => ({ default: (await loadBoard()).BoardPage }));
const HelpPage = lazy(async () => ({ default: (await loadHelp()).HelpPage }));
const HelpTopicPage = lazy(async () => ({ default: (await loadTopic()).HelpTopicPage }));
const LoginDialog = lazy(async () => ({ default: (await loadLogin()).LoginDialog }));
const SlideDialog = lazy(async () => ({ default: (await loadSlide()).SlideDialog }));

/** Once the first page stands, the way ahead is fetched while the person reads. */
const fetchAheadAfterMs = 1_500;

export function App() {
  const { pathname } = useAddress();
  const place = placeOf(pathname);
  const asked = useLoginAsked();
  const slide = useSlideAsked();
  useEffect(() => {
    const timer = setTimeout(
      () => void Promise.allSettled([loadBook(), loadOrder(), loadLogin(), loadStops()]),
      fetchAheadAfterMs,
    );
    return () => clearTimeout(timer);
  }, []);
  return (
    <Boundary>
      <Header />
      <OfflineBar />
      <Main pathname={pathname}>
        <Suspense fallback={<PageSkeleton />}>{place ? pages[place.page](place.params) : <NotFound />}</Suspense>
      </Main>
      <Footer />
      {asked && (
        <Suspense fallback={null}>
          <LoginDialog why={asked.why} />
        </Suspense>
      )}
      {slide && (
        <Suspense fallback={null}>
          <SlideDialog asked={slide} />
        </Suspense>
      )}
    </Boundary>
  );
}

const pages: Readonly<Record<PageName, (params: Place["params"]) => ReactNode>> = {
  search: () => <SearchPage />,
  book: () => <BookPage />,
  orders: () => <OrdersPage />,
  order: ({ orderNo = "" }) => <OrderPage key={orderNo} orderNo={orderNo} />,
  change: ({ orderNo = "" }) => <ChangePage key={orderNo} orderNo={orderNo} />,
  receipt: ({ orderNo = "" }) => <ReceiptPage key={orderNo} orderNo={orderNo} />,
  join: () => <JoinPage />,
  entry: ({ waitlistNo = "" }) => <EntryPage key={waitlistNo} waitlistNo={waitlistNo} />,
  account: () => <AccountPage />,
  appeal: ({ reference = "" }) => <AppealPage key={reference} reference={reference} />,
  notifications: () => <NotificationsPage />,
  train: () => <TrainPage />,
  station: () => <BoardPage />,
  help: () => <HelpPage />,
  contact: () => <HelpTopicPage topic="contact" />,
  terms: () => <HelpTopicPage topic="terms" />,
  privacy: () => <HelpTopicPage topic="privacy" />,
  accessibility: () => <HelpTopicPage topic="accessibility" />,
};

/** A new page takes the focus, so that a screen reader reads it and Tab goes on from its start. */
function Main({ pathname, children }: { readonly pathname: string; readonly children: ReactNode }) {
  const ref = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    ref.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <main id="main" ref={ref} tabIndex={-1}>
      {children}
    </main>
  );
}

function Header() {
  const { messages, language, setLanguage } = useLanguage();
  const me = useMe();
  const unread = useUnread();
  const { pathname } = useAddress();
  const here = (path: string) =>
    pathname === path || (path === "/orders" && /^\/(order|waitlist)\//.test(pathname)) ? "page" : undefined;
  return (
    <header className="top">
      <a className="skip" href="#main">
        {messages.skip}
      </a>
      <div className="top-in">
        <Link to="/" className="brand">
          <img src="/icon.svg" width="28" height="28" alt="" />
          <span>{brandIn(language) ?? messages.brand}</span>
        </Link>
        <nav aria-label={messages.nav.label}>
          <Link to="/orders" aria-current={here("/orders")}>
            {messages.nav.orders}
          </Link>
          {me ? (
            <Link to="/account" aria-current={here("/account")}>
              {messages.nav.account}
              {unread > 0 && (
                <span className="unread">
                  <span className="hidden">{messages.nav.unread(unread)}</span>
                </span>
              )}
            </Link>
          ) : (
            <button type="button" onClick={() => void openLogin().catch(() => {})}>
              {messages.nav.login}
            </button>
          )}
        </nav>
        {spoken.length > 1 && (
          <button
            type="button"
            className="language"
            lang={language === "zh" ? "en" : "zh-CN"}
            onClick={() => void setLanguage(language === "zh" ? "en" : "zh")}
          >
            {messages.nav.language}
          </button>
        )}
        <ThemeButton />
      </div>
    </header>
  );
}

function Footer() {
  const messages = useMessages();
  return (
    <footer className="foot no-print">
      <nav aria-label={messages.nav.more}>
        <Link to="/help">{messages.help.title}</Link>
        <Link to="/help/contact">{messages.nav.contact}</Link>
        <Link to="/help/terms">{messages.nav.terms}</Link>
        <Link to="/help/privacy">{messages.nav.privacy}</Link>
        <Link to="/help/accessibility">{messages.nav.accessibility}</Link>
        <a href="/api/docs">{messages.nav.api}</a>
      </nav>
    </footer>
  );
}

function ThemeButton() {
  const messages = useMessages();
  const [theme, setTheme] = useState(() => {
    const chosen = readCookie("theme");
    return chosen ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  });
  const other = theme === "dark" ? "light" : "dark";
  const change = () => {
    document.documentElement.dataset["theme"] = other;
    writeCookie("theme", other);
    setTheme(other);
  };
  return (
    <button type="button" className="icon-button" aria-label={messages.nav.themeTo[other]} onClick={change}>
      <Icon name={other === "dark" ? "moon" : "sun"} />
    </button>
  );
}

function OfflineBar() {
  const messages = useMessages();
  const online = useOnline();
  const client = useQueryClient();
  const was = useRef(online);
  useEffect(() => {
    if (online && !was.current) void client.invalidateQueries();
    was.current = online;
  }, [online, client]);
  return (
    <div role="status" className="offline-bar">
      {online ? null : <p>{messages.states.offline}</p>}
    </div>
  );
}

function NotFound() {
  const messages = useMessages();
  useTitle(messages.states.notFound);
  return (
    <div className="page narrow">
      <Empty
        heading="h1"
        title={messages.states.notFound}
        action={
          <Link to="/" className="button primary">
            {messages.states.toSearch}
          </Link>
        }
      >
        {messages.states.notFoundNote}
      </Empty>
    </div>
  );
}

const reloadedFor = "chepiao.reloadedFor";

/** A part of the site that is gone after the platform was renewed is fetched by loading the page again, once. */
class Boundary extends Component<{ readonly children: ReactNode }, { readonly error: Error | null }> {
  override state = { error: null as Error | null };
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override componentDidCatch(error: Error) {
    if (!/import|module|chunk/i.test(error.message)) return;
    if (sessionStorage.getItem(reloadedFor) === location.href) return;
    sessionStorage.setItem(reloadedFor, location.href);
    location.reload();
  }
  override render() {
    return this.state.error ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const messages = useMessages();
  return (
    <main className="page narrow">
      <Notice kind="bad" title={messages.states.crashed}>
        <p>{messages.states.crashedNote}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          {messages.states.reload}
        </button>
      </Notice>
    </main>
  );
}
