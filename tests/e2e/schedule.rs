//! What schedules and watches nightly runs: the files under `pipelines/` and the table of exit codes in
//! `docs/operations.md` say one thing.

use crate::support::{crosstie_in, expect_code, root, set_mode, stderr, stdout};
use crosstie_pipeline::Exit;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use yaml_rust2::{Yaml, YamlLoader};

fn schedule(name: &str) -> String {
    fs::read_to_string(root().join("pipelines/schedule").join(name)).unwrap()
}

/// The exit codes of the table in docs/operations.md, each with what a scheduler does.
fn table() -> Vec<(i64, String)> {
    let text = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("| exit |")).skip(2);
    let mut codes = Vec::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 3, "{row}");
        codes.extend(cells[0].split(", ").map(|code| (code.parse().unwrap(), cells[2].to_string())));
    }
    codes.sort();
    codes
}

/// The codes that a second try does not change.
fn final_codes() -> Vec<i64> {
    table().into_iter().filter(|(_, scheduler)| scheduler.starts_with("stop")).map(|(code, _)| code).collect()
}

#[test]
fn the_table_names_every_exit_code() {
    let exits = [
        Exit::Usage,
        Exit::Data,
        Exit::NoInput,
        Exit::Bug,
        Exit::Create,
        Exit::Write,
        Exit::TryAgain,
        Exit::NotAllowed,
        Exit::Config,
    ];
    let mut expected = vec![0, 130, 143];
    expected.extend(exits.map(|exit| exit as i64));
    expected.sort_unstable();
    assert_eq!(table().iter().map(|(code, _)| *code).collect::<Vec<_>>(), expected);
    let again: Vec<i64> =
        table().into_iter().filter(|(_, what)| what.starts_with("try again")).map(|row| row.0).collect();
    assert_eq!(again, [75, 130, 143]);
    assert_eq!(final_codes().len() + again.len() + 1, expected.len(), "the others stop, and 0 goes on");
}

/// A folder with a `crosstie` that writes its arguments to `asked` and ends with the code in `code`.
struct Stub {
    folder: tempfile::TempDir,
}

impl Stub {
    fn new() -> Stub {
        let stub = Stub { folder: tempfile::tempdir().unwrap() };
        let script = "#!/bin/sh\nhere=${0%/*}\necho \"$@\" >> \"$here/asked\"\nexit \"$(cat \"$here/code\")\"\n";
        fs::write(stub.path("crosstie"), script).unwrap();
        set_mode(&stub.path("crosstie"), 0o755);
        stub.ends_with(0);
        stub
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ends_with(&self, code: i64) {
        fs::write(self.path("code"), code.to_string()).unwrap();
    }

    fn asked(&self) -> String {
        fs::read_to_string(self.path("asked")).unwrap_or_default()
    }

    /// Runs a command with the stub before everything else in `PATH`.
    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.folder.path().display());
        Command::new(program).args(arguments).env("PATH", path).output().unwrap()
    }
}

/// The last day that is over in UTC, as `date` of this machine says.
fn yesterday() -> String {
    let now = Command::new("date").args(["-u", "+%s"]).output().unwrap();
    let seconds: i64 = stdout(&now).trim().parse().unwrap();
    crosstie_model::Day((seconds / 86_400) as i32 - 1).to_string()
}

/// Runs a command line in `sh` as a scheduler would and expects that it asks for yesterday and hands the exit code on.
#[track_caller]
fn runs_yesterday(line: &str, pipeline: &str) {
    let stub = Stub::new();
    for code in [0, 75] {
        stub.ends_with(code);
        let before = yesterday();
        let ran = stub.run("sh", &["-c", line]);
        expect_code(&ran, code as i32);
        let days = [before, yesterday()];
        let asked = stub.asked();
        let last = asked.lines().last().unwrap();
        let begins = |day: &String| last.starts_with(&format!("run {pipeline} --date {day} "));
        assert!(days.iter().any(begins), "{line} asked for: {last}");
        // What it asks for is a command line of this version.
        let words: Vec<&str> = last.split(' ').collect();
        let real = crosstie_in(stub.folder.path(), &words);
        expect_code(&real, 66);
    }
}

#[test]
fn the_crontab_s_command_runs_in_sh() {
    let text = schedule("crontab.example");
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(" crosstie ")).collect();
    assert_eq!(lines.len(), 1);
    let fields: Vec<&str> = lines[0].splitn(6, ' ').collect();
    assert_eq!(fields[..5], ["10", "3", "*", "*", "*"]);
    // cron turns \% into % and ends the command at a bare one.
    let command = fields[5].trim();
    assert!(!command.replace("\\%", "").contains('%'), "{command}");
    runs_yesterday(&command.replace("\\%", "%"), "/etc/crosstie/acme.toml");
}

/// The values of a key in a unit file.
fn unit_values(text: &str, key: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).map(str::to_string).collect()
}

#[test]
fn the_service_s_command_runs_in_sh_and_its_codes_are_those_of_the_table() {
    let text = schedule("crosstie@.service");
    let command = &unit_values(&text, "ExecStart")[0];
    let script = command.strip_prefix("/bin/sh -c '").unwrap().strip_suffix('\'').unwrap();
    runs_yesterday(&script.replace("%%", "%").replace("%i", "acme"), "/etc/crosstie/acme.toml");
    let prevented = &unit_values(&text, "RestartPreventExitStatus")[0];
    let codes: Vec<i64> = prevented.split(' ').map(|code| code.parse().unwrap()).collect();
    assert_eq!(codes, final_codes());
}

#[test]
fn systemd_takes_the_units() {
    let scratch = tempfile::tempdir().unwrap();
    let names = ["crosstie@.service", "crosstie@.timer"];
    names.iter().for_each(|name| fs::write(scratch.path().join(name), schedule(name)).unwrap());
    let Ok(verified) = Command::new("systemd-analyze").arg("verify").args(names).current_dir(scratch.path()).output()
    else {
        eprintln!("skipped: no systemd-analyze here");
        return;
    };
    assert!(verified.status.success(), "{}", stderr(&verified));
    assert_eq!(stderr(&verified), "");
}

#[test]
fn the_cron_job_has_the_shape_of_one_and_the_codes_of_the_table() {
    let documents = YamlLoader::load_from_str(&schedule("kubernetes/cronjob.yaml")).unwrap();
    let [job] = documents.as_slice() else { panic!("{} documents", documents.len()) };
    assert_eq!((job["apiVersion"].as_str(), job["kind"].as_str()), (Some("batch/v1"), Some("CronJob")));
    let spec = &job["spec"];
    assert_eq!(spec["schedule"].as_str(), Some("10 3 * * *"));
    assert_eq!(spec["timeZone"].as_str(), Some("Etc/UTC"));
    assert_eq!(spec["concurrencyPolicy"].as_str(), Some("Forbid"));
    let job = &spec["jobTemplate"]["spec"];
    assert_eq!(job["backoffLimit"].as_i64(), Some(6));
    let pod = &job["template"]["spec"];
    assert_eq!(pod["restartPolicy"].as_str(), Some("Never"), "a podFailurePolicy needs it");
    let container = &pod["containers"][0];
    let rule = &job["podFailurePolicy"]["rules"][0];
    assert_eq!(rule["action"].as_str(), Some("FailJob"));
    assert_eq!(rule["onExitCodes"]["operator"].as_str(), Some("In"));
    assert_eq!(rule["onExitCodes"]["containerName"], container["name"]);
    let codes: Vec<i64> = list(&rule["onExitCodes"]["values"]).iter().map(|code| code.as_i64().unwrap()).collect();
    assert_eq!(codes, final_codes());
    let mounted: Vec<&str> =
        list(&container["volumeMounts"]).iter().map(|mount| mount["name"].as_str().unwrap()).collect();
    let volumes: Vec<&str> = list(&pod["volumes"]).iter().map(|volume| volume["name"].as_str().unwrap()).collect();
    assert_eq!(mounted, volumes);
    let command: Vec<&str> = list(&container["command"]).iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(command[..2], ["/bin/sh", "-c"]);
    runs_yesterday(command[2], "/data/acme.toml");
}

#[track_caller]
fn list(value: &Yaml) -> &[Yaml] {
    value.as_vec().unwrap()
}

#[test]
fn the_dag_s_exit_codes_are_those_of_the_table() {
    let python = std::env::var_os("CROSSTIE_PYTHON").unwrap_or_else(|| "python3".into());
    if Command::new(&python).arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI must have a Python");
        eprintln!("skipped: no Python here");
        return;
    }
    let stub = Stub::new();
    let script = root().join("tests/schedule/run_dag.py");
    let dag = root().join("pipelines/schedule/airflow/crosstie_dag.py");
    for (code, scheduler) in table() {
        stub.ends_with(code);
        let ran = stub.run(python.to_str().unwrap(), &[script.to_str().unwrap(), dag.to_str().unwrap()]);
        expect_code(&ran, 0);
        let expected = match scheduler.as_str() {
            "go on" => "success",
            again if again.starts_with("try again") => "AirflowException",
            _ => "AirflowFailException",
        };
        assert_eq!(stdout(&ran).trim(), expected, "exit code {code}");
        let asked = "run /etc/crosstie/acme.toml --date 2026-03-30 --log-format json";
        assert_eq!(stub.asked().lines().last(), Some(asked));
    }
}

#[test]
fn the_nightly_pipeline_runs_as_it_stands() {
    let scratch = tempfile::tempdir().unwrap();
    for folder in ["pipelines", "data-samples"] {
        std::os::unix::fs::symlink(root().join(folder), scratch.path().join(folder)).unwrap();
    }
    expect_code(&crosstie_in(scratch.path(), &["run", "pipelines/nightly.toml", "--date", "2026-05-31"]), 0);
    let out = scratch.path().join("out");
    for written in
        ["nightly.prom", "nightly.key", "nightly/state/openlineage.ndjson", "nightly/runs/2026-05-31.001.json"]
    {
        assert!(out.join(written).is_file(), "{written}");
    }
    let seen = fs::read(out.join("nightly.prom")).unwrap();

    // The line of backfill.md goes on from there: the last of its dates is committed.
    let text = fs::read_to_string(root().join("pipelines/backfill.md")).unwrap();
    let line = text.split("```sh\n").nth(1).unwrap().split('\n').next().unwrap();
    let words: Vec<&str> = line.strip_prefix("crosstie ").unwrap().split(' ').collect();
    let filled = crosstie_in(scratch.path(), &words);
    expect_code(&filled, 0);
    let weeks = ["05-03", "05-10", "05-17", "05-24"].map(|day| format!("2026-{day}: committed\n"));
    assert_eq!(stdout(&filled), format!("{}2026-05-31: committed before\n", weeks.concat()));
    assert_eq!(fs::read(out.join("nightly.prom")).unwrap(), seen, "metrics are about the newest night");
}

#[test]
fn operations_names_every_file_that_schedules() {
    let text = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let folder = root().join("pipelines");
    for path in crate::support::files(&folder) {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        let short = Path::new(&name).strip_prefix("schedule").map_or(name.clone(), |path| path.display().to_string());
        assert!(text.contains(&short), "{name} is not in docs/operations.md");
    }
}
