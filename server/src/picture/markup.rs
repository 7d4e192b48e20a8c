//! Writes SVG. Every text and attribute goes through one door that escapes it.

use std::fmt::Write;

use super::number;

/// SVG text under construction.
pub(super) struct Markup(String);

/// The part of the drawing that shows, in user units.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// Left edge.
    pub(super) x: f64,
    /// Upper edge.
    pub(super) y: f64,
    /// Width.
    pub(super) width: f64,
    /// Height.
    pub(super) height: f64,
}

impl Markup {
    /// Begins a document that carries its message in words too.
    pub(super) fn document(width: f64, height: f64, title: &str, description: &str) -> Self {
        let mut markup = Self(String::with_capacity(16 * 1024));
        let (w, h) = (number::coordinate(width), number::coordinate(height));
        markup.push(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
             role=\"img\" aria-labelledby=\"diel-title diel-desc\">\n\
             <title id=\"diel-title\">{}</title>\n<desc id=\"diel-desc\">{}</desc>\n",
            escape(title),
            escape(description)
        ));
        markup
    }

    /// Begins a drawing inside a page, which gives it its size and its style sheet; `id` is unique in the page. The
    /// message in words is its text alternative.
    pub(super) fn inline(id: &str, view: View, message: &str) -> Self {
        let mut markup = Self(String::with_capacity(16 * 1024));
        let id = escape(id);
        markup.push(format_args!(
            "<svg viewBox=\"{} {} {} {}\" class=\"picture\" role=\"img\" aria-labelledby=\"{id}-words\">\n\
             <desc id=\"{id}-words\">{}</desc>\n",
            number::coordinate(view.x),
            number::coordinate(view.y),
            number::coordinate(view.width),
            number::coordinate(view.height),
            escape(message)
        ));
        markup
    }

    /// Begins a small drawing inside a table whose cells already say what it shows.
    pub(super) fn ornament(width: f64, height: f64) -> Self {
        let mut markup = Self(String::with_capacity(512));
        let (w, h) = (number::coordinate(width), number::coordinate(height));
        markup.push(format_args!(
            "<svg viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" class=\"picture ornament\" aria-hidden=\"true\">"
        ));
        markup
    }

    /// Adds a style sheet. Only ever our own text: it is not escaped.
    pub(super) fn style(&mut self, css: &'static str) {
        self.push(format_args!("<style>{css}</style>\n"));
    }

    /// Adds a rectangle by its upper left corner.
    pub(super) fn rectangle(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        self.push(format_args!(
            "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n",
            escape(class),
            number::coordinate(x),
            number::coordinate(y),
            number::coordinate(width),
            number::coordinate(height)
        ));
    }

    /// Adds a straight line.
    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.push(format_args!(
            "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n",
            escape(class),
            number::coordinate(from.0),
            number::coordinate(from.1),
            number::coordinate(to.0),
            number::coordinate(to.1)
        ));
    }

    /// Adds a line through points; fewer than two draw nothing.
    pub(super) fn polyline(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        self.points("polyline", class, points);
    }

    /// Adds a filled shape; fewer than two points draw nothing.
    pub(super) fn polygon(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        self.points("polygon", class, points);
    }

    fn points(&mut self, element: &str, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        let mut list = String::new();
        let mut count = 0;
        for (x, y) in points {
            if x.is_finite() && y.is_finite() {
                let gap = if count == 0 { "" } else { " " };
                let _ = write!(
                    list,
                    "{gap}{},{}",
                    number::coordinate(x),
                    number::coordinate(y)
                );
                count += 1;
            }
        }
        if count > 1 {
            self.push(format_args!(
                "<{element} class=\"{}\" points=\"{list}\"/>\n",
                escape(class)
            ));
        }
    }

    /// Adds a circle.
    pub(super) fn circle(&mut self, class: &str, centre: (f64, f64), radius: f64) {
        self.push(format_args!(
            "<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>\n",
            escape(class),
            number::coordinate(centre.0),
            number::coordinate(centre.1),
            number::coordinate(radius)
        ));
    }

    /// Adds a line of text; the class places its anchor.
    pub(super) fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        self.push(format_args!(
            "<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>\n",
            escape(class),
            number::coordinate(x),
            number::coordinate(y),
            escape(text)
        ));
    }

    /// Adds a line of text that reads upward.
    pub(super) fn upright_text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let (x, y) = (number::coordinate(x), number::coordinate(y));
        self.push(format_args!(
            "<text class=\"{}\" x=\"{x}\" y=\"{y}\" transform=\"rotate(-90 {x} {y})\">{}</text>\n",
            escape(class),
            escape(text)
        ));
    }

    /// Draws what `draw` draws as one group, with a tooltip when there is something to say.
    pub(super) fn group(&mut self, class: &str, tooltip: &str, draw: impl FnOnce(&mut Self)) {
        self.push(format_args!("<g class=\"{}\">", escape(class)));
        if !tooltip.is_empty() {
            self.push(format_args!("<title>{}</title>", escape(tooltip)));
        }
        draw(self);
        self.push(format_args!("</g>\n"));
    }

    /// Ends the document.
    pub(super) fn finish(mut self) -> String {
        self.push(format_args!("</svg>\n"));
        self.0
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String does not fail.
        let _ = self.0.write_fmt(text);
    }
}

/// Makes a text safe as element content and inside double quotes. Characters that XML 1.0 has no way to write
/// become U+FFFD, so that no label can make the document ill-formed.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                safe.push('\u{fffd}')
            }
            other => safe.push(other),
        }
    }
    safe
}
