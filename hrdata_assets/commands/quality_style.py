"""How the quality page looks: light or dark as the reader's system is, nothing fetched from anywhere."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #1b2330; --soft: #5f6b7c; --line: #e3e7ed;
  --accent: #4f43dd; --full: #d9f2e4; --full-ink: #0f5f3a; --good: #ecf8f1; --good-ink: #14653f;
  --low: #fdebc8; --low-ink: #7a4b00; --bad: #fbdcd9; --bad-ink: #96231a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161d; --card: #1a2029; --ink: #e6eaf1; --soft: #97a3b5; --line: #2b3442;
    --accent: #9d95ff; --full: #14402b; --full-ink: #a6e9c6; --good: #173325; --good-ink: #93d9b5;
    --low: #4a3710; --low-ink: #ffd98a; --bad: #54211d; --bad-ink: #ffb8b1;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1320px; margin: 0 auto; padding: 32px 24px 56px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 18px; margin: 36px 0 12px; }
p { margin: 6px 0; } .soft { color: var(--soft); } code { font: 13px ui-monospace, Menlo, Consolas, monospace; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin-top: 22px; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile { padding: 14px 16px; } .tile b { display: block; font-size: 26px; line-height: 1.25; font-weight: 650; }
.tile span { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
.tile.bad b { color: var(--bad-ink); }
.tile.low b { color: var(--low-ink); }
.card { overflow-x: auto; } .note { padding: 10px 16px; border-left: 4px solid var(--line); margin-bottom: 8px; }
.note.bad { border-left-color: var(--bad-ink); } .note.low { border-left-color: var(--low-ink); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 550; font-size: 12.5px; color: var(--soft); white-space: nowrap; }
th, td { padding: 7px 8px; border-bottom: 1px solid var(--line); vertical-align: middle; }
tr:last-child td { border-bottom: 0; } td.n, th.n { text-align: right; white-space: nowrap; }
td.s { text-align: center; white-space: nowrap; font-size: 13.5px; padding: 4px; } th.s { text-align: center; }
.s span { display: block; border-radius: 6px; padding: 3px 6px; min-width: 52px; }
.s small { display: block; font-size: 11px; opacity: .8; }
.full > span { background: var(--full); color: var(--full-ink); }
.good > span { background: var(--good); color: var(--good-ink); }
.under > span { background: var(--bad); color: var(--bad-ink); }
.none > span { color: var(--soft); }
.badge { background: var(--bad); color: var(--bad-ink); border-radius: 5px; padding: 1px 7px; font-size: 12px; }
.bar { background: var(--bad-ink); border-radius: 4px; height: 8px; width: 120px; overflow: hidden; }
.bar i { display: block; height: 8px; background: var(--line); border-right: 2px solid var(--card); }
svg.trend { display: block; color: var(--accent); } summary { cursor: pointer; padding: 10px 16px; color: var(--soft); }
.key > span > span { display: inline-block; border-radius: 6px; padding: 1px 8px; margin-right: 4px; font-size: 13px; }
@media print { main { max-width: none; padding: 0; } .card { overflow: visible; } }
"""
