#include "server/pages/pages.hpp"

namespace onboard::server::pages {

// Text keeps a contrast of 4.5 to 1 or more, borders of fields and the focus ring 3 to 1 (WCAG 2.2, AA), in both
// colour schemes.
std::string_view stylesheet()
{
    return R"(:root {
  color-scheme: light dark;
  --ground: #f3f6f4;
  --glow: #d9efe7;
  --surface: #ffffff;
  --edge: #dfe7e3;
  --text: #14211d;
  --muted: #52635c;
  --accent: #0b7261;
  --accent-strong: #075a4d;
  --on-accent: #ffffff;
  --tint: #e3f3ee;
  --caution: #8a4b08;
  --caution-tint: #fdf1dd;
  --caution-edge: #eccf9d;
  --field: #fbfdfc;
  --field-edge: #75877f;
  --shadow: 0 1px 2px rgb(16 40 33 / 6%), 0 18px 48px -12px rgb(16 40 33 / 16%);
}

@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1412;
    --glow: #12302a;
    --surface: #151e1b;
    --edge: #28352f;
    --text: #eaf2ee;
    --muted: #a3b5ad;
    --accent: #4fd1b5;
    --accent-strong: #7fe3cc;
    --on-accent: #05251e;
    --tint: #17332c;
    --caution: #f5c274;
    --caution-tint: #33260f;
    --caution-edge: #5d4719;
    --field: #0f1715;
    --field-edge: #71857c;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 18px 48px -12px rgb(0 0 0 / 60%);
  }
}

*, ::before, ::after { box-sizing: border-box; }

html {
  -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%;
  background: var(--ground);
}

body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  padding: clamp(1rem, 4vw, 2.5rem);
  display: flex;
  flex-direction: column;
  align-items: center;
  gap: clamp(1rem, 4vh, 2rem);
  background: radial-gradient(60rem 32rem at 50% -12rem, var(--glow), transparent) no-repeat var(--ground);
  color: var(--text);
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}

/* The empty half below keeps the card a little above the middle. */
body::before { content: ""; flex: 1; }
body::after { content: ""; flex: 1.6; }

.brand {
  display: flex;
  align-items: center;
  gap: .625rem;
  font-size: 1.25rem;
  font-weight: 650;
  letter-spacing: -.015em;
}

.mark-ground { fill: var(--accent); }
.mark-line { stroke: var(--on-accent); }
.mark-dot { fill: var(--on-accent); }

.card {
  width: 100%;
  max-width: 29rem;
  padding: clamp(1.5rem, 6vw, 2.75rem);
  background: var(--surface);
  border: 1px solid var(--edge);
  border-radius: 1.5rem;
  box-shadow: var(--shadow);
}

.card > :first-child { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }

.emblem {
  width: 3.5rem;
  height: 3.5rem;
  margin-bottom: 1.25rem;
  display: grid;
  place-items: center;
  border-radius: 1.125rem;
  background: var(--tint);
  color: var(--accent);
}

.emblem.caution {
  background: var(--caution-tint);
  color: var(--caution);
}

h1 {
  margin: 0 0 .75rem;
  font-size: clamp(1.625rem, 1.4rem + 1.2vw, 2rem);
  font-weight: 700;
  line-height: 1.2;
  letter-spacing: -.02em;
  text-wrap: balance;
}

p { margin: 0 0 1rem; }
h1 ~ p { color: var(--muted); }
strong { color: var(--text); font-weight: 650; }
.number { white-space: nowrap; }

.request {
  margin: 1.5rem 0;
  padding: 1.125rem 1.25rem;
  border-radius: 1rem;
  background: var(--tint);
}

.request p { margin: 0; }
.request p + p { margin-top: .5rem; }

form { margin: 1.75rem 0 0; }

label {
  display: block;
  margin-bottom: .5rem;
  font-weight: 650;
}

input.code, input.field {
  display: block;
  width: 100%;
  border: 2px solid var(--field-edge);
  border-radius: .875rem;
  background: var(--field);
  color: var(--text);
}

input.field {
  min-height: 3.25rem;
  margin: 0 0 1.25rem;
  padding: .5rem .875rem;
  font: inherit;
  text-overflow: ellipsis;
}

input.field[readonly] {
  border-color: var(--edge);
  background: transparent;
}

input.code {
  min-height: 4rem;
  margin: 0 0 1rem;
  padding: .5rem .75rem;
  font: 600 1.75rem/1.2 ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  letter-spacing: .28em;
  text-align: center;
  text-indent: .28em;
}

.code[aria-invalid="true"], .field[aria-invalid="true"] { border-color: var(--caution); }

.hint {
  margin: 0 0 1rem;
  color: var(--muted);
  font-size: .9375rem;
}

button, .button {
  display: block;
  width: 100%;
  min-height: 3.25rem;
  padding: .75rem 1.25rem;
  border: 2px solid transparent;
  border-radius: .875rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 650;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}

button:hover, .button:hover { background: var(--accent-strong); }
button:active, .button:active { transform: translateY(1px); }

.quiet {
  border-color: var(--field-edge);
  background: transparent;
  color: var(--text);
}

.quiet:hover { border-color: var(--accent); background: var(--tint); }

.actions {
  display: grid;
  gap: .875rem;
  margin: 1.75rem 0 0;
}

a:not(.button) {
  border-radius: .25rem;
  color: var(--accent);
  font-weight: 650;
  text-underline-offset: .2em;
}

.step {
  display: inline-block;
  padding: .5rem 0;
}

a:not(.button):hover { color: var(--accent-strong); }

:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 3px;
}

.small {
  margin: 1rem 0 0;
  color: var(--muted);
  font-size: .9375rem;
}

.notice {
  display: flex;
  gap: .75rem;
  align-items: flex-start;
  margin: 0 0 1rem;
  padding: .875rem 1rem;
  border: 1px solid var(--caution-edge);
  border-radius: .875rem;
  background: var(--caution-tint);
  color: var(--text);
}

h1 + .notice { margin-top: 1.25rem; }
.card > .notice:last-child { margin-bottom: 0; }

.notice svg {
  flex: none;
  width: 1.5rem;
  height: 1.5rem;
  color: var(--caution);
}

@media (prefers-reduced-motion: no-preference) {
  button, .button { transition: background-color .15s, border-color .15s; }
}

@media (forced-colors: active) {
  .card, .request, .notice, button, .button { border: 1px solid; }
}

@media print {
  body { background: none; }
  .card { border: 0; box-shadow: none; }
}
)";
}

}
