//! Arguments that are read into more than a word.

use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use diel_core::formula::Formula;

/// Reads a formula. What is wrong is said without the formula before it, which may be long; the cause shows the place.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormulaParser;

impl TypedValueParser for FormulaParser {
    type Value = Formula;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Formula, Error> {
        let name = argument.and_then(Arg::get_long).unwrap_or("formula");
        let refused = |cause: String| {
            let text = format!("--{name}: {cause}\n");
            Error::raw(ErrorKind::ValueValidation, text).with_cmd(command)
        };
        let text = value
            .to_str()
            .ok_or_else(|| refused("the text is not UTF-8".to_owned()))?;
        Formula::parse(text).map_err(|error| refused(error.to_string()))
    }
}

/// Reads `COLUMN=VALUE`.
pub(super) fn held(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, value)) if !column.trim().is_empty() => {
            Ok((column.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write COLUMN=VALUE, as in sex=f".to_owned()),
    }
}
