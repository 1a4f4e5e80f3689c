/** Small parts that every page uses: dialogs, notices, states. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { isRefused, Refused } from "./api.ts";
import { LoginDeclined } from "./session.ts";
import { useSpeech, useWords } from "./words.tsx";

/** A text with names in it, each marked with its own language: else a screen reader spells them in the page's. */
export function Said({ children }: { readonly children: string }) {
  const { language } = useSpeech();
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
  const words = useWords();
  const text = useErrorText(error);
  if (error instanceof LoginDeclined) return null;
  return (
    <div className="notice bad" role="alert">
      <strong>{words.states.failedTitle}</strong>
      <div>{text}</div>
      {retry && (
        <button type="button" className="button small" onClick={retry}>
          {words.common.retry}
        </button>
      )}
    </div>
  );
}

export function useErrorText(error: unknown): string {
  const words = useWords();
  return error instanceof Refused ? error.message : words.states.unreachable;
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
  children,
  action,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="empty">
      <svg viewBox="0 0 120 60" width="120" height="60" aria-hidden="true">
        <path d="M14 44V26a12 12 0 0 1 12-12h52c14 0 26 14 28 30M6 50h108M26 24h14v9H26zM48 24h14v9H48zM70 24h12l8 9H70z" />
      </svg>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** The browser's own modal dialog: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly side?: boolean;
}) {
  const words = useWords();
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current!;
    if (!dialog.open) dialog.showModal();
    // On a phone the keyboard would come up over what is to be read first.
    if (matchMedia("(pointer: fine)").matches) dialog.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={props.side ? "dialog side" : "dialog"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) props.onClose();
      }}
    >
      <div className="dialog-in">
        <header className="dialog-head">
          <h2 id={heading}>
            <Said>{props.title}</Said>
          </h2>
          <button type="button" className="icon-button" aria-label={words.common.close} onClick={props.onClose}>
            <Icon name="close" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}

type FieldProps = {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly children: (given: {
    readonly id: string;
    readonly "aria-describedby"?: string;
    readonly "aria-invalid"?: true;
  }) => ReactNode;
};

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={error ? "field wrong" : "field"}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        ...(note ? { "aria-describedby": `${id}-note` } : {}),
        ...(error ? { "aria-invalid": true } : {}),
      })}
      {note && (
        <p id={`${id}-note`} className={error ? "field-error" : "field-hint"}>
          {note}
        </p>
      )}
    </div>
  );
}

/** Says that it takes long, but only when it does. */
export function SlowNote({ afterMs = 2_500 }: { readonly afterMs?: number }) {
  const words = useWords();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), afterMs);
    return () => clearTimeout(timer);
  }, [afterMs]);
  return slow ? (
    <p className="slow" role="status">
      {words.states.slow}
    </p>
  ) : null;
}

export function useTitle(title: string): void {
  const words = useWords();
  useEffect(() => {
    document.title = title === "" ? words.brand : `${title} · ${words.brand}`;
  }, [title, words]);
}

export function useOnline(): boolean {
  const [online, setOnline] = useState(() => navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return online;
}
