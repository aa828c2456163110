/** The style of the page: the colours and measures of the web client's pages, for text and shapes. */
export const docsStyle = `:root {
  color-scheme: light dark;
  --paper: #f6f4ef; --surface: #fffefb; --ink: #1c2431; --ink-soft: #566070; --line: #dedacf;
  --accent: #0b5f68; --on-accent: #ffffff; --wash: #e9e6dd;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  --mono: ui-monospace, "SFMono-Regular", "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11151b; --surface: #191f27; --ink: #e9ecf1; --ink-soft: #a7b1be; --line: #2d3641;
    --accent: #6fcbd0; --on-accent: #06282b; --wash: #29313c;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 1rem / 1.5 var(--sans); scroll-padding-top: 1rem; text-size-adjust: 100%; -webkit-text-size-adjust: 100%; }
body { margin: 0; }
header, main { max-width: 72rem; margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2.5rem); }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.5rem 1.5rem; padding-block: 1rem; border-block-end: 1px solid var(--line); }
main { padding-block: 1.5rem 4rem; }
h1 { margin: 0 0 0.5rem; font-size: 1.75rem; font-weight: 650; line-height: 1.2; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.25rem; font-weight: 650; }
h3 { margin: 0 0 0.5rem; font-size: 1rem; font-weight: 650; overflow-wrap: anywhere; }
p { margin: 0 0 0.5rem; max-width: 46rem; }
a { color: var(--accent); text-underline-offset: 0.2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
main:focus { outline: none; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding-block: 0.2rem; }
.brand { color: var(--ink); font-weight: 650; text-decoration: none; }
.soft { color: var(--ink-soft); font-size: 0.9375rem; }
.skip { position: absolute; inset-block-start: 0.5rem; inset-inline-start: 0.5rem; padding: 0.5rem 1rem; border-radius: 6px; background: var(--accent); color: var(--on-accent); transform: translateY(-200%); }
.skip:focus { transform: none; }
article { margin-block-end: 1rem; padding: 1rem; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
code, pre { font-family: var(--mono); font-size: 0.8125rem; }
h3 code { font-size: 0.9375rem; }
pre { margin: 0 0 0.75rem; padding: 0.75rem; overflow-x: auto; border-radius: 6px; background: var(--wash); line-height: 1.45; max-block-size: 32rem; }
pre i { color: var(--ink-soft); font-style: normal; }
.method { display: inline-block; padding: 0 0.5rem; border-radius: 6px; background: var(--accent); color: var(--on-accent); font-size: 0.8125rem; }
.token { font-family: var(--mono); font-size: 0.8125rem; }
.table { overflow-x: auto; margin-block-end: 0.75rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; border-block-end: 1px solid var(--line); text-align: start; vertical-align: top; font-weight: 400; }
thead th { color: var(--ink-soft); font-size: 0.8125rem; }
dl { display: grid; grid-template-columns: 3.5rem minmax(0, 1fr); gap: 0.35rem 0.5rem; margin: 0; font-size: 0.9375rem; }
dt { font-weight: 650; }
dd { margin: 0; min-width: 0; }
@media (forced-colors: active) { .method, article, pre { border: 1px solid; } }
`;
