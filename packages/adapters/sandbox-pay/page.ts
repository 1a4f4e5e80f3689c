/** The bank's hosted page: plain HTML and one style sheet, no script. Everything that came from outside is escaped. */
import { createHash } from "node:crypto";
import {
  type CurrencyForm,
  type EpochMs,
  type Fen,
  formatInZone,
  formatMoney,
  secondMs,
  type ZoneName,
} from "@chepiao/kernel";
import type { ProviderTrade } from "@chepiao/ports/payment-provider";
import { type Behaviour, behaviours, delaySecondsMax } from "./behaviours.ts";
import { Html, markup } from "./html.ts";
import type { Bill } from "./ledger.ts";
import { type Language, pageTextsOf } from "./pageTexts.ts";

type Scene = {
  readonly language: Language;
  readonly zone: ZoneName;
  readonly merchantName: string;
  readonly currency?: CurrencyForm;
  readonly bill: Bill;
  readonly now: EpochMs;
};

/** Before the money: the bill, what the bank should do, and two buttons. */
export function payPage(scene: Scene, problem?: "tooLate" | "badForm"): Html {
  const { language, bill, now } = scene;
  const texts = pageTextsOf[language];
  const isOver = now >= bill.payBy;
  const offered = (Object.keys(behaviours) as Behaviour[]).filter((each) => !isOver || behaviours[each].afterDeadline);
  const choice = (behaviour: Behaviour, index: number) => markup`
    <label><input type="radio" name="behaviour" value="${behaviour}"${index === 0 ? markup` checked` : ""}>
      <span>${texts.behaviour[behaviour]}</span></label>`;
  return page(
    language,
    markup`
  ${problem ? markup`<p class="problem" role="alert">${texts[problem]}</p>` : ""}
  ${billOf(scene)}
  <form method="post" autocomplete="off">
    <button class="pay" name="action" value="pay">${texts.pay} ${formatMoney(bill.amountFen, scene)}</button>
    <button class="decline" name="action" value="decline">${texts.decline}</button>
    <details${isOver ? markup` open` : ""}>
      <summary>${texts.options}</summary>
      <fieldset>
        <legend>${texts.how}</legend>${offered.map(choice)}
        <label class="seconds">${texts.seconds}
          <input type="number" name="seconds" min="1" max="${delaySecondsMax}" value="30" inputmode="numeric"></label>
      </fieldset>
    </details>
  </form>`,
  );
}

/** After it: what was taken and what went back. */
export function receiptPage(scene: Scene, trades: readonly ProviderTrade[], givenBackFen: Fen): Html {
  const { language, bill } = scene;
  const texts = pageTextsOf[language];
  const trade = ({ tradeNo, amountFen }: ProviderTrade) => markup`
    <dt>${texts.trade}</dt><dd>${tradeNo}<br>${formatMoney(amountFen, scene)}</dd>`;
  const givenBack = markup`
    <dt>${texts.givenBack}</dt><dd>${formatMoney(givenBackFen, scene)}</dd>`;
  return page(
    language,
    markup`
  <p class="done" role="status">${trades.length > 0 ? texts.paid : texts.promised}</p>
  ${billOf(scene)}
  <dl>${trades.map(trade)}${givenBackFen > 0 ? givenBack : ""}
  </dl>
  <a class="pay" href="${bill.returnUrl}">${texts.back}</a>`,
  );
}

export const unknownPage = (language: Language): Html =>
  page(language, markup`<p class="problem" role="alert">${pageTextsOf[language].unknown}</p>`);

function billOf(scene: Scene): Html {
  const { language, zone, merchantName, bill, now } = scene;
  const texts = pageTextsOf[language];
  const leftS = Math.max(0, Math.floor((bill.payBy - now) / secondMs));
  const local = formatInZone(bill.payBy, zone);
  return markup`
  <p class="amount">${formatMoney(bill.amountFen, scene)}</p>
  <dl>
    <dt>${texts.payTo}</dt><dd>${merchantName}</dd>
    <dt>${texts.what}</dt><dd>${unbroken(bill.subject)}</dd>
    <dt>${texts.number}</dt><dd>${bill.paymentNo}</dd>
    <dt>${texts.payBy}</dt><dd><time datetime="${local}">${local.slice(0, 10)} ${local.slice(11, 19)}</time><br>
      ${leftS > 0 ? texts.left(Math.floor(leftS / 60), leftS % 60) : texts.over}</dd>
  </dl>
  ${leftS > 0 ? "" : markup`<p class="problem">${texts.overNote}</p>`}`;
}

/** Lines end between words: a date that is broken in its middle is read as two numbers. */
const unbroken = (text: string): Html => markup`${text.split(" ").map((word) => markup`<span>${word}</span> `)}`;

const page = (language: Language, body: Html): Html => markup`<!doctype html>
<html lang="${language === "zh" ? "zh-CN" : "en"}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${pageTextsOf[language].bank}</title>
<style>${sheet}</style>
<main>
  <header><h1>${pageTextsOf[language].bank}</h1><p>${pageTextsOf[language].notReal}</p></header>
  <section>${body}
  </section>
</main>
</html>
`;

const css = `
:root { color-scheme: light dark; --ground: #eef1f6; --card: #fff; --ink: #16202e; --soft: #5b6778; --line: #d9dfe8;
  --key: #0b57c4; --on-key: #fff; --warn: #8a4b00; --warn-ground: #fff3df; --good: #0d6b3c; }
@media (prefers-color-scheme: dark) { :root { --ground: #0e131a; --card: #19212c; --ink: #e8edf4; --soft: #9fadbf;
  --line: #313d4d; --key: #7db1ff; --on-key: #0a1a33; --warn: #ffc98a; --warn-ground: #35270f; --good: #6fdaa1; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, "PingFang SC", "Microsoft YaHei",
  "Noto Sans CJK SC", sans-serif; }
main { max-width: 26rem; margin: 0 auto; padding: 1.25rem 1rem 2.5rem; }
header h1 { margin: 0; font-size: 1.125rem; }
header p { margin: 0 0 1rem; color: var(--soft); font-size: .875rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; }
.amount { margin: 0 0 .75rem; font-size: 2.25rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1rem; margin: 0 0 1.25rem; font-size: .9375rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
dd span { display: inline-block; }
form { display: grid; gap: .75rem; }
button, a.pay { display: block; width: 100%; min-height: 3rem; border-radius: .5rem; font: inherit; font-weight: 600;
  cursor: pointer; text-align: center; text-decoration: none; padding: .625rem 1rem; }
.pay { border: 1px solid var(--key); background: var(--key); color: var(--on-key); }
.decline { border: 1px solid var(--line); background: none; color: inherit; }
:focus-visible { outline: 3px solid var(--key); outline-offset: 2px; }
summary { min-height: 2.75rem; padding: .625rem 0; color: var(--soft); cursor: pointer; }
fieldset { margin: 0; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; font-size: .9375rem;
  min-width: 0; }
legend { padding: 0 .375rem; color: var(--soft); }
label { display: flex; gap: .625rem; align-items: baseline; padding: .375rem 0; }
label.seconds { justify-content: space-between; align-items: center; }
input[type=number] { width: 6rem; min-height: 2.25rem; padding: .25rem .5rem; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--line); border-radius: .375rem; }
.problem { margin: 0 0 1rem; padding: .625rem .875rem; border-radius: .5rem; background: var(--warn-ground); color: var(--warn); }
.done { margin: 0 0 .75rem; color: var(--good); font-weight: 650; }
`;
const sheet = new Html(css);
const sheetHash = createHash("sha256").update(css).digest("base64");

/**
 * Nothing is loaded and nothing runs. Forms go here, and on to where the payer is sent back: browsers hold the redirect after a
 * form against the same rule.
 */
export const pageHeaders = (returnUrl?: string): Record<string, string> => ({
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    `style-src 'sha256-${sheetHash}'`,
    `form-action 'self'${returnUrl ? ` ${new URL(returnUrl).origin}` : ""}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cache-control": "no-store",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  vary: "Accept-Language",
});
