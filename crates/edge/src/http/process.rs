//! Metrics of the process, under the standard Prometheus names, and of the build.

use std::fmt::Write;
use std::fs;

/// A metric and its text.
struct Figure {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    value: f64,
}

/// All metrics in the Prometheus format. A metric that this system does not provide is omitted.
pub(super) fn text(build: Build) -> String {
    let mut text = build.text();
    for Figure { name, kind, help, value } in figures() {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
    }
    text
}

/// The version and commit of the program. An empty text means that it is not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Build {
    /// The version of the program.
    pub version: &'static str,
    /// The commit.
    pub commit: &'static str,
    /// The version of the compiler.
    pub rustc: &'static str,
}

impl Build {
    fn text(self) -> String {
        let name = "pomost_build_info";
        let labels = [("version", self.version), ("commit", self.commit), ("rustc", self.rustc)];
        let label = |(label, value): (&str, &str)| {
            let value = if value.is_empty() { "unknown" } else { value };
            format!("{label}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
        };
        let labels = labels.map(label).join(",");
        format!(
            "# HELP {name} Version, commit and compiler of the program\n# TYPE {name} gauge\n{name}{{{labels}}} 1\n\n"
        )
    }
}

#[cfg(target_os = "linux")]
fn figures() -> Vec<Figure> {
    let figure = |name, kind, help, value: Option<f64>| value.map(|value| Figure { name, kind, help, value });
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let system = fs::read_to_string("/proc/stat").unwrap_or_default();
    let open = fs::read_dir("/proc/self/fd").ok().and_then(|files| u32::try_from(files.count()).ok());
    let threads = number(status.lines().find_map(|line| line.strip_prefix("Threads:")));
    let memory = |line: &str| {
        let kilobytes = number(status.lines().find_map(|found| found.strip_prefix(line)?.strip_suffix("kB")))?;
        Some(kilobytes * 1024.0)
    };
    [
        figure("process_cpu_seconds_total", "counter", "Processor time used", cpu_seconds(&stat)),
        figure(
            "process_start_time_seconds",
            "gauge",
            "Start of the process, in Unix time",
            start_seconds(&stat, &system),
        ),
        figure("process_resident_memory_bytes", "gauge", "Resident memory", memory("VmRSS:")),
        figure("process_virtual_memory_bytes", "gauge", "Virtual memory", memory("VmSize:")),
        figure("process_threads", "gauge", "Threads", threads),
        // The directory was itself open while it was counted.
        figure(
            "process_open_fds",
            "gauge",
            "Open file descriptors",
            open.map(|open| f64::from(open.saturating_sub(1))),
        ),
        figure("process_max_fds", "gauge", "Maximum number of open file descriptors", max_fds(&limits)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(not(target_os = "linux"))]
fn figures() -> Vec<Figure> {
    Vec::new()
}

fn number(text: Option<&str>) -> Option<f64> {
    text?.trim().parse().ok()
}

/// A field of `/proc/PID/stat` by its number in the manual. The second is a name in brackets, which may contain anything.
fn field(stat: &str, at: usize) -> Option<f64> {
    let behind_name = stat.rsplit_once(')')?.1;
    number(behind_name.split_ascii_whitespace().nth(at.checked_sub(3)?))
}

#[expect(clippy::cast_precision_loss, reason = "about 100")]
fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

/// Of user and system, for all threads.
fn cpu_seconds(stat: &str) -> Option<f64> {
    Some((field(stat, 14)? + field(stat, 15)?) / ticks_per_second())
}

fn start_seconds(stat: &str, system: &str) -> Option<f64> {
    let boot = number(system.lines().find_map(|line| line.strip_prefix("btime ")))?;
    Some(boot + field(stat, 22)? / ticks_per_second())
}

/// The soft limit, the first number of its line.
fn max_fds(limits: &str) -> Option<f64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_ascii_whitespace().next()?;
    if soft == "unlimited" { Some(f64::INFINITY) } else { number(Some(soft)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metrics_of_this_process_are_reported() {
        let text = text(Build::default());
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.unwrap_or_else(|| panic!("{name} is missing: {text}")).parse::<f64>().unwrap()
        };
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
        assert!((now - value("process_start_time_seconds")).abs() < 3_600.0, "{text}");
        assert!(value("process_resident_memory_bytes") > 1e6 && value("process_resident_memory_bytes") < 1e11);
        assert!(value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"));
        assert!(value("process_open_fds") >= 3.0 && value("process_open_fds") <= value("process_max_fds"));
        assert!(value("process_threads") >= 1.0);
        // It increases with work.
        let before = value("process_cpu_seconds_total");
        let begin = std::time::Instant::now();
        while begin.elapsed().as_millis() < 300 {
            std::hint::black_box(super::text(Build::default()));
        }
        let text = super::text(Build::default());
        let line = text.lines().find_map(|line| line.strip_prefix("process_cpu_seconds_total ")).unwrap();
        assert!(line.parse::<f64>().unwrap() > before, "{line} after {before}");
        assert!(text.contains("# TYPE process_cpu_seconds_total counter\n"));
    }

    #[test]
    fn a_process_name_with_brackets_and_spaces_is_parsed() {
        let stat = "1 (a b) c) S 0 1 1 0 -1 0 0 0 0 0 250 50 0 0 20 0 4 0 1000 0 0";
        assert_eq!((field(stat, 14), field(stat, 15), field(stat, 22)), (Some(250.0), Some(50.0), Some(1000.0)));
        assert_eq!(
            max_fds("Max open files            1024                 524288               files\n"),
            Some(1024.0)
        );
    }

    #[test]
    fn the_build_reports_its_version_and_compiler() {
        let text = Build { version: "1.2.3", commit: "", rustc: "1.95.0" }.text();
        let labels = r#"pomost_build_info{version="1.2.3",commit="unknown",rustc="1.95.0"} 1"#;
        assert!(text.contains(labels), "{text}");
    }
}
