#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use diel_core::{Condition, Conditions, TimeSource};
use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::{LogOptions, SamplingLog, read_log};

/// The events of a morning in Berlin in which the second and the third tube were taken for each other.
const MORNING: &str = r#"1747282410799;Thu May 15 2025 06:13:30 GMT+02:00;spontaneous_awakening;{"id":0}
1747282414776;Thu May 15 2025 06:13:34 GMT+02:00;timer_set;{"id":1,"timestamp":1747284214762}
1747282435999;Thu May 15 2025 06:13:55 GMT+02:00;barcode_scanned;{"id":0,"barcode_value":"0010101","day_scanned":1,"day_expected":1,"sample_scanned":"B1","sample_expected":"B1"}
1747284221425;Thu May 15 2025 06:43:41 GMT+02:00;alarm_stop;{"id":1,"source":1,"saliva_id":1}
1747284231091;Thu May 15 2025 06:43:51 GMT+02:00;barcode_scanned;{"id":1,"barcode_value":"0010103","day_scanned":1,"day_expected":1,"sample_scanned":"B3","sample_expected":"B2"}
1747285132626;Thu May 15 2025 06:58:52 GMT+02:00;barcode_scanned;{"id":2,"barcode_value":"0010102","day_scanned":1,"day_expected":1,"sample_scanned":"B2","sample_expected":"B3"}
"#;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

fn berlin() -> LogOptions {
    LogOptions {
        time_zone: Some(TimeZone::get("Europe/Berlin").unwrap()),
        ..LogOptions::default()
    }
}

fn read(name: &str, text: impl AsRef<[u8]>, options: &LogOptions) -> SamplingLog {
    let folder = Folder::new();
    read_log(&folder.write(name, text), options).unwrap()
}

fn texts(log: &SamplingLog) -> Vec<String> {
    let remarks = log.remarks.iter();
    remarks
        .map(|remark| format!("{}: {}", remark.place, remark.text))
        .collect()
}

fn refusals(log: &SamplingLog) -> Vec<String> {
    log.refused.iter().map(ToString::to_string).collect()
}

/// The reason why a whole log is refused.
fn cause(name: &str, text: &str, options: &LogOptions) -> String {
    let folder = Folder::new();
    let error = read_log(&folder.write(name, text), options).unwrap_err();
    std::error::Error::source(&error).unwrap().to_string()
}

#[test]
fn a_morning_of_the_app_gives_each_tube_its_own_time() {
    let log = read("carwatch_pilot_VP01_20250515.csv", MORNING, &berlin());
    assert!(log.refused.is_empty(), "{:?}", log.refused);
    let tubes: Vec<_> = log
        .tubes
        .iter()
        .map(|tube| {
            let local = tube.collected.local_date_time().to_string();
            (tube.specimen.as_str(), tube.label.as_str(), local)
        })
        .collect();
    assert_eq!(
        tubes,
        [
            ("0010101", "B1", "2025-05-15T06:13:55.999".to_owned()),
            ("0010103", "B3", "2025-05-15T06:43:51.091".to_owned()),
            ("0010102", "B2", "2025-05-15T06:58:52.626".to_owned()),
        ]
    );
    for tube in &log.tubes {
        assert_eq!(
            (tube.participant.as_str(), tube.source),
            ("VP01", TimeSource::Electronic)
        );
        let (woke, source) = tube.awakening.unwrap();
        assert_eq!(
            woke.local_date_time().to_string(),
            "2025-05-15T06:13:30.799"
        );
        // The button is the person's word; the stopped alarm of a tube is no awakening.
        assert_eq!(source, TimeSource::SelfReport);
    }
    assert_eq!(log.days.len(), 1);
    let remarks = texts(&log);
    assert_eq!(remarks.len(), 3, "{remarks:?}");
    assert!(remarks[0].contains("after the name of the file"));
    assert!(remarks[1].starts_with("5: tube 0010103 is B3 and was scanned when B2 was due"));
    assert!(remarks[2].starts_with("6: tube 0010102 is B2 and was scanned when B3 was due"));
}

#[test]
fn an_archive_and_a_folder_read_as_their_files_do() {
    let folder = Folder::new();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let second = MORNING.replace("00101", "00201");
    for (name, text) in [
        ("logs/carwatch_pilot_VP01_20250515.csv", MORNING),
        ("logs/carwatch_pilot_VP02_20250515.csv", &second),
        ("__MACOSX/carwatch_pilot_VP02_20250515.csv", "nothing"),
    ] {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    let path = folder.write("logs.zip", archive.finish().unwrap().into_inner());
    let log = read_log(&path, &berlin()).unwrap();
    assert_eq!((log.tubes.len(), log.days.len()), (6, 2));
    assert!(log.reading.ends_with("2 files"), "{}", log.reading);
    assert_eq!(log.tubes[5].participant, "VP02");
    assert_eq!(
        log.tubes[5].place.to_string(),
        "logs/carwatch_pilot_VP02_20250515.csv:6"
    );

    let both = Folder::new();
    both.write("carwatch_pilot_VP01_20250515.csv", MORNING);
    both.write("carwatch_pilot_VP02_20250515.csv", &second);
    both.write("notes.txt", "not a log");
    let of_folder = read_log(both.0.path(), &berlin()).unwrap();
    assert_eq!(of_folder.tubes.len(), 6);
}

#[test]
fn an_early_version_of_the_app_needs_a_time_zone_and_knows_tubes_by_number() {
    let early = "1575522000000;subject_id_set;{\"subject_id\":\"AB12C\"}\n\
        1575522060000;alarm_stop;{\"id\":0,\"saliva_id\":0}\n\
        1575522120000;barcode_scanned;{\"id\":0,\"saliva_id\":0,\"barcode_value\":\"1010\"}\n\
        1575575000000;barcode_scanned;{\"id\":815,\"saliva_id\":5,\"barcode_value\":\"1015\"}\n";
    let log = read("carwatch_ab12c_20191205.csv", early, &berlin());
    assert!(log.refused.is_empty() && log.remarks.is_empty(), "{log:?}");
    let labels: Vec<_> = log.tubes.iter().map(|tube| tube.label.as_str()).collect();
    assert_eq!(labels, ["S0", "SE"]);
    assert_eq!(log.tubes[0].participant, "AB12C");
    assert_eq!(log.tubes[1].awakening.unwrap().1, TimeSource::Electronic);
    let without = read("carwatch_ab12c_20191205.csv", early, &LogOptions::default());
    assert!(without.tubes.is_empty());
    assert!(
        refusals(&without)[0].contains("give --time-zone"),
        "{without:?}"
    );
}

#[test]
fn what_a_log_shows_is_said() {
    let line = |text: &str| text.to_owned() + "\n";
    let scan = |milliseconds: i64, local: &str, extras: &str| {
        line(&format!(
            "{milliseconds};{local};barcode_scanned;{{\"barcode_value\":{extras}}}"
        ))
    };
    let head = line(
        "1747282400000;Thu May 15 2025 07:13:20 GMT+03:00;participant_id_set;{\"participant_id\":\"P1\"}",
    );
    let text = head
        + &scan(
            1_747_282_410_000,
            "Thu May 15 2025 07:13:30 GMT+03:00",
            "\"T0\"",
        )
        + &line("1747282410799;Thu May 15 2025 07:13:30 GMT+03:00;spontaneous_awakening;{}")
        + &line("1747282510799;Thu May 15 2025 07:15:10 GMT+03:00;spontaneous_awakening;{}")
        + &scan(
            1_747_282_600_000,
            "Thu May 15 2025 07:16:40 GMT+03:00",
            "\"T1\"",
        )
        + &scan(
            1_747_282_660_000,
            "Thu May 15 2025 07:17:40 GMT+03:00",
            "\"T1\"",
        )
        + &scan(
            1_747_284_400_000,
            "Thu May 15 2025 07:46:40 GMT+03:00",
            "\"T2\",\"day_scanned\":2,\"day_expected\":1,\"sample_scanned\":\"S2\",\"sample_expected\":\"S2\"",
        )
        + &line(
            "1747284500000;Thu May 15 2025 07:48:20 GMT+03:00;duplicate_barcode_scanned;{\"barcode_value\":\"T2\"}",
        )
        + &line(
            "1747284480000;Thu May 15 2025 07:48:00 GMT+03:00;invalid_barcode_scanned;{\"barcode_value\":\"milk\"}",
        )
        + &line("this is no event");
    let log = read("anything.csv", text, &berlin());
    let specimens: Vec<_> = log
        .tubes
        .iter()
        .map(|tube| tube.specimen.as_str())
        .collect();
    assert_eq!(specimens, ["T0", "T1", "T2"]);
    assert_eq!(log.tubes[1].collected.utc_offset_minutes(), 180);
    assert_eq!(log.tubes[1].collected.microseconds(), 1_747_282_600_000_000);
    let remarks = texts(&log);
    for said in [
        "1: the phone's clock stood at UTC+03:00 when the study's stood at UTC+02:00",
        "2: tube T0 was scanned and no awakening is logged before it",
        "4: another awakening",
        "6: tube T1 was scanned again",
        "7: tube T2 is of day 2 and was scanned on day 1",
        "8: the app refused tube T2",
        "9: something was scanned that is no tube of the study: milk",
        "9: the phone's clock went back by 20 s",
    ] {
        assert!(
            remarks.iter().any(|remark| remark.starts_with(said)),
            "{said} is not in {remarks:#?}"
        );
    }
    assert_eq!(refusals(&log).len(), 1);
    assert!(refusals(&log)[0].starts_with("10: event: is no event of the app"));
}

#[test]
fn a_day_on_which_the_clock_went_back_is_refused_and_others_are_not() {
    let second_day: i64 = 86_400_000;
    let mut text = String::from("1747282400000;participant_id_set;{\"participant_id\":\"P1\"}\n");
    for (day, back) in [(0, 0), (1, 7_200_000)] {
        let base = 1_747_282_410_000 + day * second_day;
        text += &format!("{base};spontaneous_awakening;{{}}\n");
        text += &format!(
            "{};barcode_scanned;{{\"barcode_value\":\"T{day}a\"}}\n",
            base + 60_000
        );
        text += &format!(
            "{};barcode_scanned;{{\"barcode_value\":\"T{day}b\"}}\n",
            base + 1_800_000 - back
        );
    }
    let log = read("log.csv", text, &berlin());
    let specimens: Vec<_> = log
        .tubes
        .iter()
        .map(|tube| tube.specimen.as_str())
        .collect();
    assert_eq!(specimens, ["T0a", "T0b"]);
    let refused = refusals(&log);
    assert_eq!(refused.len(), 3, "{refused:?}");
    for rule in &refused {
        assert!(
            rule.contains("the phone's clock went back by 91 min"),
            "{rule}"
        );
    }
}

#[test]
fn whose_log_it_is_must_be_clear() {
    let told =
        "1747282400000;participant_id_set;{\"participant_id\":\"P1\"}\n".to_owned() + MORNING;
    let log = read("carwatch_pilot_p2_20250515.csv", &told, &berlin());
    assert!(log.tubes.is_empty());
    assert!(refusals(&log)[0].contains("the app was told P1 and the file is called after p2"));
    // Letters of another case are no contradiction: the app writes file names in small ones.
    let log = read("carwatch_pilot_p1_20250515.csv", &told, &berlin());
    assert_eq!(log.tubes[0].participant, "P1");
    let nobody = read("log.csv", MORNING, &berlin());
    assert!(refusals(&nobody)[0].contains("give --participant CODE"));
    let options = LogOptions {
        participant: Some("P3".to_owned()),
        ..berlin()
    };
    let log = read("carwatch_pilot_p2_20250515.csv", &told, &options);
    assert_eq!(log.tubes[0].participant, "P3");
    assert!(
        texts(&log)
            .iter()
            .any(|text| text.contains("the log says P1"))
    );
}

#[test]
fn an_export_of_the_study_manager_puts_a_bedtime_after_midnight_on_the_next_date() {
    let header = "Study Name,Participant ID,date_D1,awakening_time_D1_app,awakening_type_D1,sample_mismatches_D1,\
        sampling_time_D1_B1,sample_barcode_D1_B1,sample_scanned_D1_B1,sampling_time_D1_B2,sample_barcode_D1_B2,\
        sample_scanned_D1_B2,sampling_time_D1_B3,sample_barcode_D1_B3,sample_scanned_D1_B3";
    let rows = "logs,02,2025-05-15,06:13:30,self-report,B2->B3,06:13:55,0010101,B1,06:43:51,0010103,B3,00:20:00,0010104,B4\n\
        logs,03,2025-05-15,07:00:00,alarm,,07:01:00,,B1,07:30:00,0020102,B2,,,";
    let log = read(
        "study_results.csv",
        format!("{header}\n{rows}\n"),
        &berlin(),
    );
    assert!(log.reading.contains("Study Manager"));
    let tubes: Vec<_> = log
        .tubes
        .iter()
        .map(|tube| {
            let hours = tube.collected.hours_since(tube.awakening.unwrap().0);
            (
                tube.specimen.as_str(),
                tube.label.as_str(),
                (hours * 3600.0).round(),
            )
        })
        .collect();
    // 06:13:30 to 00:20:00 of the next date are 18 h 6 min 30 s.
    assert_eq!(
        tubes,
        [
            ("0010101", "B1", 25.0),
            ("0010103", "B3", 1821.0),
            ("0010104", "B4", 65_190.0),
            ("0020102", "B2", 1800.0),
        ]
    );
    assert_eq!(log.days.len(), 2);
    assert_eq!(log.days[1].source, TimeSource::Electronic);
    let refused = refusals(&log);
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains("bar code is empty: column sample_barcode_D1_B1"));
    assert!(
        texts(&log)
            .iter()
            .any(|text| text.contains("was filled when B2 was due"))
    );
    // Days and samples the other way round, as earlier versions wrote them.
    let earlier = header
        .replace("_D1_B1", "_B1_D1")
        .replace("_D1_B2", "_B2_D1");
    let log = read(
        "study_results.csv",
        format!("{earlier}\n{rows}\n"),
        &berlin(),
    );
    assert_eq!(log.tubes.len(), 4);
}

#[test]
fn the_first_opening_of_a_cap_counts() {
    let folder = Folder::new();
    let map = folder.write(
        "caps.csv",
        "cap;specimen;participant;label;date\n\
        M1;T-1;P1;S1;2026-03-02\nM1;T-4;P1;S1;2026-03-03\nM2;T-2;P1;S2;\nM3;T-3;P1;S3;\n",
    );
    let openings = folder.write(
        "openings.csv",
        "cap_id,opening time\nM1,2026-03-02 07:40\nM1,2026-03-02 07:05\nM2,2026-03-03 00:30\nM9,2026-03-02 07:05\n\
        M1,2026-03-03 07:10\nM2,soon\n",
    );
    let options = LogOptions {
        caps: Some(map),
        ..berlin()
    };
    let log = read_log(&openings, &options).unwrap();
    let tubes: Vec<_> = log
        .tubes
        .iter()
        .map(|tube| {
            (
                tube.specimen.as_str(),
                tube.collected.local_date_time().to_string(),
            )
        })
        .collect();
    assert_eq!(
        tubes,
        [
            ("T-1", "2026-03-02T07:05:00".to_owned()),
            ("T-2", "2026-03-03T00:30:00".to_owned()),
            ("T-4", "2026-03-03T07:10:00".to_owned()),
        ]
    );
    assert!(
        log.tubes
            .iter()
            .all(|tube| tube.source == TimeSource::Electronic)
    );
    let remarks = texts(&log);
    assert!(
        remarks
            .iter()
            .any(|text| text.contains("cap M1 was opened again"))
    );
    assert!(
        remarks
            .iter()
            .any(|text| text.contains("tube T-3 of P1 was never opened"))
    );
    let refused = refusals(&log);
    assert!(
        refused
            .iter()
            .any(|text| text.contains("M9") && text.contains("does not know"))
    );
    assert!(refused.iter().any(|text| text.contains("`soon`")));
    assert_eq!(refused.len(), 2);
    let unmapped = cause(
        "openings.csv",
        "cap,opened_at\nM1,2026-03-02 07:40\n",
        &berlin(),
    );
    assert!(unmapped.contains("--caps MAP.csv"));
}

#[test]
fn a_table_of_tubes_says_what_is_wrong_with_its_rows() {
    let text = "barcode,subject,date,time,wake time,sample,source,conditions\n\
        T1,P1,2026-03-02,07:05,07:00,S1,diary,\n\
        T2,P1,2026-03-02,00:40,07:00,S5,electronic,night_shift\n\
        ,P1,2026-03-03,,06:50,,,\n\
        T3,,2026-03-02,07:05,07:00,S1,,\n\
        T4,P1,2026-03-02,07:05,07:00,S1,guess,\n\
        T5,P1,2026-03-02,07:05,07:00,S1,,tired\n\
        T6,P1,2026-03-02,,07:00,S1,,\n\
        ,P1,2026-03-02,07:30,,S1,,\n\
        T1,P1,2026-03-02,07:05,07:00,S1,diary,\n\
        T1,P1,2026-03-02,07:06,07:00,S1,diary,\n\
        T7,P1,2026-03-29,02:30,,S1,,\n";
    // As a spreadsheet program writes it: UTF-8 with a mark.
    let log = read("diary.csv", format!("\u{feff}{text}"), &berlin());
    assert_eq!(log.tubes.len(), 2);
    assert_eq!(log.tubes[0].source, TimeSource::SelfReport);
    let bed = &log.tubes[1];
    assert_eq!(
        bed.collected.local_date_time().to_string(),
        "2026-03-03T00:40:00"
    );
    assert_eq!(
        bed.conditions,
        Conditions::from_iter([Condition::NightShift])
    );
    assert_eq!(log.days.len(), 1);
    let refused = refusals(&log);
    for said in [
        "5: subject: is empty",
        "6: source `guess`: is none of",
        "7: conditions `tired`: `tired` is no condition",
        "8: time: is empty; the instant",
        "9: barcode: is empty; the id on the tube",
        "11: specimen `T1`: stands on line 2 with other facts",
        "12: time `02:30`: is a time that the clocks skipped in Europe/Berlin",
    ] {
        assert!(
            refused.iter().any(|rule| rule.starts_with(said)),
            "{said} is not in {refused:#?}"
        );
    }
    assert_eq!(refused.len(), 7, "{refused:#?}");
    let remarks = texts(&log);
    assert!(remarks[0].contains("T2 was taken after midnight"));
    assert!(remarks[1].contains("it is taken once"));
    let missing = cause("x.csv", "a,b\n1,2\n", &berlin());
    assert!(
        missing.contains("no column `participant`; it has `a`, `b`"),
        "{missing}"
    );
}
