//! Colours and type, for light and dark readers.
//!
//! Texts and lines that carry meaning have a contrast of at least 4.5 to 1 against the paper in both schemes
//! (WCAG 2 level AA), and no meaning rests on colour alone: kinds of samples differ by shape.

/// The style sheet. The classes are named for what they mark; a page may restyle them.
pub(super) const STYLE: &str = "
text{font-family:'DejaVu Sans',Verdana,'Segoe UI',Helvetica,Arial,sans-serif;font-size:12px;fill:#1b1f24}
.paper{fill:#ffffff}
.heading{font-size:19px;font-weight:bold}
.verdict{font-size:14px}
.panel-title{font-size:13px;font-weight:bold}
.strong{font-weight:bold}
.muted{fill:#4b5563}
.note{fill:#4b5563;font-size:11px}
.centred,.axis-title{text-anchor:middle}
.at-end{text-anchor:end}
.badge{fill:#fff4e5;stroke:#9a3412;stroke-width:1.2}
.badge-text{fill:#9a3412;font-weight:bold;font-size:13px;text-anchor:middle}
.grid{stroke:#e5e9ee;stroke-width:1}
.axis{stroke:#4b5563;stroke-width:1}
.reference-band{fill:#e3e8ee}
.reference-middle{fill:none;stroke:#66717f;stroke-width:1.5;stroke-dasharray:2 4}
.person-band{fill:#0b5cad;fill-opacity:.16}
.person-curve{fill:none;stroke:#0b5cad;stroke-width:2.6}
.day{fill:none;stroke:#0b5cad;stroke-width:1;stroke-opacity:.45}
.used{fill:#0b5cad;stroke:#ffffff;stroke-width:1}
.censored{fill:#ffffff;stroke:#0b5cad;stroke-width:1.8}
.left-out{fill:#ffffff;stroke:#66717f;stroke-width:1.5}
.density{fill:#0b5cad;fill-opacity:.10;stroke:none}
.density-line{fill:none;stroke:#0b5cad;stroke-width:2}
.probability{fill:#c2410c;fill-opacity:.42}
.threshold{stroke:#9a3412;stroke-width:2;stroke-dasharray:6 3}
.threshold-text{fill:#9a3412;font-weight:bold;text-anchor:middle}
.interval{stroke:#0b5cad;stroke-width:4}
@media (prefers-color-scheme:dark){
text{fill:#e8ebef}
.paper{fill:#14181d}
.muted,.note{fill:#b3bdc9}
.badge{fill:#3a2413;stroke:#ffb38a}
.badge-text{fill:#ffb38a}
.grid{stroke:#262d35}
.axis{stroke:#b3bdc9}
.reference-band{fill:#2b333d}
.reference-middle{stroke:#9aa6b4}
.person-band{fill:#7cc0ff;fill-opacity:.22}
.person-curve,.day,.density-line,.interval{stroke:#7cc0ff}
.used{fill:#7cc0ff;stroke:#14181d}
.censored{fill:#14181d;stroke:#7cc0ff}
.left-out{fill:#14181d;stroke:#9aa6b4}
.density{fill:#7cc0ff;fill-opacity:.14}
.probability{fill:#ff9a62;fill-opacity:.5}
.threshold{stroke:#ffb38a}
.threshold-text{fill:#ffb38a}
}
";
