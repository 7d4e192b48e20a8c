//! Reliability and power. Nothing is stored; the numbers run beside the threads that serve calls.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diel_core::design::{
    CohortDays, Difference, Power, PowerStudy, Stopped, Target, Watch, modelled_reliability,
};
use diel_core::{Features, Reference};
use diel_proto::v1 as pb;
use diel_store::PageRequest;
use tokio::task::spawn_blocking;

use crate::access::Caller;
use crate::convert::design::{self, Extent, Model, Population};
use crate::convert::filter;
use crate::name;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;

/// The most days of a study that are gathered: 16 numbers each.
const DAYS: usize = 200_000;
/// Days read at a time.
const PAGE: u32 = 1_000;

const STOPPING: Refusal = Refusal::Overloaded("this server is stopping");

impl Service {
    /// Reliability by a model, or by the days of a study.
    pub(super) async fn reliability(
        &self,
        caller: &Caller,
        request: &pb::EstimateReliabilityRequest,
    ) -> Result<pb::EstimateReliabilityResponse, Refusal> {
        let mut violations = Violations::new();
        let target = design::target("target", request.target, &mut violations);
        match &request.source {
            Some(pb::estimate_reliability_request::Source::Design(wanted)) => {
                self.modelled(caller, wanted, target, violations).await
            }
            Some(pb::estimate_reliability_request::Source::Study(wanted)) => {
                self.observed(caller, wanted, target, violations).await
            }
            None => {
                caller.in_any_study()?;
                violations.add(
                    "design",
                    "is missing, and so is study; one of them is required",
                );
                Err(violations.into())
            }
        }
    }

    async fn modelled(
        &self,
        caller: &Caller,
        wanted: &pb::ModelDesign,
        target: Option<Target>,
        mut violations: Violations,
    ) -> Result<pb::EstimateReliabilityResponse, Refusal> {
        let (population, plan) = violations.within("design", |violations| {
            let population = design::population(wanted.population.as_ref(), violations);
            let plan = design::reliability_plan(wanted, target.unwrap_or_default(), violations);
            (population, plan)
        });
        enter(caller, population.as_ref())?;
        violations.into_result()?;
        let permit = self.admission.simulation()?;
        let (Some(population), Some(mut plan)) = (population, plan) else {
            return Err(Refusal::Defect(
                "a design without violations and without content",
            ));
        };
        plan.reference = self.reference_of(population, "design.population").await?;
        let waiting = Waiting::default();
        let mut watch = self.watch(&waiting);
        let computed = spawn_blocking(move || {
            let _permit = permit;
            modelled_reliability(&plan, &mut watch)
        });
        let computed = computed
            .await
            .map_err(|_| Refusal::Defect("a simulation ended without an answer"))?;
        let modelled = computed.map_err(|stopped| match stopped {
            Stopped::Design(error) => {
                let field = design::field_of(&error, Difference::LnPerHour(0.0));
                Refusal::field(&format!("design.{field}"), error.rule.to_string())
            }
            _ => STOPPING,
        })?;
        Ok(pb::EstimateReliabilityResponse {
            modelled: modelled
                .into_iter()
                .map(design::modelled_to_proto)
                .collect(),
            observed: Vec::new(),
        })
    }

    async fn observed(
        &self,
        caller: &Caller,
        wanted: &pb::StudyDays,
        target: Option<Target>,
        violations: Violations,
    ) -> Result<pb::EstimateReliabilityResponse, Refusal> {
        let study = name::study(&wanted.parent).map_err(Refusal::name("study.parent"))?;
        caller.in_study(study)?;
        violations.into_result()?;
        let _permit = self.admission.heavy_call()?;
        let days = self.days_of(study, wanted).await?;
        let computed = spawn_blocking(move || days.reliabilities(target.unwrap_or_default()));
        let observed = computed
            .await
            .map_err(|_| Refusal::Defect("an estimate ended without an answer"))?;
        Ok(pb::EstimateReliabilityResponse {
            modelled: Vec::new(),
            observed: observed.iter().map(design::observed_to_proto).collect(),
        })
    }

    /// The valid days of a study, person by person, page by page.
    async fn days_of(&self, study: &str, wanted: &pb::StudyDays) -> Result<CohortDays, Refusal> {
        let wanted = self.codes(study).await?.enter(wanted.clone());
        let mut filter = filter::of_profiles(wanted.filter.as_ref())?;
        filter.valid_only = true;
        let mut days = CohortDays::default();
        let mut of_person: (String, Vec<Features>) = (String::new(), Vec::new());
        let mut count = 0;
        let mut after = None;
        loop {
            let page = PageRequest { after, limit: PAGE };
            let page = self.store.profiles(study, &filter, &page).await?;
            count += page.items.len();
            if count > DAYS {
                let rule = format!(
                    "{} has more than {DAYS} such days; narrow the filter",
                    wanted.parent
                );
                return Err(Refusal::field("study.filter", rule));
            }
            for profile in page.items {
                if profile.participant != of_person.0 {
                    days.add(&of_person.1);
                    of_person = (profile.participant, Vec::new());
                }
                of_person.1.push(profile.features);
            }
            after = page.next;
            if after.is_none() {
                days.add(&of_person.1);
                return Ok(days);
            }
        }
    }

    /// The power of a study of two groups, or the size that it needs.
    pub(super) async fn power(
        &self,
        caller: &Caller,
        request: &pb::EstimatePowerRequest,
    ) -> Result<pb::EstimatePowerResponse, Refusal> {
        let mut violations = Violations::new();
        let population = design::population(request.population.as_ref(), &mut violations);
        let plan = design::power_plan(request, &mut violations);
        let extent = design::extent(request, &mut violations);
        enter(caller, population.as_ref())?;
        violations.into_result()?;
        let permit = self.admission.simulation()?;
        let (Some(population), Some(mut plan), Some(extent)) = (population, plan, extent) else {
            return Err(Refusal::Defect(
                "a study without violations and without content",
            ));
        };
        plan.reference = self.reference_of(population, "population").await?;
        let difference = plan.difference;
        let refuse = move |error: diel_core::design::DesignError| {
            Refusal::field(design::field_of(&error, difference), error.rule.to_string())
        };
        let study = PowerStudy::new(plan).map_err(refuse)?;
        check_samples(&study, extent)?;
        let waiting = Waiting::default();
        let mut watch = self.watch(&waiting);
        let with_size = request.with_size;
        let simulated = spawn_blocking(move || {
            let _permit = permit;
            answer(&study, extent, with_size, &mut watch)
        });
        match simulated.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Stopped::Design(error))) => Err(refuse(error)),
            Ok(Err(_)) => Err(STOPPING),
            Err(_) => Err(Refusal::Defect("a simulation ended without an answer")),
        }
    }

    /// Goes on while the caller is there and the server is not stopping.
    fn watch(&self, waiting: &Waiting) -> impl FnMut(u32) -> ControlFlow<()> + Send + use<> {
        let (gone, stopping) = (Arc::clone(&waiting.gone), self.stopping.clone());
        move |_| {
            if gone.load(Ordering::Relaxed) || stopping.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }

    /// The reference that a population names, or the stratum of it that holds the person.
    async fn reference_of(
        &self,
        population: Population,
        field: &str,
    ) -> Result<Arc<Reference>, Refusal> {
        let choose = |strata: &diel_core::Strata| {
            let found = strata.only_or_holding(&population.person);
            found.map(Arc::clone).map_err(|reason| {
                Refusal::field(
                    field,
                    format!("is in no stratum of {}: {}", strata.id(), reason.meaning()),
                )
            })
        };
        match &population.model {
            Model::Here(strata) => choose(strata),
            Model::OfStudy { study, reference } => {
                choose(&self.store.reference(study, reference).await?.strata)
            }
        }
    }
}

/// Lets the caller go on in the study whose reference is asked for; where none is, with the role in any study.
fn enter(caller: &Caller, population: Option<&Population>) -> Result<(), Refusal> {
    match population.map(|population| &population.model) {
        Some(Model::OfStudy { study, .. }) => caller.in_study(study),
        Some(Model::Here(_)) | None => caller.in_any_study(),
    }
}

/// Dropped with its call, when that is answered or the caller goes away: tells the simulation that nobody waits for it.
#[derive(Debug, Default)]
struct Waiting {
    gone: Arc<AtomicBool>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}

fn check_samples(study: &PowerStudy, extent: Extent) -> Result<(), Refusal> {
    let most = design::most_persons(study);
    let least = match extent {
        Extent::Persons(persons) => persons,
        Extent::Power(_) => 2,
    };
    if most >= least {
        return Ok(());
    }
    let rule = format!(
        "{} studies of {least} persons in the first group draw more than {} samples, the most that one call simulates",
        study.plan().studies,
        design::SAMPLES
    );
    Err(Refusal::field("study_count", rule))
}

fn answer(
    study: &PowerStudy,
    extent: Extent,
    with_size: bool,
    watch: &mut Watch<'_>,
) -> Result<pb::EstimatePowerResponse, Stopped> {
    let (power, approximate_persons, simulations): (Option<Power>, _, _) = match extent {
        Extent::Persons(persons) => (Some(study.power(persons, watch)?), None, 1),
        Extent::Power(target) => {
            let found = study.smallest(target, design::most_persons(study), watch)?;
            (found.power, found.approximate_persons, found.simulations)
        }
    };
    let first = power.map(|power| power.persons[0]);
    let size = match first.filter(|_| with_size) {
        Some(persons) => Some(study.size(persons, watch)?),
        None => None,
    };
    Ok(pb::EstimatePowerResponse {
        power: power.as_ref().map(design::power_to_proto),
        size: size.as_ref().map(design::power_to_proto),
        difference_ln_per_h: study.difference_ln_per_h(),
        approximate_power: first.and_then(|persons| study.approximate_power(persons).ok()),
        approximate_persons_per_group: approximate_persons.map(design::small),
        simulation_count: design::small(simulations),
    })
}
