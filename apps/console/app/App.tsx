/** The frame around every page: who is logged in, the menu of what he may see, and the page below. */
import { hasRight, type User } from "@chepiao/contracts";
import { Link, navigate, useAddress } from "@chepiao/ui";
import { Button, Drawer, Layout, Menu, Result, Select, Spin } from "antd";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { chooseLanguage, type Language, pageLanguage } from "../lib/language.ts";
import { useMessages } from "../lib/messages.tsx";
import { useLogout, useMe } from "../lib/session.ts";
import { Trouble } from "../lib/Trouble.tsx";
import { LoginPage } from "./LoginPage.tsx";
import { type PageName, pages, pathOf, placeOf } from "./paths.ts";

const OverviewPage = lazy(async () => ({ default: (await import("../pages/overview/OverviewPage.tsx")).OverviewPage }));
const OrdersPage = lazy(async () => ({ default: (await import("../pages/orders/OrdersPage.tsx")).OrdersPage }));
const OrderPage = lazy(async () => ({ default: (await import("../pages/orders/OrderPage.tsx")).OrderPage }));
const RunsPage = lazy(async () => ({ default: (await import("../pages/runs/RunsPage.tsx")).RunsPage }));
const RunPage = lazy(async () => ({ default: (await import("../pages/runs/RunPage.tsx")).RunPage }));
const AuditPage = lazy(async () => ({ default: (await import("../pages/audit/AuditPage.tsx")).AuditPage }));

type Params = Readonly<Record<string, string>>;
const shown: Readonly<Record<PageName, (params: Params) => ReactNode>> = {
  overview: () => <OverviewPage />,
  orders: () => <OrdersPage />,
  order: ({ orderNo }) => <OrderPage orderNo={orderNo ?? ""} key={orderNo} />,
  runs: () => <RunsPage />,
  run: ({ trainNumber = "", originDate = "" }) => <RunPage trainNumber={trainNumber} originDate={originDate} />,
  audit: () => <AuditPage />,
};

export function App() {
  const me = useMe();
  if (me.isPending) return <Spin fullscreen />;
  if (me.isError) return <Trouble error={me.error} again={() => void me.refetch()} />;
  if (!me.data) return <LoginPage />;
  return <Shell me={me.data} />;
}

function Shell({ me }: { readonly me: User }) {
  const messages = useMessages();
  const { pathname } = useAddress();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const place = placeOf(pathname);
  const page = place === "home" ? firstFor(me) : (place?.page ?? null);
  const title = page ? messages.pages[page] : messages.console;
  useEffect(() => {
    document.title = `${title} · ${brand()}`;
  }, [title]);
  const menu = <PagesMenu me={me} current={page} chosen={() => setMenuOpen(false)} />;
  return (
    <Layout style={{ minHeight: "100vh" }}>
      <a className="skip" href="#main">
        {messages.skip}
      </a>
      <Layout.Header className="shell-head" style={{ background: "#fff", padding: "0 16px" }}>
        <Button className="shell-menu" onClick={() => setMenuOpen(true)} aria-haspopup="dialog">
          {messages.menu}
        </Button>
        <span className="shell-brand">
          {brand()} · {messages.console}
        </span>
        <span className="shell-space" />
        <span className="shell-who">
          {me.username} · {messages.roles[me.role]}
        </span>
        <LanguageChoice />
        <LogoutButton />
      </Layout.Header>
      <Layout>
        <Layout.Sider theme="light" width={200} breakpoint="lg" collapsedWidth={0} trigger={null}>
          <nav aria-label={messages.menu}>{menu}</nav>
        </Layout.Sider>
        <Drawer open={isMenuOpen} onClose={() => setMenuOpen(false)} placement="left" title={messages.menu} size={240}>
          {menu}
        </Drawer>
        <Layout.Content>
          <main id="main" className="page" tabIndex={-1}>
            <Suspense fallback={<Spin />}>
              <PageOf me={me} page={page} params={place && place !== "home" ? place.params : {}} />
            </Suspense>
          </main>
        </Layout.Content>
      </Layout>
    </Layout>
  );
}

function PageOf({ me, page, params }: { readonly me: User; readonly page: PageName | null; readonly params: Params }) {
  const messages = useMessages();
  if (firstFor(me) === null) return <Result status="403" title={messages.noRights} subTitle={messages.noRightsWhy} />;
  if (page === null)
    return <Result status="404" title={messages.notFound} extra={<Link to="/console/">{messages.home}</Link>} />;
  if (!hasRight(me.role, pages[page].right)) return <Result status="403" title={messages.noRight} />;
  return (
    <>
      <h1>{messages.pages[page]}</h1>
      {shown[page](params)}
    </>
  );
}

const pageNames = Object.keys(pages) as readonly PageName[];
const visibleTo = (me: User): readonly PageName[] =>
  pageNames.filter((page) => pages[page].menu && hasRight(me.role, pages[page].right));
const firstFor = (me: User): PageName | null => visibleTo(me)[0] ?? null;

type PagesMenuProps = { readonly me: User; readonly current: PageName | null; readonly chosen: () => void };

function PagesMenu({ me, current, chosen }: PagesMenuProps) {
  const messages = useMessages();
  const items = visibleTo(me).map((page) => ({
    key: page,
    label: <Link to={pathOf(page)}>{messages.pages[page]}</Link>,
  }));
  return (
    <Menu
      items={items}
      selectedKeys={current ? [current] : []}
      onClick={({ key }) => {
        navigate(pathOf(key as PageName));
        chosen();
      }}
    />
  );
}

function LanguageChoice() {
  const messages = useMessages();
  return (
    <Select<Language>
      aria-label={messages.language}
      value={pageLanguage()}
      onChange={chooseLanguage}
      options={[
        { value: "zh", label: "中文" },
        { value: "en", label: "English" },
      ]}
    />
  );
}

function LogoutButton() {
  const messages = useMessages();
  const logout = useLogout();
  return <Button onClick={() => void logout()}>{messages.logout}</Button>;
}

const brand = (): string => document.querySelector<HTMLMetaElement>("meta[name=brand]")?.content ?? "";
