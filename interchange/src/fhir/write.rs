//! Writes resources as they come: nothing is gathered, however large the study is.

use std::io::{self, Write};

use serde_json::json;

use super::names;
use super::resource::Resource;

/// How the resources of a file stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One Bundle of the kind collection.
    Bundle,
    /// One resource a line, as in bulk exports.
    Lines,
}

/// A file under way.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    form: Form,
    written: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a file of what a study holds.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(mut out: W, form: Form, study: &str) -> io::Result<Self> {
        if form == Form::Bundle {
            let identifier =
                json!({ "system": format!("{}/studies", names::BASE), "value": study });
            write!(
                out,
                "{{\"resourceType\":\"Bundle\",\"identifier\":{identifier},\"type\":\"collection\""
            )?;
        }
        Ok(Self {
            out,
            form,
            written: 0,
        })
    }

    /// Writes a resource. A Specimen comes before the Observations that refer to it.
    ///
    /// # Errors
    /// Those of the file.
    pub fn write(&mut self, resource: &Resource) -> io::Result<()> {
        match self.form {
            Form::Lines => writeln!(self.out, "{}", resource.value())?,
            Form::Bundle => {
                let before = if self.written == 0 {
                    ",\"entry\":["
                } else {
                    ","
                };
                let entry = json!({
                    "fullUrl": urn(&resource.id),
                    "resource": resource.referring(urn),
                });
                write!(self.out, "{before}\n{entry}")?;
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Ends the file; returns how many resources are in it.
    ///
    /// # Errors
    /// Those of the file.
    pub fn end(mut self) -> io::Result<u64> {
        if self.form == Form::Bundle {
            let end = if self.written == 0 { "}" } else { "\n]}" };
            writeln!(self.out, "{end}")?;
        }
        self.out.flush()?;
        Ok(self.written)
    }
}

/// What an entry is referred to by.
fn urn(id: &str) -> String {
    format!("urn:uuid:{id}")
}
