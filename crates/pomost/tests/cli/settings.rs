//! Settings without an effect are refused, and all settings are documented.

use crate::program::Place;

#[test]
fn settings_without_an_effect_are_refused_with_the_correction() {
    for (name, value, said) in [
        ("POMOST_LOG", "inof", "log: \"inof\" is neither a level nor a part of the program: did you mean \"info\"?"),
        ("POMOST_LOG", "info,pomost_ap=debug", "did you mean \"pomost_api\"?"),
        (
            "POMOST_LOG",
            "info,pomost_api::nothing=debug",
            "\"pomost_api::nothing\" is not a part of the program. Parts of pomost_api are",
        ),
        ("POMOST_READERS", "4294967295", "readers is 4294967295"),
        ("POMOST_LISTEN", "8080", "listen is \"8080\": write HOST:PORT"),
        ("POMOST_ADMIN_LISTEN", "127.0.0.1:8080", "listen and admin_listen are both"),
        ("POMOST_TRUSTED_PROXIES", "10.0.0.0/33", "trusted_proxies has \"10.0.0.0/33\""),
        ("POMOST_CREDENTIAL_ORIGINS", "https://a.example/", "write \"https://a.example\""),
        ("POMOST_DATABASE", "mysql://anna:s3cr3t@db/x", "database: a database is not addressed by \"mysql://\""),
        ("POMOST_DATASET_PUBLISHER_URL", "example.org", "dataset.publisher_url is \"example.org\""),
        ("POMOST_OIDC_AUDIENCE", "pomost", "oidc.audience is set, but oidc.issuer is not"),
        ("POMOST_OIDC_ISSUER", "login.example.org", "oidc.issuer is \"login.example.org\""),
        ("POMOST_DATABASE_URL", "sqlite://x.db", "did you mean POMOST_DATABASE?"),
        ("POMOST_LISTN", "127.0.0.1:8080", "did you mean POMOST_LISTEN?"),
        ("POMOST_RATE_TOKEN_FACTOR", "0", "rate.token_factor is 0"),
    ] {
        for command in [&["config", "show"][..], &["serve"]] {
            let ended = Place::new().with(name, value).run(command);
            assert!(ended.code == 2 && ended.err.contains(said), "{name}={value} {command:?}: {ended:?}");
            assert!(!ended.err.contains("s3cr3t"), "{ended:?}");
        }
    }
}

#[test]
fn a_token_must_not_have_the_prefix_of_the_identity_provider() {
    let place = Place::new();
    place.done(&["migrate", "up"]);
    let ended = place.run(&["token", "create", "--role", "editor", "--name", "oidc:joe"]);
    assert!(ended.code == 2 && ended.err.contains("begins with \"oidc:\""), "{ended:?}");
    place.done(&["token", "create", "--role", "editor", "--name", "oidc-joe"]);
}

#[test]
fn valid_zeros_are_accepted() {
    for name in [
        "POMOST_OIDC_LEEWAY_S",
        "POMOST_MAPPED_MB",
        "POMOST_LIMITS_DIRECTIVES",
        "POMOST_LIMITS_VARIABLE_VALUES",
        "POMOST_SOCKETS_PING_INTERVAL_MS",
        "POMOST_CACHE_RECORDS_MB",
        "POMOST_CACHE_ANSWERS_MB",
        "POMOST_CACHE_STALENESS_MS",
        "POMOST_RATE_BURST",
    ] {
        let shown = Place::new().with(name, "0").done(&["config", "show"]);
        assert!(shown.contains(&format!(" = 0  # environment {name}\n")), "{shown}");
    }
}

#[test]
fn a_secret_in_a_file_is_used_and_not_shown() {
    let place = Place::new();
    let file = place.write("address", "sqlite://secret.db\n");
    place.done(&["migrate", "up", "--database-file", &file]);
    assert!(place.path().join("secret.db").exists());
    let both = place.without_variables().with("POMOST_DATABASE_FILE", &file);
    assert!(both.done(&["migrate", "status"]).ends_with("The database is up to date.\n"));
    let both = both.with("POMOST_DATABASE", "sqlite://other.db");
    let ended = both.run(&["doctor"]);
    let names = ["POMOST_DATABASE ", "POMOST_DATABASE_FILE "].iter().all(|name| ended.err.contains(name));
    assert!(ended.code == 2 && names, "{ended:?}");
    let tokens = both.without_variables().with("POMOST_MIRROR_TOKEN", "s3cr3t").with("POMOST_MIRROR_TOKEN_FILE", &file);
    let ended = tokens.run(&["mirror", "http://127.0.0.1:1", "--once"]);
    let names = ["POMOST_MIRROR_TOKEN ", "POMOST_MIRROR_TOKEN_FILE "].iter().all(|name| ended.err.contains(name));
    assert!(ended.code == 2 && names && !ended.err.contains("s3cr3t"), "{ended:?}");
}

#[test]
fn unknown_variables_are_logged() {
    let place = Place::new().with("POMOST_COLOUR", "blue").with("POMOST_SERVICE_HOST", "10.0.0.1");
    let ended = place.run(&["config", "show"]);
    assert!(ended.code == 0 && ended.err.contains("POMOST_COLOUR"), "{ended:?}");
    assert!(!ended.err.contains("POMOST_SERVICE_HOST"), "{ended:?}");
}

#[test]
fn the_help_and_the_manual_describe_all_settings() {
    let place = Place::new();
    let help = place.done(&["help"]);
    let example = place.done(&["config", "example"]);
    let manual = include_str!("../../../../docs/operations.md");
    for said in ["health", "--database-file", "POMOST_DATABASE_FILE", "  4  ", "  5  "] {
        assert!(help.contains(said), "{said}: {help}");
    }
    assert!(place.done(&["serve", "--help"]).contains("--migrate"));
    for (key, variable) in [
        ("database_file", "POMOST_DATABASE_FILE"),
        ("log_client_address", "POMOST_LOG_CLIENT_ADDRESS"),
        ("log_token_name", "POMOST_LOG_TOKEN_NAME"),
    ] {
        assert!(example.contains(&format!("{key} = ")) && example.contains(variable), "{key}");
        assert!(manual.contains(variable) || manual.contains(key), "{key}");
    }
    for said in
        ["pomost health", "serve --migrate", "POMOST_MIRROR_TOKEN_FILE", "POMOST_DATABASE_FILE", "| 4 |", "| 5 |"]
    {
        assert!(manual.contains(said), "{said}");
    }
}
