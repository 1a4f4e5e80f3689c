/** Where the console begins in the browser. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ConfigProvider } from "antd";
import english from "antd/locale/en_US";
import chinese from "antd/locale/zh_CN";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { isRefused } from "./lib/api.ts";
import { pageLanguage } from "./lib/language.ts";
import { MessagesProvider } from "./lib/messages.tsx";
import { en } from "./messages/en.ts";
import { zh } from "./messages/zh.ts";

const triesMax = 2;
const client = new QueryClient({
  defaultOptions: {
    // A refusal is an answer; what was not reached is asked for again.
    queries: {
      networkMode: "always",
      staleTime: 1_000,
      retry: (failures, error) => failures < triesMax && !isRefused(error),
    },
    mutations: { networkMode: "always", retry: false },
  },
});

const isChinese = pageLanguage() === "zh";
/** The page's styles alone are taken by the browser (apps/server/consoleSite.ts). */
const nonce = document.querySelector<HTMLMetaElement>("meta[name=nonce]")?.content ?? "";

/** The lighter greys and the blue of the components are too light to be read on white, and on light blue. */
const readable = {
  colorPrimary: "#0958d9",
  colorTextDescription: "#5b6472",
  colorTextTertiary: "#5b6472",
  colorTextQuaternary: "#6b7280",
  colorTextDisabled: "#6b7280",
  colorTextPlaceholder: "#6b7280",
};

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <ConfigProvider
      locale={isChinese ? chinese : english}
      csp={{ nonce }}
      button={{ autoInsertSpace: false }}
      theme={{ token: readable }}
    >
      <QueryClientProvider client={client}>
        <MessagesProvider messages={isChinese ? zh : en}>
          <App />
        </MessagesProvider>
      </QueryClientProvider>
    </ConfigProvider>
  </StrictMode>,
);
