/** Where the site begins in the browser: the words of its language, then the page. */
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { createQueryClient } from "./lib/queries.ts";
import { loadMessages, pageLanguage } from "./lib/language.ts";
import { LanguageProvider } from "./lib/messages.tsx";

const client = createQueryClient();

async function start() {
  const messages = await loadMessages(pageLanguage());
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <LanguageProvider first={messages}>
          <App />
        </LanguageProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();

// Tickets are shown at a gate where there may be no network. After the page itself, so as not to race it for the line.
if ("serviceWorker" in navigator)
  addEventListener("load", () => void navigator.serviceWorker.register("/sw.js").catch(() => {}));
