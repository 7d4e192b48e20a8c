//! What is drawn and what is alarmed about: every metric of it exists.

use std::collections::BTreeSet;

use diel_tests::database::Database;
use diel_tests::service::TestService;
use serde_json::Value;

use crate::metrics::{families, scrape_in_use};
use crate::{of_repository, promtool};

/// Every metric named in a text, without what histograms put behind theirs.
fn named(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| word.starts_with("diel_") || word.starts_with("process_"))
        .map(|word| {
            ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|end| word.strip_suffix(end))
                .unwrap_or(word)
                .to_owned()
        })
        .collect()
}

fn expressions(panel: &Value, found: &mut Vec<String>) {
    match panel {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if name == "expr" => found.push(text.to_owned()),
                    _ => expressions(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| expressions(item, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dashboard_and_alerts_name_metrics_that_exist() {
    let service = TestService::start(Database::sqlite().unwrap())
        .await
        .unwrap();
    let served = families(&scrape_in_use(&service).await);
    let dashboard = std::fs::read_to_string(of_repository("operations/dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let mut drawn = Vec::new();
    expressions(&dashboard, &mut drawn);
    assert!(drawn.len() >= 10, "{drawn:?}");
    let alerts = std::fs::read_to_string(of_repository("operations/alerts.yml")).unwrap();
    let alerts: String = alerts
        .lines()
        .filter(|line| line.trim_start().starts_with("expr:"))
        .collect();
    for name in named(&drawn.join(" ")).union(&named(&alerts)) {
        assert!(served.contains_key(name), "{name} is not served");
    }
}

#[test]
fn prometheus_takes_the_alerts_and_they_are_raised() {
    promtool::check_rules(&of_repository("operations/alerts.yml"));
    promtool::test_rules(&of_repository("operations/alerts.test.yml"));
}
