//! Codes that look as if they told who a person is.
//!
//! A code is looked at as it is written; nothing is known of the person. So a shape is a reason to refuse a code, by
//! the policy of a study, and never proof of what the code means: docs/decisions/0026 weighs the one against the other.

mod contact;
mod date;
mod name;
mod national;

use jiff::civil::Date;

use crate::coded::{coded, coded_set};

coded! {
    /// A shape that codes of persons have and pseudonyms should not.
    CodeShape, "code_shape" {
        EmailAddress = "email_address": "The code holds an e-mail address.",
        PersonName = "person_name": "The code reads like a name: two or three capitalised words, or a surname, a comma and a given name.",
        Date = "date": "The code holds a date from 1900 to today with its separators, as dates of birth are written; a specimen's only where it is nothing else.",
        DigitsDate = "digits_date": "The code is eight digits that are a date from 1900 to today; running numbers can be that by chance, so a study has to ask for it.",
        PhoneNumber = "phone_number": "The code reads like a telephone number.",
        NationalNumber = "national_number": "The code has the shape, and where there are any the check digits, of a number that a state gives a person.",
    }
}

coded_set! {
    /// A set of shapes.
    CodeShapes(u8) of CodeShape
}

impl CodeShapes {
    /// What a new study refuses unless it says otherwise: every shape but eight bare digits.
    #[must_use]
    pub fn usual() -> Self {
        let shapes = CodeShape::ALL.into_iter();
        shapes
            .filter(|shape| *shape != CodeShape::DigitsDate)
            .collect()
    }

    /// The first shape of this set that a participant's code has.
    ///
    /// ```
    /// use diel_core::{CodeShape, CodeShapes};
    /// let today = jiff::civil::date(2026, 7, 1);
    /// let usual = CodeShapes::usual();
    /// assert_eq!(usual.of_participant("VP-1987-05-04", today), Some(CodeShape::Date));
    /// assert_eq!(usual.of_participant("19870504", today), None);
    /// assert_eq!(CodeShapes::all().of_participant("19870504", today), Some(CodeShape::DigitsDate));
    /// ```
    #[must_use]
    pub fn of_participant(self, code: &str, today: Date) -> Option<CodeShape> {
        self.first(code, |shape| match shape {
            CodeShape::Date => date::is_within(code, today),
            shape => is_whole(shape, code, today),
        })
    }

    /// The same of a specimen's code, which rightly holds the day on which the tube was filled: a date is refused only
    /// where it is all there is.
    #[must_use]
    pub fn of_specimen(self, code: &str, today: Date) -> Option<CodeShape> {
        self.first(code, |shape| is_whole(shape, code, today))
    }

    /// Whether a text beside the codes, such as the name of a plate, holds an e-mail address that this set refuses.
    #[must_use]
    pub fn of_text(self, text: &str) -> Option<CodeShape> {
        self.first(text, |shape| {
            shape == CodeShape::EmailAddress && contact::holds_email_address(text)
        })
    }

    fn first(self, code: &str, has: impl Fn(CodeShape) -> bool) -> Option<CodeShape> {
        // A short code of one kind of character is the rule, and the rows of a batch are many.
        if self.is_empty() || code.len() < SHORTEST {
            return None;
        }
        self.iter().find(|shape| has(*shape))
    }
}

/// The shortest code, in bytes, that has any of the shapes: `a@b.c`, `Al Bo`.
const SHORTEST: usize = 5;

fn is_whole(shape: CodeShape, code: &str, today: Date) -> bool {
    match shape {
        CodeShape::EmailAddress => contact::holds_email_address(code),
        CodeShape::PersonName => name::is_name(code),
        CodeShape::Date => date::is_date(code, today),
        CodeShape::DigitsDate => date::is_eight_digits(code, today),
        CodeShape::PhoneNumber => contact::is_phone_number(code),
        CodeShape::NationalNumber => national::is_national_number(code),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::{CodeShape, CodeShapes};

    fn today() -> Date {
        date(2026, 7, 1)
    }

    #[test]
    fn codes_that_tell_who_somebody_is_are_known_by_their_shape() {
        use CodeShape::{Date, EmailAddress, NationalNumber, PersonName, PhoneNumber};
        for (code, shape) in [
            ("anna.schmidt@example.org", EmailAddress),
            ("VP1 <a@b.de>", EmailAddress),
            ("Anna Schmidt", PersonName),
            ("Anna Maria Schmidt", PersonName),
            ("Schmidt, Anna", PersonName),
            ("SCHMIDT, ANNA", PersonName),
            ("Müller-Lüdenscheid_Björn", PersonName),
            ("Siobhan.O'Brien", PersonName),
            ("1987-05-04", Date),
            ("VP1987-05-04", Date),
            ("4.5.1987", Date),
            ("04.05.1987_A", Date),
            ("05-24-1987", Date),
            ("04.05.87", Date),
            ("+49 171 2345678", PhoneNumber),
            ("0171 2345678", PhoneNumber),
            ("030-12345678", PhoneNumber),
            ("(555) 123-4567", PhoneNumber),
            // Published examples: Sweden 811218-9876, Finland 131052-308T, Italy RSSMRA85T10A562S, Switzerland
            // 756.9217.0769.85, the United Kingdom QQ123456C is a placeholder and so not one: AB123456C.
            ("811218-9876", NationalNumber),
            ("19811218-9876", NationalNumber),
            ("131052-308T", NationalNumber),
            ("RSSMRA85T10A562S", NationalNumber),
            ("756.9217.0769.85", NationalNumber),
            ("7569217076985", NationalNumber),
            ("AB123456C", NationalNumber),
            ("078-05-1120", NationalNumber),
        ] {
            let found = CodeShapes::usual().of_participant(code, today());
            assert_eq!(found, Some(shape), "{code}");
        }
    }

    #[test]
    fn codes_that_studies_use_are_left_alone() {
        for code in [
            "P000123",
            "Vp01 T1 S1",
            "429",
            "é-7",
            "a:b+c#d",
            "19870504",
            "20260105",
            "01-001-0001",
            "101-01",
            "SITE-A-017",
            "Control",
            "case 12",
            "AB12CD34",
            "1000000000",
            "P-017.20260301T060500Z",
            "2026-13-45",
            "1850-01-01",
            "2093-01-01",
            "811218-9875",
            "7569217076986",
            "a@b",
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        ] {
            let found = CodeShapes::usual().of_participant(code, today());
            assert_eq!(found, None, "{code}");
        }
    }

    #[test]
    fn eight_digits_are_a_date_only_where_a_study_asks() {
        let every = CodeShapes::all();
        for code in ["19870504", "04051987", "05241987"] {
            let found = every.of_participant(code, today());
            assert_eq!(found, Some(CodeShape::DigitsDate), "{code}");
        }
        for code in ["00000123", "20260702", "99999999", "1987050", "P19870504"] {
            assert_eq!(every.of_participant(code, today()), None, "{code}");
        }
    }

    #[test]
    fn a_tube_may_say_the_day_it_was_filled() {
        let usual = CodeShapes::usual();
        assert_eq!(usual.of_specimen("P1_2026-03-05_S1", today()), None);
        let whole = usual.of_specimen("1987-05-04", today());
        assert_eq!(whole, Some(CodeShape::Date));
        assert_eq!(usual.of_text("Plate of 2026-03-05"), None);
        let text = usual.of_text("for anna@example.org");
        assert_eq!(text, Some(CodeShape::EmailAddress));
    }

    #[test]
    fn nothing_is_refused_by_the_empty_set() {
        let found = CodeShapes::EMPTY.of_participant("anna@example.org", today());
        assert_eq!(found, None);
    }
}
