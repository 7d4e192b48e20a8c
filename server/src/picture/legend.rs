//! What the marks mean. Only marks that the picture holds are explained.

use super::markup::Markup;
use super::{PersonPicture, SampleKind, curve_panel};

const LEFT: f64 = 76.0;
const TOP: f64 = 480.0;
const COLUMN: f64 = 262.0;
const ROW: f64 = 20.0;
/// Where a text begins, right of its mark.
const INDENT: f64 = 34.0;

#[derive(Clone, Copy)]
enum Entry {
    Reference,
    Person,
    Sample(SampleKind),
    LeftOut,
}

/// Draws the legend in two columns below the left panel.
pub(super) fn draw(svg: &mut Markup, picture: &PersonPicture) {
    let entries: Vec<Entry> = entries(picture).collect();
    let rows = entries.len().div_ceil(2);
    for (column, of_column) in entries.chunks(rows.max(1)).enumerate() {
        // A narrow page moves the second column below the first; it has to know by how many rows.
        let class = format!("legend-{} rows-{rows}", column + 1);
        svg.group(&class, "", |svg| {
            for (row, entry) in of_column.iter().enumerate() {
                let x = LEFT + COLUMN * column as f64;
                let y = TOP + ROW * row as f64;
                draw_entry(svg, *entry, x, y);
            }
        });
    }
}

fn entries(picture: &PersonPicture) -> impl Iterator<Item = Entry> {
    let has = |kind: SampleKind| {
        picture
            .days
            .iter()
            .flat_map(|day| &day.samples)
            .any(|sample| sample.used && sample.kind == kind)
    };
    let left_out = picture
        .days
        .iter()
        .flat_map(|day| &day.samples)
        .any(|sample| !sample.used);
    [
        (!picture.fitted.is_empty(), Entry::Person),
        (!picture.reference_band.is_empty(), Entry::Reference),
        (has(SampleKind::Exact), Entry::Sample(SampleKind::Exact)),
        (has(SampleKind::Below), Entry::Sample(SampleKind::Below)),
        (has(SampleKind::Above), Entry::Sample(SampleKind::Above)),
        (left_out, Entry::LeftOut),
    ]
    .into_iter()
    .filter_map(|(present, entry)| present.then_some(entry))
}

fn draw_entry(svg: &mut Markup, entry: Entry, x: f64, y: f64) {
    let (from, to, centre) = ((x, y), (x + 24.0, y), (x + 12.0, y));
    let text = match entry {
        Entry::Person => {
            svg.rectangle("person-band", x, y - 6.0, 24.0, 12.0);
            svg.polyline("person-curve", [from, to]);
            "this person's curve, 95 % band"
        }
        Entry::Reference => {
            svg.rectangle("reference-band", x, y - 6.0, 24.0, 12.0);
            svg.polyline("reference-middle", [from, to]);
            "reference: middle 80 % of persons"
        }
        Entry::Sample(kind) => {
            curve_panel::mark(svg, centre, kind, true);
            match kind {
                SampleKind::Exact => "sample used in the slope",
                SampleKind::Below => "below this limit, used as such",
                SampleKind::Above => "above this limit, used as such",
            }
        }
        Entry::LeftOut => {
            curve_panel::mark(svg, centre, SampleKind::Exact, false);
            "left out of the slope (tooltip: why)"
        }
    };
    svg.text("muted", x + INDENT, y + 4.0, text);
}
