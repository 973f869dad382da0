// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

// Private to core/report: the page's style sheet. Blue and orange are told apart by readers who do
// not see red and green, and no mark is colour alone.
namespace scrit::report {

inline constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark;
  --page: #fbfbfa; --card: #ffffff; --ink: #1d1f23; --soft: #5d636e; --faint: #8b919c;
  --rule: #e4e5e8; --track: #eeeff1; --accent: #2f6db3; --accent-soft: #a9c8ea;
  --yes: #2f6db3; --yes-soft: #e3eefa; --no: #b9570f; --no-soft: #fbe9db; --grey-soft: #eeeff1; }
@media (prefers-color-scheme: dark) { :root {
  --page: #17191d; --card: #1f2227; --ink: #e6e7ea; --soft: #a8aeb9; --faint: #7b818c;
  --rule: #32363d; --track: #2b2f36; --accent: #6ba6e5; --accent-soft: #34547a;
  --yes: #7fb3ea; --yes-soft: #20334a; --no: #f0a064; --no-soft: #452c18; --grey-soft: #2b2f36; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
header { margin-bottom: 24px; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 4px; letter-spacing: -0.01em;
  overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 4px; }
h3 { font-size: 14px; margin: 0 0 8px; color: var(--soft); font-weight: 600; }
h4 { font-size: 12px; margin: 16px 0 4px; color: var(--soft); text-transform: uppercase;
  letter-spacing: 0.06em; }
p { margin: 0 0 12px; } .about { color: var(--soft); max-width: 72ch; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 12px; font-size: 14px; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
  padding: 24px; margin: 16px 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
  padding: 16px; }
.tile b { display: block; font-size: 24px; line-height: 1.2; font-weight: 600; }
.tile span { color: var(--soft); font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-size: 14px;
  font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 12px; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--rule); vertical-align: middle; }
tr:last-child td { border-bottom: 0; }
td.n, th.n { text-align: right; white-space: nowrap; }
td.name { overflow-wrap: anywhere; max-width: 360px; } td.deep { padding-left: 20px; }
td.wide { width: 40%; min-width: 180px; padding-right: 0; }
.scroll { overflow-x: auto; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 32px; }
.cells { display: grid; grid-template-columns: auto 1fr 1fr; gap: 8px; max-width: 640px; }
.cells > div { padding: 12px; border-radius: 6px; }
.cells .head { color: var(--soft); font-size: 13px; font-weight: 600; align-self: center; }
.cells .good { background: var(--yes-soft); } .cells .bad { background: var(--no-soft); }
.cells b { display: block; font-size: 20px; font-weight: 600; }
svg { display: block; } svg.mark { width: 100%; height: auto; max-height: 20px; min-width: 160px; }
svg.chart { max-width: 100%; height: auto; margin: 8px 0 16px; }
svg .grid { stroke: var(--rule); stroke-width: 1; } svg .axis { stroke: var(--faint); }
svg .bar { fill: var(--accent); } svg .muted { fill: var(--faint); }
svg .track { fill: var(--track); } svg .interval { fill: var(--accent-soft); }
svg .point { fill: var(--accent); } svg .curve { fill: none; stroke: var(--accent);
  stroke-width: 1.5; }
svg text { fill: var(--soft); font-size: 12px; text-anchor: middle; }
svg text.value { fill: var(--ink); } svg text.end { text-anchor: end; }
svg text.faint { fill: var(--faint); font-size: 10px; }
details { border-top: 1px solid var(--rule); padding: 10px 0; }
details:first-of-type { border-top: 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
.id { color: var(--faint); font-variant-numeric: tabular-nums; margin-right: 4px; }
.badges { display: flex; flex-wrap: wrap; gap: 4px; margin: 4px 0 0 16px; }
.badge { font-size: 12px; padding: 1px 8px; border-radius: 999px; background: var(--grey-soft);
  color: var(--soft); white-space: nowrap; }
.badge.yes { background: var(--yes-soft); color: var(--yes); }
.badge.no, .badge.flag { background: var(--no-soft); color: var(--no); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 8px 24px;
  margin: 12px 0 0; font-size: 13px; }
.facts dt { color: var(--faint); font-size: 12px; } .facts dd { margin: 0;
  overflow-wrap: anywhere; }
.panes { display: grid; grid-template-columns: repeat(auto-fit, minmax(360px, 1fr)); gap: 8px 32px; }
.panes > div { min-width: 0; }
pre { font: 13px/1.5 ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; margin: 0;
  white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.steps { margin: 0; padding-left: 28px; } .steps li { padding: 4px 8px; border-left: 2px solid
  var(--rule); margin-bottom: 4px; } .steps li::marker { color: var(--faint); }
.steps li.wrong { border-left-color: var(--no); background: var(--no-soft); }
.note { color: var(--no); font-size: 12px; } .cut { color: var(--faint); }
footer { color: var(--faint); font-size: 13px; margin-top: 24px; }
@media print { body { background: none; } section, .tile { break-inside: avoid; } nav { display: none; } }
)css";

} // namespace scrit::report
