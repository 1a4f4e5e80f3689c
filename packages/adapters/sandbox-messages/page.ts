/** The page that shows practice messages: plain HTML and one style sheet, no script. Everything from outside is escaped. */
import { createHash } from "node:crypto";
import { type Message, wordsOfMessage } from "@chepiao/contracts";
import { type EpochMs, formatInZone, type ZoneName } from "@chepiao/kernel";
import { type Language, pageTextsOf } from "./pageTexts.ts";

export type Shown = { readonly message: Message; readonly at: EpochMs };
export type Scene = {
  readonly language: Language;
  readonly zone: ZoneName;
  /** Null where nobody was asked for yet. */
  readonly to: string | null;
  readonly messages: readonly Shown[];
};

export function messagesPage({ language, zone, to, messages }: Scene): string {
  const texts = pageTextsOf[language];
  const item = ({ message, at }: Shown) => {
    const local = formatInZone(at, zone);
    const { subject, text } = wordsOfMessage(message);
    return `
    <li>
      <p class="head">${texts[message.channel]} · <time datetime="${local}">${local.slice(0, 10)} ${local.slice(11, 19)}</time></p>
      <h2>${escaped(subject)}</h2>
      <p class="text">${escaped(text)}</p>
    </li>`;
  };
  const list =
    messages.length > 0 ? `<ol>${messages.map(item).join("")}\n  </ol>` : `<p role="status">${texts.none}</p>`;
  return `<!doctype html>
<html lang="${language === "zh" ? "zh-CN" : "en"}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${texts.title}</title>
<style>${style}</style>
<main>
  <h1>${texts.title}</h1>
  <p class="note">${texts.note}</p>
  <form method="get">
    <label for="to">${texts.ask}</label>
    <div class="row">
      <input id="to" name="to" value="${escaped(to ?? "")}" required maxlength="254" autocomplete="off">
      <button>${to === null ? texts.show : texts.again}</button>
    </div>
  </form>
  ${to === null ? "" : list}
</main>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);

const style = `
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1d2733;background:#f3f5f8}
main{max-width:36rem;margin:0 auto;padding:1.25rem 1rem 3rem}
h1{font-size:1.35rem;margin:.25rem 0 .75rem}
h2{font-size:1rem;margin:.1rem 0}
.note{background:#fff3d6;border:1px solid #e5c97a;border-radius:.5rem;padding:.6rem .8rem}
.row{display:flex;gap:.5rem;margin-top:.25rem}
input,button{font:inherit;min-height:2.75rem;border-radius:.5rem;border:1px solid #8a97a8;padding:.4rem .75rem}
input{flex:1;min-width:0;background:#fff}
button{background:#0b5cad;color:#fff;border-color:#0b5cad;cursor:pointer}
:focus-visible{outline:3px solid #f2a900;outline-offset:2px}
ol{list-style:none;padding:0;margin:1rem 0 0;display:grid;gap:.75rem}
li{background:#fff;border:1px solid #d6dde6;border-radius:.5rem;padding:.75rem .9rem}
.head{margin:0;color:#51606f;font-size:.9rem}
.text{margin:.25rem 0 0;overflow-wrap:anywhere}
`;

export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
};
