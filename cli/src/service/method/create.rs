//! A method from its limits and what was reported of its bias.

use anyhow::Context as _;
use clap::Args;
use diel_client::v1;

use super::{ServerOptions, StudyOption};
use crate::service::answer::say;

const EXAMPLES: &str = "\
diel brings no method: limits and bias are those of your kit and laboratory. Batches of the assay that come afterwards and
state no limit take the limits of the method, and say so; batches that are stored stay as they are. A bias is kept and shown
as it was reported, and nothing is computed by it: what is to be converted needs `diel conversion`.

Examples:
  diel method create elisa-x --study pilot --assay 'ELISA kit X' --limit-of-detection 0.3 \\
    --lower-limit-of-quantification 0.5 --upper-limit-of-quantification 80 --source 'leaflet, revision 7'
  diel method create elisa-x --study pilot --assay 'ELISA kit X' --limit-of-detection 0.3 --source 'leaflet, revision 7' \\
    --bias 'LC-MS/MS: 23 % at 1..50 nmol/L: own comparison of 40 samples, 2026-03'";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CreateArguments {
    /// Its name in the study: 1 to 63 of a-z, 0-9 and -, beginning with a letter.
    name: String,

    #[command(flatten)]
    study: StudyOption,

    /// The assay, as its batches name it.
    #[arg(long, value_name = "ASSAY")]
    assay: String,

    /// Antibody, cross-reactions and whatever else a reader should know.
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,

    /// Limit of detection, nmol/L.
    #[arg(long, value_name = "NMOL_PER_L", allow_negative_numbers = true)]
    limit_of_detection: Option<f64>,

    /// Lower limit of quantification, nmol/L.
    #[arg(long, value_name = "NMOL_PER_L", allow_negative_numbers = true)]
    lower_limit_of_quantification: Option<f64>,

    /// Upper limit of quantification, nmol/L.
    #[arg(long, value_name = "NMOL_PER_L", allow_negative_numbers = true)]
    upper_limit_of_quantification: Option<f64>,

    /// How it reads beside another method, as reported: METHOD: PERCENT %: SOURCE, the range of concentrations behind PERCENT
    /// if it is known; may be given more than once.
    #[arg(long = "bias", value_name = "METHOD: PERCENT % [at LOW..HIGH nmol/L]: SOURCE", value_parser = bias)]
    biases: Vec<v1::ReportedBias>,

    /// Where the limits come from.
    #[arg(long, value_name = "TEXT")]
    source: String,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn create(arguments: &CreateArguments) -> anyhow::Result<()> {
    let method = v1::Method {
        assay: arguments.assay.clone(),
        description: arguments.description.clone(),
        limit_of_detection_nmol_per_l: arguments.limit_of_detection,
        lower_limit_of_quantification_nmol_per_l: arguments.lower_limit_of_quantification,
        upper_limit_of_quantification_nmol_per_l: arguments.upper_limit_of_quantification,
        biases: arguments.biases.clone(),
        source: arguments.source.clone(),
        ..Default::default()
    };
    let client = arguments.server.connect().await?;
    let request = v1::CreateMethodRequest {
        parent: arguments.study.name(),
        method_id: arguments.name.clone(),
        method: Some(method),
        ..Default::default()
    };
    say(&client.create_method(request).await?.name)
}

/// `LC-MS/MS: 23 % at 1..50 nmol/L: doi:10.1000/example`.
fn bias(text: &str) -> anyhow::Result<v1::ReportedBias> {
    let form = || format!("{text:?} is not of the form 'LC-MS/MS: 23 % at 1..50 nmol/L: source'");
    let (compared_with, rest) = text.split_once(':').with_context(form)?;
    let (amount, source) = rest.split_once(':').with_context(form)?;
    let (percent, range) = amount.split_once('%').with_context(form)?;
    let range = range.trim();
    let range = match range.strip_prefix("at ") {
        Some(range) => {
            let range = range.trim_end().strip_suffix("nmol/L").with_context(form)?;
            Some(range.split_once("..").with_context(form)?)
        }
        None if range.is_empty() => None,
        None => return Err(anyhow::Error::msg(form())),
    };
    let number = |part: &str| part.trim().parse::<f64>().with_context(form);
    Ok(v1::ReportedBias {
        compared_with: compared_with.trim().to_owned(),
        percent: number(percent)?,
        lowest_nmol_per_l: range.map(|(lowest, _)| number(lowest)).transpose()?,
        highest_nmol_per_l: range.map(|(_, highest)| number(highest)).transpose()?,
        source: source.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{bias, v1};

    #[test]
    fn a_bias_says_beside_what_how_much_where_and_who_says_so() {
        let whole = v1::ReportedBias {
            compared_with: "LC-MS/MS".to_owned(),
            percent: -23.5,
            lowest_nmol_per_l: Some(1.0),
            highest_nmol_per_l: Some(50.0),
            source: "doi:10.1000/example".to_owned(),
        };
        let read = bias("LC-MS/MS: -23.5 % at 1..50 nmol/L: doi:10.1000/example");
        assert_eq!(read.ok(), Some(whole.clone()));
        let without_range = v1::ReportedBias {
            lowest_nmol_per_l: None,
            highest_nmol_per_l: None,
            ..whole
        };
        let read = bias("LC-MS/MS: -23.5%: doi:10.1000/example");
        assert_eq!(read.ok(), Some(without_range));
        for wrong in [
            "",
            "LC-MS/MS: 10: own",
            "LC-MS/MS: ten %: own",
            "LC-MS/MS: 10 % in 1..50 nmol/L: own",
            "LC-MS/MS: 10 % at 1-50 nmol/L: own",
            "LC-MS/MS: 10 %",
        ] {
            let said = bias(wrong).map_err(|error| error.to_string());
            assert!(
                matches!(&said, Err(said) if said.contains("is not of the form")),
                "{wrong}: {said:?}"
            );
        }
    }
}
