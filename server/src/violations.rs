//! Everything that is wrong with a request, collected before anything is refused.

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The path, such as `results[17].concentration`.
    pub(crate) field: String,
    /// The value found and the rule.
    pub(crate) description: String,
    /// The row of the request, where the field lies in one.
    pub(crate) row: Option<u32>,
}

/// A list of broken rules with the path that the next ones lie under.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    list: Vec<Violation>,
    path: String,
    row: Option<u32>,
}

impl Violations {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Runs `check` with `field` appended to the path.
    pub(crate) fn within<T>(&mut self, field: &str, check: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(field);
        let answer = check(self);
        self.path.truncate(length);
        answer
    }

    /// Runs `check` for one row of a repeated field.
    pub(crate) fn in_row<T>(
        &mut self,
        field: &str,
        row: usize,
        check: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.row = u32::try_from(row).ok();
        // The path is written only when a rule is broken in most calls: rows are many and bad ones few.
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(field);
        self.path.push('[');
        push_number(&mut self.path, row);
        self.path.push(']');
        let answer = check(self);
        self.path.truncate(length);
        self.row = None;
        answer
    }

    /// Notes that `field` below the present path breaks a rule.
    pub(crate) fn add(&mut self, field: &str, description: impl Into<String>) {
        let field = match (self.path.is_empty(), field.is_empty()) {
            (true, _) => field.to_owned(),
            (false, true) => self.path.clone(),
            (false, false) => format!("{}.{field}", self.path),
        };
        self.list.push(Violation {
            field,
            description: description.into(),
            row: self.row,
        });
    }

    /// Unwraps a checked value or notes why there is none.
    pub(crate) fn take<T, E: std::fmt::Display>(
        &mut self,
        field: &str,
        checked: Result<T, E>,
    ) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(field, error.to_string());
                None
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Violation> + Clone {
        self.list.iter()
    }

    /// `Ok` when no rule is broken.
    pub(crate) fn into_result(self) -> Result<(), Self> {
        if self.list.is_empty() {
            Ok(())
        } else {
            Err(self)
        }
    }
}

fn push_number(text: &mut String, number: usize) {
    use std::fmt::Write as _;
    let _ = write!(text, "{number}");
}
