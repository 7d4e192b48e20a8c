//! Downloads as Arrow and Parquet, and Flight SQL: cell by cell what the CSV says.

use anyhow::{Context as _, Result, ensure};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_flight::sql::client::FlightSqlServiceClient;
use arrow_flight::{FlightDescriptor, FlightInfo, Ticket};
use arrow_schema::{DataType, SchemaRef};
use diel_tests::database::Database;
use diel_tests::http;
use futures_util::TryStreamExt as _;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tonic::transport::Channel;

use super::people;

fn of_arrow(bytes: &[u8]) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let reader = arrow_ipc::reader::StreamReader::try_new(bytes, None)?;
    let schema = reader.schema();
    Ok((schema, reader.collect::<Result<_, _>>()?))
}

fn of_parquet(bytes: Vec<u8>) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))?;
    let schema = reader.schema().clone();
    Ok((schema, reader.build()?.collect::<Result<_, _>>()?))
}

/// Whether a cell says what the text in the CSV says.
fn is_same(column: &dyn Array, row: usize, text: &str) -> Result<bool> {
    if column.is_null(row) {
        return Ok(text.is_empty());
    }
    Ok(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row) == text,
        DataType::Date32 => {
            let epoch = jiff::civil::date(1970, 1, 1);
            let days = column.as_primitive::<Date32Type>().value(row);
            let date = epoch.checked_add(jiff::Span::new().days(days))?;
            date.to_string() == text
        }
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row) == text.parse::<i64>()?,
        DataType::Float64 => {
            let number = column.as_primitive::<Float64Type>().value(row);
            number.to_bits() == text.parse::<f64>()?.to_bits()
        }
        DataType::Boolean => column.as_boolean().value(row) == text.parse::<bool>()?,
        other => anyhow::bail!("no table has a column of {other}"),
    })
}

fn same_as_csv(csv: &[u8], schema: &SchemaRef, batches: &[RecordBatch]) -> Result<usize> {
    let mut reader = csv::Reader::from_reader(csv);
    let named: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    ensure!(
        reader.headers()?.iter().eq(named.iter().copied()),
        "{named:?}"
    );
    let mut records = reader.records();
    let mut count = 0;
    for batch in batches {
        for row in 0..batch.num_rows() {
            let record = records.next().context("a row that CSV does not have")??;
            for (column, text) in batch.columns().iter().zip(&record) {
                ensure!(
                    is_same(column, row, text)?,
                    "row {count}: {text:?} {column:?}"
                );
            }
            count += 1;
        }
    }
    ensure!(records.next().is_none(), "CSV has more than {count} rows");
    Ok(count)
}

async fn same_in_every_form(database: Database) -> Result<()> {
    let service = people::simulated(database).await?;
    let console = service.console()?;
    for (table, filter) in [
        ("profiles", ""),
        ("profiles", "?valid_only=true"),
        ("rhythms", ""),
        ("flags", ""),
        ("samples", ""),
        ("samples", "?state=complete"),
    ] {
        let get = async |form: &str| {
            let answer =
                http::get(console, &format!("/studies/demo/{table}.{form}{filter}")).await?;
            ensure!(answer.status == 200, "{}", answer.text());
            anyhow::Ok(answer)
        };
        let csv = get("csv").await?;
        let arrow = get("arrow").await?;
        ensure!(
            arrow.header("content-type") == Some("application/vnd.apache.arrow.stream"),
            "{:?}",
            arrow.headers
        );
        let (schema, batches) = of_arrow(&arrow.body)?;
        let count = same_as_csv(&csv.body, &schema, &batches)?;
        ensure!(count > 1, "{table}{filter} has no row");
        let parquet = get("parquet").await?;
        ensure!(
            parquet.header("content-disposition")
                == Some(&format!("attachment; filename=\"demo-{table}.parquet\"")),
            "{:?}",
            parquet.headers
        );
        let (schema, batches) = of_parquet(parquet.body)?;
        ensure!(same_as_csv(&csv.body, &schema, &batches)? == count);
        // Units come along in both.
        if table == "profiles" {
            let wake = schema.field_with_name("wake_nmol_per_l")?;
            ensure!(wake.metadata()["unit"] == "nmol/L");
        }
    }
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_are_what_csv_says_on_sqlite() -> Result<()> {
    same_in_every_form(Database::sqlite()?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_are_what_csv_says_on_postgres() -> Result<()> {
    same_in_every_form(Database::postgres().await?).await
}

#[tokio::test]
async fn a_table_without_rows_still_has_its_columns() -> Result<()> {
    let service = people::three(Database::sqlite()?).await?;
    let console = service.console()?;
    let path = "/studies/pilot/profiles.parquet?first_date=2001-01-01&last_date=2001-01-02";
    let answer = http::get(console, path).await?;
    let (schema, batches) = of_parquet(answer.body)?;
    assert_eq!(schema.fields().len(), 27);
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
    let unknown = http::get(console, "/studies/none/profiles.arrow").await?;
    assert_eq!(unknown.status, 404);
    service.stop().await;
    Ok(())
}

type Flight = FlightSqlServiceClient<Channel>;

async fn rows(client: &mut Flight, info: FlightInfo) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let schema = info.clone().try_decode_schema()?;
    let ticket = info
        .endpoint
        .first()
        .and_then(|endpoint| endpoint.ticket.clone());
    let stream = client.do_get(ticket.context("a ticket")?).await?;
    Ok((schema.into(), stream.try_collect().await?))
}

async fn same_by_flight(database: Database) -> Result<()> {
    let service = people::simulated(database).await?;
    let mut client = Flight::new(service.channel.clone());
    for (path, statement) in [
        ("profiles.csv", "SELECT * FROM demo.profiles"),
        (
            "profiles.csv?valid_only=true&max_slope_ln_per_h=-0.1",
            "SELECT * FROM demo.profiles WHERE valid AND slope_regression_ln_per_h <= -0.1",
        ),
        (
            "rhythms.csv?verdicts=FLAT_FOR_REVIEW",
            "SELECT * FROM demo.rhythms WHERE verdict = 'FLAT_FOR_REVIEW'",
        ),
        (
            "flags.csv?states=open",
            "SELECT * FROM demo.flags WHERE state = 'open' ORDER BY probability_flat DESC",
        ),
        ("samples.csv", "SELECT * FROM demo.samples"),
    ] {
        let csv = http::get(service.console()?, &format!("/studies/demo/{path}")).await?;
        let info = client.execute(statement.to_owned(), None).await?;
        let (schema, batches) = rows(&mut client, info).await?;
        let count = same_as_csv(&csv.body, &schema, &batches)?;
        ensure!(count > 1, "{statement} has no row");
        let mut prepared = client.prepare(statement.to_owned(), None).await?;
        let info = prepared.execute().await?;
        let (_, batches) = rows(&mut client, info).await?;
        ensure!(same_as_csv(&csv.body, &schema, &batches)? == count);
        prepared.close().await?;
    }
    columns_and_limits(&mut client).await?;
    let csv = http::get(service.console()?, "/studies/demo/profiles.csv").await?;
    plain(&mut client, &csv.body).await?;
    service.stop().await;
    Ok(())
}

/// What a program reads that knows Flight and no Flight SQL.
async fn plain(client: &mut Flight, csv: &[u8]) -> Result<()> {
    let path = ["demo", "profiles"].map(str::to_owned).to_vec();
    let request = FlightDescriptor::new_path(path.clone());
    let info = client.inner_mut().get_flight_info(request).await?;
    let info = info.into_inner();
    let told = info.flight_descriptor.clone().unwrap_or_default();
    ensure!(told.path == path, "{told:?}");
    let (schema, batches) = rows(client, info).await?;
    let count = same_as_csv(csv, &schema, &batches)?;
    let text = "SELECT * FROM demo.profiles";
    let info = client
        .inner_mut()
        .get_flight_info(FlightDescriptor::new_cmd(text))
        .await?;
    let (schema, batches) = rows(client, info.into_inner()).await?;
    ensure!(same_as_csv(csv, &schema, &batches)? == count);
    let stream = client.do_get(Ticket::new(text)).await?;
    let batches: Vec<RecordBatch> = stream.try_collect().await?;
    ensure!(same_as_csv(csv, &schema, &batches)? == count);
    for (descriptor, said) in [
        (
            FlightDescriptor::new_path(vec!["demo".to_owned()]),
            "a path has two",
        ),
        (
            FlightDescriptor::new_path(vec!["demo".to_owned(), "people".to_owned()]),
            "is not a table: profiles, rhythms",
        ),
        (
            FlightDescriptor::new_cmd("profiles"),
            "profiles where SELECT was expected",
        ),
        (
            FlightDescriptor::new_cmd(vec![0xff]),
            "neither a message of Flight SQL nor",
        ),
    ] {
        let refused = client.inner_mut().get_flight_info(descriptor).await.err();
        let refused = refused.context(said)?;
        ensure!(refused.message().contains(said), "{}", refused.message());
    }
    Ok(())
}

async fn columns_and_limits(client: &mut Flight) -> Result<()> {
    let statement = "SELECT valid, participant FROM demo.profiles LIMIT 3";
    let info = client.execute(statement.to_owned(), None).await?;
    let (schema, batches) = rows(client, info).await?;
    let named: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    ensure!(named == ["valid", "participant"], "{named:?}");
    ensure!(batches.iter().map(RecordBatch::num_rows).sum::<usize>() == 3);
    ensure!(
        batches
            .iter()
            .all(|batch| batch.schema().fields() == schema.fields())
    );
    let info = client.get_tables(Default::default()).await?;
    let (_, batches) = rows(client, info).await?;
    ensure!(batches.iter().map(RecordBatch::num_rows).sum::<usize>() == 5);
    for (statement, said) in [
        (
            "SELECT * FROM demo.profiles ORDER BY day",
            "the rows of profiles come by participant, day",
        ),
        ("SELECT count(*) FROM demo.profiles", "supported is SELECT"),
        (
            "SELECT * FROM demo.profiles WHERE mesor >= 1",
            "cannot be looked up",
        ),
        ("SELECT * FROM none.profiles", "studies/none does not exist"),
    ] {
        let answer = match client.execute(statement.to_owned(), None).await {
            Ok(info) => rows(client, info).await.map(|_| ()),
            Err(error) => Err(error.into()),
        };
        let refused = answer.err().context(statement)?;
        ensure!(
            format!("{refused:#}").contains(said),
            "{statement}: {refused:#}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flight_says_what_csv_says_on_sqlite() -> Result<()> {
    same_by_flight(Database::sqlite()?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flight_says_what_csv_says_on_postgres() -> Result<()> {
    same_by_flight(Database::postgres().await?).await
}

/// The columns of days, apart from whose they are.
const OF_A_DAY: &str = "day, awakening_us, utc_offset_minutes, awakening_recorded, sample_count, valid, conditions, wake_nmol_per_l, \
    peak_nmol_per_l, bed_nmol_per_l, slope_wake_bed_ln_per_h, slope_peak_bed_ln_per_h, slope_regression_ln_per_h, slope_regression_se, \
    slope_wake_bed_nmol_per_l_per_h, car_auc_g_nmol_min_per_l, car_auc_i_nmol_min_per_l, car_mean_increase_nmol_per_l, \
    car_max_increase_nmol_per_l, day_auc_g_nmol_h_per_l, dynamic_range_ln, evening_morning_ratio, mesor, amplitude, peak_clock_time, \
    cosinor_p, absent, findings";

/// Copies every day under other codes, so that there are so many times as many.
async fn multiply(url: &str, times: u32) -> Result<()> {
    let copies = format!(
        "with recursive copies(n) as (select 2 union all select n + 1 from copies where n < {times}) \
         insert into profiles (study_no, participant, {OF_A_DAY}) \
         select study_no, participant || '-' || cast(n as text), {OF_A_DAY} from copies cross join profiles"
    );
    if url.starts_with("sqlite") {
        let mut database = sqlx::SqliteConnection::connect(url).await?;
        database.execute(AssertSqlSafe(copies)).await?;
    } else {
        let mut database = sqlx::PgConnection::connect(url).await?;
        database.execute(AssertSqlSafe(copies)).await?;
    }
    Ok(())
}

/// The pages of a whole table are read two at a time, those of a download one after the other.
async fn same_over_many_pages(database: Database) -> Result<()> {
    let service = people::simulated(database).await?;
    multiply(service.database.url(), 100).await?;
    let csv = http::get(service.console()?, "/studies/demo/profiles.csv").await?;
    let mut client = Flight::new(service.channel.clone());
    let info = client
        .execute("SELECT * FROM demo.profiles".to_owned(), None)
        .await?;
    let (schema, batches) = rows(&mut client, info).await?;
    let count = same_as_csv(&csv.body, &schema, &batches)?;
    ensure!(count > 3 * 4_096, "{count} rows are few");
    ensure!(batches.len() > 3, "{} batches", batches.len());
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flight_says_what_csv_says_over_many_pages_on_sqlite() -> Result<()> {
    same_over_many_pages(Database::sqlite()?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flight_says_what_csv_says_over_many_pages_on_postgres() -> Result<()> {
    same_over_many_pages(Database::postgres().await?).await
}
