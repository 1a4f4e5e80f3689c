/** Pages that commands write: no script, nothing from elsewhere. */

/** One style of all of them. */
export const pageStyle = `body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff }
table { border-collapse: collapse; margin: .5rem 0 1.5rem } th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid #d7dce1 }
td.n, th.n { text-align: right } .kept { color: #0a6b2d } .broken { color: #b3001b; font-weight: 600 } svg { width: 100%; height: 9rem; background: #f5f7f9 }`;

export function tableOf(heads: readonly string[], rows: readonly (readonly (number | string)[])[]): string {
  const cell = (value: number | string, tag: "td" | "th") => {
    const text = escaped(String(value));
    const kind = typeof value === "number" ? "n" : text.startsWith("✓") ? "kept" : text.startsWith("✗") ? "broken" : "";
    return `<${tag}${kind ? ` class="${kind}"` : ""}>${text}</${tag}>`;
  };
  const row = (cells: readonly (number | string)[], tag: "td" | "th") =>
    `<tr>${cells.map((each) => cell(each, tag)).join("")}</tr>`;
  return `<table>${row(heads, "th")}${rows.map((each) => row(each, "td")).join("")}</table>`;
}

export const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
