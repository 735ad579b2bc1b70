use toml::{Table, Value};

use super::example::{DATABASE, KEYS};
use super::load::get;
use super::variables::variable_of;
use super::*;

fn written(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn the_example_is_the_default() {
    assert_eq!(toml::from_str::<Config>(EXAMPLE).unwrap(), Config::default());
}

#[test]
fn the_example_names_every_key_and_variable() {
    let set = EXAMPLE.lines().map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line));
    let all: Table = toml::from_str(&set.collect::<Vec<_>>().join("\n")).unwrap();
    for key in KEYS {
        let name = variable_of(key);
        assert!(get(&all, key).is_some(), "{key}");
        assert!(
            EXAMPLE.contains(&format!("Environment: {name}\n")) || EXAMPLE.contains(&format!("{name} (")),
            "{name}"
        );
    }
    let keys = all.values().map(|value| value.as_table().map_or(1, Table::len)).sum::<usize>();
    assert_eq!(keys, KEYS.len());
}

fn variables(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file =
        written("readers = 2\nlisten = \"file:1\"\ndatabase = \"sqlite://file\"\n[dataset]\nlicence = \"CC0-1.0\"\n");
    let environment = variables(&[("POMOST_LISTEN", "environment:1"), ("POMOST_DATABASE", "sqlite://environment")]);
    let loaded = load(Some(file.path()), &environment, &[("database", "sqlite://flag".to_owned())]).unwrap();
    let Config { database, listen, readers, dataset, .. } = loaded.config.clone();
    assert_eq!((database.as_str(), listen.as_str(), readers), ("sqlite://flag", "environment:1", 2));
    assert_eq!((dataset.licence.as_str(), dataset.publisher), ("CC0-1.0", None));
    let sources: Vec<_> = loaded.lines().into_iter().map(|(_, _, source)| source.to_string()).collect();
    assert_eq!(sources[..4], ["flag", "default", "environment POMOST_LISTEN", "default"]);
}

#[test]
fn the_address_of_the_database_may_be_in_a_file() {
    let secret = written("postgres://anna:s3cret@db/pomost\n");
    let path = secret.path().to_str().unwrap();
    let address = |file: &str, environment: &[(&str, &str)], flags: &[(&'static str, String)]| {
        let file = written(file);
        load(Some(file.path()), &variables(environment), flags).map(|loaded| loaded.config.database)
    };
    let address_in_file = "postgres://anna:s3cret@db/pomost";
    let named = format!("database_file = {path:?}\n");
    let other = ("database", "sqlite://other.db".to_owned());
    let in_file = ("database_file", path.to_owned());
    assert_eq!(address(&named, &[], &[]).as_deref(), Ok(address_in_file));
    assert_eq!(address("", &[("POMOST_DATABASE_FILE", path)], &[]).as_deref(), Ok(address_in_file));
    assert_eq!(address("", &[], std::slice::from_ref(&in_file)).as_deref(), Ok(address_in_file));
    // The later source counts, for either key.
    assert_eq!(
        address("database = \"sqlite://a\"", &[("POMOST_DATABASE_FILE", path)], &[]).as_deref(),
        Ok(address_in_file)
    );
    assert_eq!(address(&named, &[("POMOST_DATABASE", "sqlite://b")], &[]).as_deref(), Ok("sqlite://b"));
    let flag = address("", &[("POMOST_DATABASE_FILE", path)], std::slice::from_ref(&other));
    assert_eq!(flag.as_deref(), Ok("sqlite://other.db"));
    // Both keys in one source contradict each other.
    let both = [("POMOST_DATABASE", "sqlite://b"), ("POMOST_DATABASE_FILE", path)];
    for (problem, names) in [
        (address("", &both, &[]), ["POMOST_DATABASE ", "POMOST_DATABASE_FILE "]),
        (address(&format!("{named}database = \"sqlite://a\""), &[], &[]), ["database in", "database_file in"]),
        (address("", &[], &[other, in_file]), ["--database ", "--database-file "]),
    ] {
        let problem = problem.unwrap_err().to_string();
        assert!(names.iter().all(|name| problem.contains(name)), "{problem}");
    }
    let gone = address("", &[("POMOST_DATABASE_FILE", "/nowhere/at/all")], &[]).unwrap_err().to_string();
    assert!(gone.starts_with("database_file: cannot read the file /nowhere/at/all"), "{gone}");
    let loaded = load(None, &variables(&[("POMOST_DATABASE_FILE", path)]), &[]).unwrap();
    let shown = loaded.lines().into_iter().find(|(key, ..)| *key == DATABASE).unwrap();
    assert_eq!(shown.1.as_deref(), Some("\"postgres://anna:***@db/pomost\""));
    assert_eq!(shown.2, Source::File(secret.path().to_owned()));
}

#[test]
fn a_mistyped_variable_is_refused() {
    let error = load(None, &variables(&[("POMOST_LISTN", "x:1")]), &[]).unwrap_err().to_string();
    assert_eq!(error, "the variable POMOST_LISTN is unknown: did you mean POMOST_LISTEN?");
    let platform = [("POMOST_SERVICE_HOST", "10.0.0.1"), ("POMOST_PORT_8080_TCP", "tcp://10.0.0.1:8080")];
    assert!(load(None, &variables(&platform), &[]).unwrap().unknown.is_empty());
    for (name, meant) in [
        ("POMOST_DATABASE_URL", "POMOST_DATABASE?"),
        ("POMOST_OIDC_ISSUER_URL", "POMOST_OIDC_ISSUER?"),
        ("POMOST_LOG_LEVEL", "POMOST_LOG?"),
        ("POMOST_LOG_CLIENT_ADRESS", "POMOST_LOG_CLIENT_ADDRESS?"),
        ("POMOST_LIMIT_DEPTH", "POMOST_LIMITS_DEPTH?"),
    ] {
        let error = load(None, &variables(&[(name, "1")]), &[]).unwrap_err().to_string();
        assert!(error.ends_with(meant), "{error}");
    }
    let loaded = load(None, &variables(&[("POMOST_COLOUR", "blue")]), &[]).unwrap();
    assert_eq!(loaded.unknown, ["POMOST_COLOUR"]);
}

/// If 0 is valid, the example explains its meaning; otherwise it is refused with the name of the key.
#[test]
fn zero_is_explained_or_refused_for_every_number() {
    let defaults = Table::try_from(Config::default()).unwrap();
    for key in KEYS.iter().filter(|key| get(&defaults, key).is_some_and(Value::is_integer)) {
        let name = variable_of(key);
        let at = EXAMPLE.find(&format!("Environment: {name}\n")).unwrap();
        let comment = EXAMPLE[..at].rsplit("\n\n").next().unwrap();
        // Without a limit, the other keys are not restricted.
        let environment = variables(&[("POMOST_RATE_BURST", "0"), (&name, "0")]);
        let zero = load(None, &environment, &[]);
        if let Some((_, why)) = check::NOT_ZERO.iter().find(|(refused, _)| refused == key) {
            let error = zero.unwrap_err().to_string();
            assert_eq!(error, format!("{key} is 0: {why}, so it must be at least 1"));
            assert!(comment.contains("at least 1"), "{comment}");
        } else {
            zero.unwrap_or_else(|error| panic!("{error}"));
            assert!(comment.contains("0: ") || comment.contains("0 "), "the comment does not explain 0: {comment}");
        }
    }
}

#[test]
fn an_unknown_key_is_reported_with_its_line() {
    let file = written("readers = 2\nlissten = \"x\"\n");
    let error = load(Some(file.path()), &variables(&[]), &[]).unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("lissten") && !error.contains('\n'), "{error}");
}

#[test]
fn invalid_values_are_refused() {
    let readers = |text: &str| {
        load(None, &variables(&[("POMOST_READERS", text)]), &[])
            .map(|loaded| loaded.config.readers)
            .map_err(|error| error.to_string())
    };
    assert_eq!(readers("7"), Ok(7));
    for wrong in ["many", "-1", "1.5", "4294967296"] {
        let error = readers(wrong).unwrap_err();
        assert_eq!(error, format!("POMOST_READERS: {wrong:?} is not a whole number from 0 to 4294967295"));
    }
    for (key, text, problem) in [
        ("POMOST_LIMITS_DEPTH", "0", "limits.depth is 0"),
        ("POMOST_READERS", "4294967295", "readers is 4294967295"),
        ("POMOST_READERS", "1001", "it must be at most 1000"),
        ("POMOST_RATE_BURST", "5", "rate.burst is 5"),
        ("POMOST_TRUSTED_PROXIES", "10.0.0.0/8, nonsense", "trusted_proxies has \"nonsense\", which is not a network"),
        ("POMOST_DOCUMENTS_ONLY", "yes", "neither true nor false"),
        ("POMOST_DOCUMENTS_ONLY", "true", "documents is not set"),
    ] {
        let error = load(None, &variables(&[(key, text)]), &[]).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn lists_are_read_from_the_environment() {
    let environment = variables(&[
        ("POMOST_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1"),
        ("POMOST_OIDC_ISSUER", "https://login.example.org"),
        ("POMOST_OIDC_AUDIENCE", "pomost"),
        ("POMOST_OIDC_ROLES", "cn=staff=editor, boss=publisher"),
    ]);
    let config = load(None, &environment, &[]).unwrap().config;
    let proxies: Vec<_> = config.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "127.0.0.1/32"]);
    let roles: Vec<_> = config.oidc.roles.iter().map(|(value, role)| (value.as_str(), role.as_str())).collect();
    assert_eq!(roles, [("boss", "publisher"), ("cn=staff", "editor")]);
}

#[test]
fn the_default_dataset_is_that_of_the_schema() {
    let (ours, theirs) =
        (pomost_api::schema::Dataset::from(Dataset::default()), pomost_api::schema::Dataset::default());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
}
