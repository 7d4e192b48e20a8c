//! Progress bars for what takes longer than a second. Silent when standard error is not a terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that appears only when people would begin to wonder.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    shown: bool,
}

impl Progress {
    /// A bar over a number of steps, such as "rows"; 0 when it is not known how many.
    pub(crate) fn new(total: u64, unit: &'static str) -> Self {
        let length = (total > 0).then_some(total);
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
        let template = if length.is_some() {
            format!(
                "{{bar:40}} {{percent:>3}} %  {{human_pos}} of {{human_len}} {unit}, {{eta}} left"
            )
        } else {
            format!("{{spinner}} {{human_pos}} {unit}, {{elapsed}}")
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self {
            bar,
            started: Instant::now(),
            shown: false,
        }
    }

    /// A count of steps whose number nobody knows beforehand.
    pub(crate) fn counting(unit: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) =
            ProgressStyle::with_template(&format!("{{human_pos}} {unit}, {{elapsed}}"))
        {
            bar.set_style(style);
        }
        Self {
            bar,
            started: Instant::now(),
            shown: false,
        }
    }

    /// Moves the bar to a step.
    pub(crate) fn set(&mut self, position: u64) {
        if !self.shown && self.started.elapsed() > PATIENCE {
            // Indicatif itself keeps quiet when this is not a terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.shown = true;
        }
        self.bar.set_position(position);
    }
}

/// A bar over the bytes of a file, drawn once the reader tells how many there are.
pub(crate) fn file_progress() -> impl FnMut(u64, u64) {
    let mut bar: Option<Progress> = None;
    move |read, size| {
        bar.get_or_insert_with(|| Progress::new(size, "bytes"))
            .set(read)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
