/** How the page of the API looks: readable from 375 px up, by day and by night. */
export const docsStyle = `
:root {
  --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --paper: #ffffff; --shade: #f5f7f9; --link: #0b5cad;
  --get: #0b6b3a; --post: #0b5cad; --put: #8a5a00; --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e9ec; --soft: #9aa4ae; --line: #30363d; --paper: #0f1318; --shade: #171c22; --link: #7db8f5;
    --get: #6fd39b; --post: #7db8f5; --put: #e3b65c; --delete: #ff9b93;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
}
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
code { font: 0.9em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
header { padding: 2rem clamp(1rem, 4vw, 3rem) 1.25rem; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -0.01em; }
header p { margin: 0.25rem 0 0; color: var(--soft); }
.page { display: grid; grid-template-columns: 15rem minmax(0, 56rem); gap: clamp(1.5rem, 4vw, 4rem); padding: 0 clamp(1rem, 4vw, 3rem); }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 1.5rem 0; font-size: 0.875rem; }
nav p { margin: 0.75rem 0 0.25rem; font-weight: 600; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: flex; gap: 0.5rem; align-items: baseline; padding: 0.125rem 0; color: var(--ink); }
main { padding: 0.5rem 0 4rem; min-width: 0; }
h2 { margin: 2.5rem 0 1rem; font-size: 1.375rem; }
h3 { margin: 0; font-size: 1rem; font-weight: 600; display: flex; gap: 0.625rem; align-items: baseline; }
h3 code { font-size: 1rem; }
h4 { margin: 1.25rem 0 0.375rem; font-size: 0.8125rem; color: var(--soft); font-weight: 600; }
article { padding: 1.25rem 0 1.5rem; border-top: 1px solid var(--line); }
article p { margin: 0.375rem 0; }
dl { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: 0.375rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; }
.method { font: 600 0.75rem/1.4 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; flex: none; min-width: 3.25rem; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .delete { color: var(--delete); }
.tag { font-size: 0.8125rem; color: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: 0.0625rem 0.375rem; white-space: nowrap; }
.status { color: var(--get); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4375rem 0.75rem; border-top: 1px solid var(--line); font-weight: 400; }
thead th { border-top: 0; background: var(--shade); color: var(--soft); font-size: 0.8125rem; }
td:last-child { min-width: 11rem; }
tbody th { white-space: nowrap; }
.d1 { padding-left: 1.75rem; } .d2 { padding-left: 2.75rem; } .d3 { padding-left: 3.75rem; } .d4 { padding-left: 4.75rem; } .d5 { padding-left: 5.75rem; }
.optional, .bounds { color: var(--soft); font-size: 0.8125rem; }
.codes { display: flex; flex-wrap: wrap; gap: 0.25rem 0.875rem; font-size: 0.875rem; }
tr:target { background: var(--shade); }
@media (max-width: 60rem) {
  .page { grid-template-columns: minmax(0, 1fr); gap: 0; }
  nav { position: static; max-height: none; padding-bottom: 0; border-bottom: 1px solid var(--line); }
  nav ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 0 1rem; padding-bottom: 0.5rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dd { margin-bottom: 0.5rem; }
}
@media (max-width: 40rem) {
  thead { display: none; }
  tr, tbody th, td { display: block; border: 0; white-space: normal; }
  tr { padding: 0.5rem 0; border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 0; }
  tbody th, td { padding-top: 0.0625rem; padding-bottom: 0.0625rem; }
  td:empty { display: none; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--soft); }
  th.d1 ~ td { padding-left: 1.75rem; } th.d2 ~ td { padding-left: 2.75rem; }
  th.d3 ~ td { padding-left: 3.75rem; } th.d4 ~ td { padding-left: 4.75rem; } th.d5 ~ td { padding-left: 5.75rem; }
}
`;
