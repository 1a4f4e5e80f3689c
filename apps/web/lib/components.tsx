/** Small components that every page uses: notices, states. Dialogs and fields have files of their own: the first page has neither. */
import { type ReactNode, useEffect, useState } from "react";
import { isRefused, Refused } from "./api.ts";
import { brandIn } from "./railway.ts";
import { LoginDeclined } from "./session.ts";
import { useLanguage, useMessages } from "./messages.tsx";

/** A text with names in it, each marked with its own language: else a screen reader spells them in the page's. */
export function ForeignText({ children }: { readonly children: string }) {
  const { language } = useLanguage();
  const [foreign, lang] = language === "en" ? ([chinese, "zh-CN"] as const) : ([latin, "en"] as const);
  return children.split(foreign).map((part, n) =>
    n % 2 === 0 ? (
      part
    ) : (
      <span key={n} lang={lang}>
        {part}
      </span>
    ),
  );
}
const chinese = /([\u3400-\u9fff]+)/;
const latin = /([A-Z][a-z]+(?: [A-Z][a-z]+)*)/;

export function Spinner() {
  return <span className="spinner" aria-hidden="true" />;
}

export function Icon({ name }: { readonly name: keyof typeof icons }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d={icons[name]} />
    </svg>
  );
}
const icons = {
  swap: "M7 4v14m0 0-3-3m3 3 3-3M17 20V6m0 0-3 3m3-3 3 3",
  close: "M6 6l12 12M18 6 6 18",
  sun: "M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z",
  moon: "M20 14.5A8 8 0 0 1 9.500 4a8 8 0 1 0 10.5 10.5Z",
  check: "M5 12.5 10 17.500 19 7",
  filter: "M4 7h16M7 12h10M10 17h4",
  right: "M9 5l7 7-7 7",
  left: "M15 5l-7 7 7 7",
  plus: "M12 5v14M5 12h14",
  calendar: "M5 6h14v14H5ZM5 10.500h14M9 3v5m6-5v5",
  print: "M7 9V4h10v5M7 17H4v-6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v6h-3M7 14h10v6H7Z",
} as const;

type NoticeProps = {
  readonly kind?: "info" | "good" | "warn" | "bad";
  readonly title?: string;
  readonly children?: ReactNode;
  readonly live?: boolean;
};

export function Notice({ kind = "info", title, children, live = false }: NoticeProps) {
  return (
    <div
      className={`notice ${kind}`}
      {...(live ? { role: kind === "bad" || kind === "warn" ? "alert" : "status" } : {})}
    >
      {title && <strong>{title}</strong>}
      {children && <div>{children}</div>}
    </div>
  );
}

/** What went wrong, in the page's language, with a way on. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const messages = useMessages();
  const text = useErrorText(error);
  if (error instanceof LoginDeclined) return null;
  return (
    <div className="notice bad" role="alert">
      <strong>{messages.states.failedTitle}</strong>
      <div>{text}</div>
      {retry && (
        <button type="button" className="button small" onClick={retry}>
          {messages.common.retry}
        </button>
      )}
    </div>
  );
}

export function useErrorText(error: unknown): string {
  const messages = useMessages();
  if (!(error instanceof Refused)) return messages.states.unreachable;
  // A moment is not five minutes: a passenger who is to wait longer is told how long.
  const waitS = error.problem.facts?.["retryAfterSeconds"];
  return typeof waitS === "number" && waitS >= 60
    ? `${error.message} ${messages.states.waitMinutes(Math.ceil(waitS / 60))}`
    : error.message;
}

/** The message of a refused form beside its field: from what the code is known to be about, or from the platform's pointer. */
export function fieldErrorsOf(
  error: unknown,
  byCode: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (!isRefused(error)) return {};
  const found: Record<string, string> = {};
  const field = byCode[error.code];
  if (field !== undefined) return { [field]: error.message };
  for (const { path, message } of error.problem.fields ?? []) found[path.split("/").at(-1) ?? ""] = message;
  return found;
}

export function Empty({
  title,
  heading: Heading = "h2",
  children,
  action,
}: {
  readonly title: string;
  /** Of the whole page, where there is nothing else on it. */
  readonly heading?: "h1" | "h2";
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="empty">
      <svg viewBox="0 0 120 60" width="120" height="60" aria-hidden="true">
        <path d="M14 44V26a12 12 0 0 1 12-12h52c14 0 26 14 28 30M6 50h108M26 24h14v9H26zM48 24h14v9H48zM70 24h12l8 9H70z" />
      </svg>
      <Heading>{title}</Heading>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** A page that is on its way. */
export function PageSkeleton({ className = "" }: { readonly className?: string }) {
  return (
    <div className={`page narrow ${className}`} aria-busy="true">
      <div className="skeleton line-big" />
      <div className="skeleton block" />
      <div className="skeleton block" />
      <SlowNote />
    </div>
  );
}

/** Says that it takes long, but only when it does. */
export function SlowNote({ afterMs = 2_500 }: { readonly afterMs?: number }) {
  const messages = useMessages();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), afterMs);
    return () => clearTimeout(timer);
  }, [afterMs]);
  return slow ? (
    <p className="slow" role="status">
      {messages.states.slow}
    </p>
  ) : null;
}

export function useTitle(title: string): void {
  const { messages, language } = useLanguage();
  useEffect(() => {
    const brand = brandIn(language) ?? messages.brand;
    document.title = title === "" ? brand : `${title} · ${brand}`;
  }, [title, messages, language]);
}

export function useOnline(): boolean {
  const [online, setOnline] = useState(() => navigator.onLine);
  useEffect(() => {
    const readOnline = () => setOnline(navigator.onLine);
    addEventListener("online", readOnline);
    addEventListener("offline", readOnline);
    return () => {
      removeEventListener("online", readOnline);
      removeEventListener("offline", readOnline);
    };
  }, []);
  return online;
}
