//! Enumerations whose variants have a stable code, and small sets of them.

/// An entry of the list of codes that profiles, rhythms and reports carry.
///
/// A code is unique within its kind; `below_limit` is a finding, an absence and a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodeEntry {
    /// The code, in snake case (verdicts in capitals). Never changes its meaning.
    pub code: &'static str,
    /// `finding`, `absence`, `reason`, `verdict`, `condition`, `missing`, `shortage`, `plate`, `batch_verdict`,
    /// `quality_reason`, `control_rule`, `control_scope`, `score_absence`, `cv_absence`, `plate_effect_absence`,
    /// `drift_absence`, `conversion_absence` or `code_shape`.
    pub kind: &'static str,
    /// What it says, in one sentence.
    pub meaning: &'static str,
}

/// Declares an enumeration with one code and one meaning a variant. The meaning is also its documentation.
macro_rules! coded {
    ($(#[$attribute:meta])* $name:ident, $kind:literal { $($(#[$of_variant:meta])* $variant:ident = $code:literal: $meaning:literal,)+ }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $(#[$of_variant])* $variant,)+
        }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it says, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// The variant of a code, `None` for an unknown one.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            pub(crate) fn entries() -> impl Iterator<Item = $crate::CodeEntry> {
                Self::ALL.into_iter().map(|entry| $crate::CodeEntry {
                    code: entry.code(), kind: $kind, meaning: entry.meaning(),
                })
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

/// Declares a set of a coded enumeration, one bit a variant.
macro_rules! coded_set {
    ($(#[$attribute:meta])* $set:ident($bits:ty) of $item:ident) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $set($bits);

        impl $set {
            const KNOWN: $bits = <$bits>::MAX >> (<$bits>::BITS as usize - $item::ALL.len());

            /// The empty set.
            pub const EMPTY: Self = Self(0);

            /// Adds a member.
            pub const fn insert(&mut self, item: $item) {
                self.0 |= (1 as $bits) << item as u32;
            }

            /// Whether it is a member.
            #[must_use]
            pub const fn contains(self, item: $item) -> bool {
                self.0 & ((1 as $bits) << item as u32) != 0
            }

            /// Whether there is no member.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// The number of members.
            #[must_use]
            pub const fn len(self) -> usize {
                self.0.count_ones() as usize
            }

            /// The members of either set.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// The members of both sets.
            #[must_use]
            pub const fn intersection(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            /// The set of every member there is.
            #[must_use]
            pub const fn all() -> Self {
                Self(Self::KNOWN)
            }

            /// The members, in the order of declaration.
            pub fn iter(self) -> impl Iterator<Item = $item> {
                $item::ALL.into_iter().filter(move |item| self.contains(*item))
            }

            /// One bit a member, the first declared lowest.
            #[must_use]
            pub const fn bits(self) -> $bits {
                self.0
            }

            /// The set of these bits. Bits that stand for nothing are dropped.
            #[must_use]
            pub const fn from_bits(bits: $bits) -> Self {
                Self(bits & Self::KNOWN)
            }
        }

        impl FromIterator<$item> for $set {
            fn from_iter<I: IntoIterator<Item = $item>>(items: I) -> Self {
                let mut set = Self::EMPTY;
                set.extend(items);
                set
            }
        }

        impl Extend<$item> for $set {
            fn extend<I: IntoIterator<Item = $item>>(&mut self, items: I) {
                items.into_iter().for_each(|item| self.insert(item));
            }
        }

        /// Codes joined by `;`, in the order of declaration.
        impl core::fmt::Display for $set {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                for (position, item) in self.iter().enumerate() {
                    if position > 0 {
                        f.write_str(";")?;
                    }
                    f.write_str(item.code())?;
                }
                Ok(())
            }
        }
    };
}

pub(crate) use {coded, coded_set};

/// Every code that results carry, by kind and then in the order of declaration.
///
/// ```
/// assert!(diel_core::codes().any(|entry| entry.kind == "verdict" && entry.code == "FLAT_FOR_REVIEW"));
/// ```
pub fn codes() -> impl Iterator<Item = CodeEntry> {
    crate::Finding::entries()
        .chain(crate::Absence::entries())
        .chain(crate::Reason::entries())
        .chain(crate::Verdict::entries())
        .chain(crate::Condition::entries())
        .chain(crate::MissingReason::entries())
        .chain(crate::design::Shortage::entries())
        .chain(crate::calibration::PlateRemark::entries())
        .chain(crate::sampling::UnknownTiming::entries())
        .chain(crate::sampling::DuplicateKind::entries())
        .chain(crate::BatchVerdict::entries())
        .chain(crate::quality::QualityReason::entries())
        .chain(crate::quality::ScoreAbsence::entries())
        .chain(crate::quality::WestgardRule::entries())
        .chain(crate::quality::Scope::entries())
        .chain(crate::quality::CvAbsence::entries())
        .chain(crate::quality::PlateEffectAbsence::entries())
        .chain(crate::quality::DriftAbsence::entries())
        .chain(crate::conversion::ConversionAbsence::entries())
        .chain(crate::CodeShape::entries())
}
