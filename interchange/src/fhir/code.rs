//! Enumerations of the protocol as codes: the name without its prefix, in small letters.

use diel_proto::v1;

/// An enumeration of the protocol.
pub(super) trait Coded: Copy + Default + PartialEq + Sized {
    /// What the names of its values begin with.
    const PREFIX: &'static str;

    fn name(self) -> &'static str;

    fn from_name(name: &str) -> Option<Self>;
}

macro_rules! coded {
    ($($name:ident = $prefix:literal),+ $(,)?) => {
        $(impl Coded for v1::$name {
            const PREFIX: &'static str = $prefix;

            fn name(self) -> &'static str {
                self.as_str_name()
            }

            fn from_name(name: &str) -> Option<Self> {
                Self::from_str_name(name)
            }
        })+
    };
}

coded!(
    TimeSource = "TIME_SOURCE_",
    Condition = "CONDITION_",
    Sex = "SEX_",
    MissingReason = "MISSING_REASON_",
);

/// The code; `None` for a value that says nothing.
pub(super) fn write<T: Coded>(value: T) -> Option<String> {
    (value != T::default()).then(|| {
        let name = value.name();
        name.strip_prefix(T::PREFIX).unwrap_or(name).to_lowercase()
    })
}

/// The value of a code.
pub(super) fn read<T: Coded>(code: &str) -> Option<T> {
    let value = T::from_name(&format!("{}{}", T::PREFIX, code.to_uppercase()))?;
    (value != T::default()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use diel_proto::v1::{Condition, MissingReason, TimeSource};

    #[test]
    fn codes_are_those_of_the_lists() {
        assert_eq!(
            write(MissingReason::InsufficientVolume).as_deref(),
            Some("insufficient_volume")
        );
        assert_eq!(write(TimeSource::Unspecified), None);
        assert_eq!(read("night_shift"), Some(Condition::NightShift));
        assert_eq!(read::<Condition>("unspecified"), None);
        assert_eq!(read::<Condition>("fasting"), None);
    }
}
