//! Filters from an address: the fields of the protocol's filters, by their names.
//!
//! A parameter that nobody knows is refused with the known one that looks most like it: a misspelt filter must not
//! select everything.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use diel_core::{Verdict, nearest};
use diel_proto::v1 as pb;

use super::refused::Refused;
use crate::convert::rhythm::verdict_to_proto;
use crate::refusal::Refusal;

/// The fields of a filter of profiles.
const OF_PROFILES: &[&str] = &[
    "participant",
    "groups",
    "min_age_years",
    "max_age_years",
    "first_date",
    "last_date",
    "min_slope_ln_per_h",
    "max_slope_ln_per_h",
    "valid_only",
];
/// The fields of a filter of rhythms.
const OF_RHYTHMS: &[&str] = &[
    "groups",
    "min_age_years",
    "max_age_years",
    "verdicts",
    "flag_states",
    "min_slope_ln_per_h",
    "max_slope_ln_per_h",
];
/// The fields of a filter of flags.
const OF_FLAGS: &[&str] = &[
    "states",
    "participant",
    "groups",
    "min_probability",
    "claimed_by",
    "unclaimed",
];
/// The fields of a filter of samples that an address can hold.
const OF_SAMPLES: &[&str] = &["participant", "state"];

/// The parameters of an address, in their order. One without a value counts as not given: that is how a browser sends
/// a field left empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Given(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Given {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Query(mut given): Query<Vec<(String, String)>> =
            Query::from_request_parts(parts, state)
                .await
                .map_err(|_| Refusal::field("address", "its parameters cannot be read"))?;
        given.retain(|(_, value)| !value.is_empty());
        Ok(Self(given))
    }
}

impl Given {
    /// Takes out a parameter that is not a filter's, such as a page's token.
    pub(super) fn take(&mut self, name: &str) -> String {
        let value = self.one(name).unwrap_or_default().to_owned();
        self.0.retain(|(known, _)| known != name);
        value
    }

    /// The first value of a parameter.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// All parameters as the end of an address, each with `&` behind it.
    pub(super) fn as_address(&self) -> String {
        let encode =
            |text: &str| askama::filters::urlencode_strict(text).map(|text| text.to_string());
        let pairs = self.0.iter().filter_map(|(name, value)| {
            let (name, value) = (encode(name).ok()?, encode(value).ok()?);
            Some(format!("{name}={value}&"))
        });
        pairs.collect()
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .collect()
    }

    fn text(&self, name: &str) -> String {
        self.one(name).unwrap_or_default().to_owned()
    }

    fn number(&self, name: &str) -> Result<Option<f64>, Refusal> {
        let read = |text: &str| {
            text.parse()
                .map_err(|_| Refusal::field(name, format!("{text:?} is not a number")))
        };
        self.one(name).map(read).transpose()
    }

    fn truth(&self, name: &str) -> Result<bool, Refusal> {
        match self.one(name) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(Refusal::field(
                name,
                format!("{other:?} is neither true nor false"),
            )),
        }
    }

    fn check(&self, known: &[&str]) -> Result<(), Refusal> {
        let unknown = self
            .0
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()));
        match unknown {
            None => Ok(()),
            Some((name, _)) => {
                let likely = nearest(name, known.iter().copied()).unwrap_or_default();
                Err(Refusal::field(
                    name,
                    format!("is not a parameter; did you mean {likely}?"),
                ))
            }
        }
    }

    /// A filter of profiles.
    pub(super) fn profile_filter(&self) -> Result<pb::ProfileFilter, Refusal> {
        self.check(OF_PROFILES)?;
        Ok(pb::ProfileFilter {
            participant: self.text("participant"),
            groups: self.all("groups"),
            min_age_years: self.number("min_age_years")?,
            max_age_years: self.number("max_age_years")?,
            first_date: self.text("first_date"),
            last_date: self.text("last_date"),
            min_slope_ln_per_h: self.number("min_slope_ln_per_h")?,
            max_slope_ln_per_h: self.number("max_slope_ln_per_h")?,
            valid_only: self.truth("valid_only")?,
        })
    }

    /// A filter of rhythms.
    pub(super) fn rhythm_filter(&self) -> Result<pb::RhythmFilter, Refusal> {
        self.check(OF_RHYTHMS)?;
        let verdicts = self.all("verdicts");
        Ok(pb::RhythmFilter {
            groups: self.all("groups"),
            min_age_years: self.number("min_age_years")?,
            max_age_years: self.number("max_age_years")?,
            verdicts: verdicts
                .iter()
                .map(|word| verdict(word))
                .collect::<Result<_, _>>()?,
            flag_states: self.states("flag_states")?,
            min_slope_ln_per_h: self.number("min_slope_ln_per_h")?,
            max_slope_ln_per_h: self.number("max_slope_ln_per_h")?,
        })
    }

    /// A filter of flags.
    pub(super) fn flag_filter(&self) -> Result<pb::FlagFilter, Refusal> {
        self.check(OF_FLAGS)?;
        Ok(pb::FlagFilter {
            states: self.states("states")?,
            participant: self.text("participant"),
            groups: self.all("groups"),
            min_probability: self.number("min_probability")?,
            claimed_by: self.text("claimed_by"),
            unclaimed: self.truth("unclaimed")?,
        })
    }

    /// A filter of samples.
    pub(super) fn specimen_filter(&self) -> Result<pb::SpecimenFilter, Refusal> {
        self.check(OF_SAMPLES)?;
        Ok(pb::SpecimenFilter {
            participant: self.text("participant"),
            state: self.one("state").map_or(Ok(0), specimen_state)?,
            created_before_time: None,
        })
    }

    /// Fits are not filtered.
    pub(super) fn fit_filter(&self) -> Result<pb::ListFitsRequest, Refusal> {
        match self.0.first() {
            None => Ok(pb::ListFitsRequest::default()),
            Some((name, _)) => Err(Refusal::field(
                name,
                "is not a parameter; fits are not filtered",
            )),
        }
    }

    fn states(&self, name: &str) -> Result<Vec<i32>, Refusal> {
        self.all(name)
            .iter()
            .map(|word| state(name, word))
            .collect()
    }
}

fn verdict(word: &str) -> Result<i32, Refusal> {
    match Verdict::from_code(word) {
        Some(verdict) => Ok(verdict_to_proto(verdict) as i32),
        None => {
            let known: Vec<_> = Verdict::ALL.into_iter().map(Verdict::code).collect();
            let rule = format!("{word:?} is not one of {}", known.join(", "));
            Err(Refusal::field("verdicts", rule))
        }
    }
}

/// A state of a specimen by the word that the command line has for it.
fn specimen_state(word: &str) -> Result<i32, Refusal> {
    let of_enum = format!("SPECIMEN_STATE_{}", word.replace('-', "_").to_uppercase());
    match pb::SpecimenState::from_str_name(&of_enum) {
        Some(state) if state != pb::SpecimenState::Unspecified => Ok(state as i32),
        _ => Err(Refusal::field(
            "state",
            format!("{word:?} is not one of complete, waiting-for-collection, waiting-for-result"),
        )),
    }
}

/// A state by the word that tables write for it.
fn state(name: &str, word: &str) -> Result<i32, Refusal> {
    let of_enum = format!("FLAG_STATE_{}", word.replace('-', "_").to_uppercase());
    match pb::FlagState::from_str_name(&of_enum) {
        Some(state) if state != pb::FlagState::Unspecified => Ok(state as i32),
        _ => {
            let known = (1..)
                .map_while(|number| pb::FlagState::try_from(number).ok())
                .map(|state| crate::table::flags::plain(state.as_str_name(), "FLAG_STATE_"));
            let known: Vec<_> = known.collect();
            let rule = format!("{word:?} is not one of {}", known.join(", "));
            Err(Refusal::field(name, rule))
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Given {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Given(pairs.iter().map(own).collect())
    }

    fn said(refusal: Refusal) -> String {
        tonic::Status::from(refusal).message().to_owned()
    }

    #[test]
    fn a_misspelt_filter_does_not_select_everything() {
        let refusal = given(&[("group", "a")]).rhythm_filter().unwrap_err();
        assert_eq!(
            said(refusal),
            "group: is not a parameter; did you mean groups?"
        );
        let refusal = given(&[("min_slope_ln_per_h", "steep")])
            .rhythm_filter()
            .unwrap_err();
        assert_eq!(
            said(refusal),
            "min_slope_ln_per_h: \"steep\" is not a number"
        );
        let refusal = given(&[("verdicts", "FLAT")]).rhythm_filter().unwrap_err();
        assert!(said(refusal).starts_with("verdicts: \"FLAT\" is not one of NOT_FLAT, "));
        let refusal = given(&[("states", "shut")]).flag_filter().unwrap_err();
        assert!(said(refusal).starts_with("states: \"shut\" is not one of open, resolved"));
    }

    #[test]
    fn repeated_parameters_are_any_of_them() {
        let filter = given(&[("groups", "a"), ("groups", "b&c"), ("states", "open")]);
        let read = filter.flag_filter().unwrap();
        assert_eq!(read.groups, ["a", "b&c"]);
        assert_eq!(read.states, [pb::FlagState::Open as i32]);
        assert_eq!(filter.as_address(), "groups=a&groups=b%26c&states=open&");
    }
}
