//! Durable storage of diel: whole operations on SQLite and PostgreSQL, one text of SQL.
//!
//! A [`Store`] speaks in what its callers do, such as [`Store::submit`] or [`Store::resolve_flag`], and never in tables.
//! Each change is one transaction: rows, profiles, rhythms, flags, audit and the request's id. When it is answered, all
//! of it can be read.

mod answer;
mod audit;
mod batch_quality;
mod call;
mod case;
mod codes;
mod commits;
mod compare;
mod control;
mod conversion;
mod copy;
mod correction;
mod deletion;
mod engine;
mod erasure;
mod error;
mod facts;
mod fault;
mod filter;
mod fit;
mod flag;
mod flag_life;
mod flag_review;
mod flag_step;
mod history;
mod ids;
mod integrity;
mod job;
mod meter;
mod method;
mod migration;
mod open;
mod overview;
mod page;
mod participant;
mod plan;
mod preview;
mod principal;
mod profile;
mod reference;
mod refused_calls;
mod registration;
mod result;
mod revision;
mod rhythm;
mod row_digest;
mod sampling;
mod scan;
mod specimen;
mod store;
mod study;
mod submission;
mod token;
mod trail;

pub use audit::{AuditEntry, AuditFilter, AuditHead};
pub use batch_quality::{
    BatchAssessment, BatchDecision, BrokenPoint, BrokenRule, StoredQualityPolicy,
};
pub use call::{Call, Request};
pub use case::{Case, Dossier};
pub use commits::CommitWatch;
pub use control::{
    BatchControl, Control, ControlKey, ControlMark, MeasuredControl, NewBatchControl, NewControl,
    TargetTerms,
};
pub use conversion::{NewConversion, StoredConversion};
pub use copy::CopyError;
pub use correction::{
    Corrected, CorrectedSpecimen, Correction, Corrections, DayEffect, DayNumbers, EarlierFacts,
    PersonEffect, SeenSpecimen, Standing,
};
pub use deletion::{Contents, Deletion, DeletionBegun, Tombstone};
pub use engine::Engine;
pub use erasure::{Erased, Erasure};
pub use error::{EngineFault, StoreError};
pub use fit::{CohortPerson, CohortSlice, Fit, FitInput, FitOutcome, FitSpecification};
pub use flag::{
    Flag, FlagChange, FlagClaim, FlagDecision, FlagEvent, FlagEventKind, FlagFilter, FlagOrder,
    FlagPlace, FlagState, ReviewerDecision,
};
pub use flag_review::ReviewRefusal;
pub use history::{History, StoredSample};
pub use integrity::{Flaw, RevisionCheck, RowCheck};
pub use job::{Job, JobKind, JobState, JobsAtWork};
pub use meter::{Meter, PoolUse};
pub use method::{NewMethod, ReportedBias, StoredMethod};
pub use migration::{SchemaFile, schema};
pub use open::OpenOptions;
pub use overview::{Compliance, GroupOverview, Overview, Plate, Quality, SlopeHistogram};
pub use page::{Page, PageRequest};
pub use participant::{Participant, ParticipantChange, Sex};
pub use preview::{FlagEffect, PreviewSlice, PreviewedPerson};
pub use principal::{Grant, PrincipalRecord, Role};
pub use profile::{ProfileFilter, StoredProfile};
pub use reference::{Frozen, NewFrozen, NewReference, NewStratum, StoredReference};
pub use refused_calls::RefusedCalls;
pub use registration::{Registered, RegisteredDay, RegisteredSpecimen, Registration};
pub use result::{Amendment, NewResult, ResultFilter, StoredResult};
pub use revision::{
    Amended, AmendmentRefusal, AmendmentRow, Amendments, BatchRecall, Recall, RefusedAmendment,
    Revised, RevisedPerson, RevisionCause,
};
pub use rhythm::{PosteriorNumbers, RhythmFilter, RhythmNumbers, StoredRhythm};
pub use sampling::{SampledPerson, Samplings, StoredProtocol, StoredTube};
pub use scan::{ProfileParts, ProfileRow};
pub use specimen::{Collection, Specimen, SpecimenFilter, SpecimenState};
pub use store::Store;
pub use study::{NewStudy, StoredPolicy, Study, StudyChange};
pub use submission::{Batch, Conflict, Mode, NewBatch, Submission, SubmissionRow, Submitted};
pub use token::{Bearer, NewToken, Token};
