//! Why a text is not taken as a setting.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Something about the settings that keeps a server from starting.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not TOML. The line is not shown: a password may stand in it.
    #[error("{}, line {line}: {rule}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the reader said.
        rule: String,
    },
    /// A key that nobody knows.
    #[error("{}: {unknown}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Which key, and the known one that looks most like it.
        unknown: Unknown,
    },
    /// A value of the wrong kind in the file.
    #[error("{}: {key} = {value}: {rule}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// The value, as TOML.
        value: String,
        /// What it should be.
        rule: String,
    },
    /// A text of the wrong kind, in the environment or on the command line.
    #[error("{source_name} `{text}`: {rule}")]
    Text {
        /// What the reader knows the text by.
        source_name: String,
        /// The text.
        text: String,
        /// What it should be.
        rule: String,
    },
    /// The server refuses it.
    #[error("{problem} ({origin})")]
    Rule {
        /// The rule, with key and value.
        problem: String,
        /// Where the value comes from.
        origin: super::origin::Origin,
    },
}

impl Problem {
    /// A file that is not TOML.
    pub(super) fn syntax(path: PathBuf, text: &str, error: &toml::de::Error) -> Self {
        let end = error.span().map_or(text.len(), |span| span.start);
        let before = text.get(..end).unwrap_or(text);
        Self::Syntax {
            path,
            line: 1 + before.matches('\n').count(),
            rule: error.message().to_owned(),
        }
    }
}

/// A name that is no setting.
#[derive(Debug)]
pub(super) struct Unknown {
    /// What was written.
    pub(super) name: String,
    /// The known name that looks most like it.
    pub(super) likely: Option<String>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is not a setting", self.name)?;
        match &self.likely {
            Some(likely) => write!(formatter, "; did you mean `{likely}`?"),
            None => Ok(()),
        }
    }
}

/// All of them: one alone is the message, several stand below their number.
#[derive(Debug)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [problem] = self.0.as_slice() {
            return write!(formatter, "{problem}");
        }
        write!(formatter, "{} settings cannot be used:", self.0.len())?;
        for problem in &self.0 {
            write!(formatter, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl Error for Problems {}
