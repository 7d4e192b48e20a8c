//! Participants, their profiles and their rhythms.

use jiff::civil::Date;

use super::{Store, read, write};
use crate::{
    Call, Erased, Erasure, History, Page, PageRequest, Participant, ParticipantChange,
    ProfileFilter, RhythmFilter, StoreError, StoredProfile, StoredRhythm,
};

impl Store {
    /// A participant.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn participant(&self, study: &str, code: &str) -> Result<Participant, StoreError> {
        read!(self, participants::read(study, code))
    }

    /// Participants by code.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn participants(
        &self,
        study: &str,
        page: &PageRequest<String>,
    ) -> Result<Page<Participant, String>, StoreError> {
        read!(self, participants::list(study, page))
    }

    /// Changes a participant that is still at this version, and judges again. With `allow_missing` one that does not
    /// exist is created, and no version replaces whatever there is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::EtagMismatch`].
    pub async fn update_participant(
        &self,
        study: &str,
        code: &str,
        version: Option<i64>,
        change: ParticipantChange,
        allow_missing: bool,
        call: &Call,
    ) -> Result<Participant, StoreError> {
        write!(
            self,
            participants::UpdateParticipant {
                study: study.to_owned(),
                code: code.to_owned(),
                version,
                change: change.clone(),
                allow_missing,
                call: call.clone(),
            }
        )
    }

    /// Takes a participant out of a study with everything that was measured, computed and said of them, also in the audit
    /// trail, whose chain stays whole. With `validate_only` it counts and takes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn erase_participant(&self, erasure: Erasure) -> Result<Erased, StoreError> {
        write!(self, erase::EraseParticipant(erasure.clone()))
    }

    /// The profile of a participant's day.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn profile(
        &self,
        study: &str,
        participant: &str,
        date: Date,
    ) -> Result<StoredProfile, StoreError> {
        read!(self, profiles::read(study, participant, date))
    }

    /// Profiles by participant and date.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn profiles(
        &self,
        study: &str,
        filter: &ProfileFilter,
        page: &PageRequest<(String, Date)>,
    ) -> Result<Page<StoredProfile, (String, Date)>, StoreError> {
        read!(self, profiles::list(study, filter, page))
    }

    /// The rhythm of a participant.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn rhythm(&self, study: &str, participant: &str) -> Result<StoredRhythm, StoreError> {
        read!(self, rhythms::read(study, participant))
    }

    /// Rhythms by participant.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn rhythms(
        &self,
        study: &str,
        filter: &RhythmFilter,
        page: &PageRequest<String>,
    ) -> Result<Page<StoredRhythm, String>, StoreError> {
        read!(self, rhythms::list(study, filter, page))
    }

    /// What the judgement of a participant rests on, all from one state of the database.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn history(&self, study: &str, participant: &str) -> Result<History, StoreError> {
        read!(self, history::read(study, participant))
    }
}
