//! Errors of unusable databases name the database and the cause without the password; usable databases are migrated.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::program::Place;

const COMMANDS: [&[&str]; 9] = [
    &["migrate", "status"],
    &["migrate", "up"],
    &["doctor"],
    &["export"],
    &["import", "none.json"],
    &["token", "list"],
    &["backup", "copy.db"],
    &["serve", "--listen", "127.0.0.1:0"],
    &["serve", "--listen", "127.0.0.1:0", "--migrate"],
];

/// True if the output is one line with the prefix of errors.
fn is_one_line(err: &str) -> bool {
    err.starts_with("error: ") && err.trim_end().lines().count() == 1
}

/// A port without a listener.
fn gone() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server that treats each connection in this way.
fn answering(answer: fn(TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        listener.incoming().flatten().for_each(|stream| drop(std::thread::spawn(move || answer(stream))))
    });
    port
}

/// Reads the first message of a PostgreSQL client.
fn startup(stream: &mut TcpStream) {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut rest = vec![0; u32::from_be_bytes(length) as usize - 4];
    stream.read_exact(&mut rest).unwrap();
}

/// Sends a PostgreSQL error.
fn refuse(stream: &mut TcpStream, code: &str, message: &str) {
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
    let mut sent = vec![b'E'];
    sent.extend(u32::try_from(fields.len() + 4).unwrap().to_be_bytes());
    sent.extend(fields.as_bytes());
    let _ = stream.write_all(&sent);
}

fn wrong_password(mut stream: TcpStream) {
    startup(&mut stream);
    // Requests the password in plain text.
    stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).unwrap();
    let mut kind = [0];
    stream.read_exact(&mut kind).unwrap();
    startup(&mut stream);
    refuse(&mut stream, "28P01", "password authentication failed for user \"anna\"");
}

fn no_database(mut stream: TcpStream) {
    startup(&mut stream);
    stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 0]).unwrap();
    refuse(&mut stream, "3D000", "database \"registry\" does not exist");
}

fn not_let_in(mut stream: TcpStream) {
    startup(&mut stream);
    refuse(&mut stream, "28000", "no pg_hba.conf entry for host");
}

fn silent(mut stream: TcpStream) {
    // Until the client disconnects.
    let _ = stream.read_to_end(&mut Vec::new());
}

fn hangs_up(mut stream: TcpStream) {
    startup(&mut stream);
}

#[test]
fn an_unreachable_server_is_reported_with_the_cause() {
    let causes = [
        (format!("127.0.0.1:{}", gone()), "refuses the connection"),
        (format!("127.0.0.1:{}", answering(silent)), "did not answer within 700 ms"),
        (format!("127.0.0.1:{}", answering(wrong_password)), "does not accept the password of the user \"anna\""),
        (format!("127.0.0.1:{}", answering(no_database)), "has no database \"registry\""),
        (format!("127.0.0.1:{}", answering(not_let_in)), "does not let the user \"anna\" in"),
        (format!("127.0.0.1:{}", answering(hangs_up)), "closed the connection"),
        ("nowhere.invalid:5432".to_owned(), "the name \"nowhere.invalid\" cannot be resolved"),
    ];
    for (at, (place, cause)) in causes.iter().enumerate() {
        let place_of_it = Place::new()
            .with("POMOST_DATABASE", &format!("postgres://anna:s3cr3t@{place}/registry"))
            .with("POMOST_ACQUIRE_TIMEOUT_MS", "700");
        place_of_it.write("none.json", "{}");
        // Every command is tested with one cause, and one command with every cause.
        let commands = if at == 0 { &COMMANDS[..] } else { &COMMANDS[..1] };
        for command in commands {
            let ended = place_of_it.run(command);
            let is_named = ended.err.contains(place) || ended.err.contains("nowhere.invalid");
            let is_reported = ended.err.contains(cause) && ended.err.contains("\"registry\"");
            assert!(ended.code == 3 && is_named && is_reported && is_one_line(&ended.err), "{command:?}: {ended:?}");
            assert!(!ended.err.contains("s3cr3t") && !ended.out.contains("s3cr3t"), "{ended:?}");
        }
    }
}

#[test]
fn an_unusable_file_is_reported_with_the_cause() {
    let place = Place::new();
    place.write("text.db", "a text that is not a database, but has the length of one".repeat(100));
    let noise: Vec<u8> = (0..8_192_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    place.write("noise.db", noise);
    std::fs::create_dir(place.path().join("folder.db")).unwrap();
    for (command, file, cause) in [
        (&["doctor"][..], "none.db", "there is no database none.db: create it with `pomost migrate up`"),
        (&["doctor"], "none/none.db", "nor its folder"),
        (&["migrate", "up"], "none/none.db", "the folder of the database none/none.db does not exist"),
        (&["migrate", "status"], "text.db", "text.db is not a SQLite database"),
        (&["serve", "--listen", "127.0.0.1:0"], "noise.db", "noise.db is not a SQLite database, or it is encrypted"),
        (&["migrate", "up"], "folder.db", "folder.db is a folder"),
        (&["migrate", "up"], "text.db/pomost.db", "text.db/pomost.db"),
    ] {
        let mut all = command.to_vec();
        let url = format!("sqlite://{file}");
        all.extend(["--database", &url]);
        let ended = place.run(&all);
        assert!(ended.code == 3 && ended.err.contains(cause) && is_one_line(&ended.err), "{all:?}: {ended:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_reported_with_the_cause() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.done(&["migrate", "up"]);
    let file = place.path().join("pomost.db");
    for (mode, cause) in [(0o000, "may not be read by this user"), (0o400, "cannot be written by this user")] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        if std::fs::OpenOptions::new().write(true).open(&file).is_ok() {
            eprintln!("This user has all permissions: nothing is tested.");
            return;
        }
        let ended = place.run(&["doctor"]);
        assert!(ended.code == 3 && ended.err.contains(cause) && is_one_line(&ended.err), "{ended:?}");
    }
}

#[test]
fn the_status_of_migrations_has_codes_for_scripts() {
    let place = Place::new();
    assert_eq!(place.run(&["migrate", "status"]).code, 3);
    place.done(&["migrate", "up"]);
    assert!(place.done(&["migrate", "status"]).ends_with("The database is up to date.\n"));
    place.done(&["migrate", "down", "--steps", "2"]);
    let pending = place.run(&["migrate", "status"]);
    assert_eq!((pending.code, pending.err.as_str()), (4, ""), "{pending:?}");
    let missing = pending.out.lines().filter(|line| line.starts_with("missing")).count();
    assert!(missing >= 2, "{pending:?}");
    let advice = format!("Pending migrations: {missing}. Run `pomost migrate up`.\n");
    assert!(pending.out.ends_with(&advice), "{pending:?}");
    // Other commands refuse to work with it.
    assert_eq!(place.run(&["doctor"]).code, 3);
}

#[test]
fn several_servers_may_migrate_one_database_at_once() {
    let place = Place::new();
    let servers: Vec<_> = std::thread::scope(|scope| {
        let place = &place;
        let starts: Vec<_> =
            (0..4).map(|at| scope.spawn(move || place.serve(&format!("log{at}"), &["--migrate"]))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    for server in &servers {
        assert_eq!(server.get("/readyz", &[]), (200, "ready\n".to_owned()), "{}", server.log());
    }
    drop(servers);
    place.done(&["migrate", "status"]);
    // A migrated database is served unchanged.
    assert_eq!(place.serve("again", &["--migrate"]).get("/readyz", &[]).0, 200);
}

#[test]
fn a_registry_without_a_publisher_warns_at_the_start() {
    let place = Place::new();
    let warning = "the registry has no publisher";
    let server = place.serve("log", &["--migrate"]);
    assert!(server.log().contains(warning), "{}", server.log());
    assert!(server.query("{ dataset { publisher publisherUrl } }", &[]).1.contains("\"publisher\":null"));
    drop(server);
    let named = place.without_variables().with("POMOST_DATASET_PUBLISHER", "Stadt Ibbenbüren");
    let server = named.serve("log", &[]);
    assert!(!server.log().contains(warning), "{}", server.log());
    assert!(server.query("{ dataset { publisher publisherUrl } }", &[]).1.contains("Stadt Ibbenbüren"));
}
