//! `pomost mirror`

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use pomost_mirror::{Compared, Mirror, MirrorError, Source, Step, Trouble, Verdict};
use pomost_persistence::{Mode, StoreError};
use tokio::time::Instant;

use super::reload::Reload;
use super::{Stop, now, open, print, progress};
use crate::config::{Config, MIRROR_TOKEN, MIRROR_TOKEN_FILE, secret};

const EXAMPLES: &str = "\
Examples:
  pomost mirror https://pomost.jastrzebie.pl --database sqlite://jastrzebie.db
  pomost mirror https://pomost.jastrzebie.pl --token-file partner.token
  pomost mirror https://pomost.jastrzebie.pl --once       from a timer: catch up, compare, end

Serve the copy with `pomost serve --database sqlite://jastrzebie.db`. Only the mirror writes to it.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct MirrorCommand {
    /// The registry, as the address of its server or of its API
    #[arg(value_name = "URL")]
    url: String,
    /// A file with a token, for records that partner cities may see [env: POMOST_MIRROR_TOKEN_FILE, or POMOST_MIRROR_TOKEN
    /// with the token itself]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Catch up, compare both sides and exit
    #[arg(long)]
    once: bool,
    /// Seconds between polls if the source does not support subscriptions
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    poll: u64,
    /// Seconds between comparisons of both sides
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    verify_every: u64,
}

/// Maximum wait between two attempts.
const MAX_WAIT: Duration = Duration::from_mins(1);
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Maximum time of waiting for a signal of the source without polling.
const LISTEN: Duration = Duration::from_mins(1);
/// Wait before the next comparison after the source changed during one.
const REST: Duration = Duration::from_secs(10);
/// With `--once`: maximum number of consecutive attempts after temporary failures.
const MAX_TROUBLES: u32 = 10;
/// With `--once`: time limit for purging erased content from the files of the copy.
const PURGE: Duration = Duration::from_mins(10);
/// With `--once`: maximum number of comparisons if the source changes during each.
const TRIES: u32 = 100;

impl MirrorCommand {
    /// True if the command ends by itself.
    pub(super) fn ends(&self) -> bool {
        self.once
    }

    pub(super) async fn run(self, config: &Config, reload: Reload) -> Result<(), Stop> {
        tokio::spawn(reload.run());
        let source = Source::new(&self.url, self.token()?).map_err(Stop::usage)?;
        let store = open(config, Mode::Create).await?;
        let trouble = |error: StoreError| Stop::database(config, &error);
        store.migrate_up().await.map_err(trouble)?;
        let mut wait = FIRST_WAIT;
        let mirror = loop {
            match Mirror::new(store.clone(), source.clone(), now).await {
                Ok(mirror) => break mirror,
                Err(error) if self.once => return Err(stop(config, error)),
                Err(error) => {
                    let pause = passing(error).map_err(|error| stop(config, error))?.unwrap_or(wait);
                    tokio::time::sleep(pause).await;
                    wait = MAX_WAIT.min(wait * 2);
                }
            }
        };
        // Content that was erased but not purged before the previous process ended.
        store.start_purge();
        let ended = if self.once { self.run_once(&mirror).await } else { self.run_on(&mirror).await };
        if self.once {
            // No background task remains to finish it.
            store.purge_erased(PURGE).await;
        }
        ended.map_err(|error| stop(config, error))
    }

    fn token(&self) -> Result<Option<String>, Stop> {
        let environment = crate::config::environment().map_err(Stop::usage)?;
        let (token, file) = (environment.get(MIRROR_TOKEN), environment.get(MIRROR_TOKEN_FILE).map(PathBuf::from));
        let file = match (&self.token_file, token, file) {
            (Some(file), ..) => file.clone(),
            (None, Some(_), Some(_)) => {
                return Err(Stop::usage(format!(
                    "{MIRROR_TOKEN} and {MIRROR_TOKEN_FILE} are both set: remove one of them"
                )));
            }
            (None, None, Some(file)) => file,
            (None, token, None) => return Ok(token.cloned()),
        };
        secret::read(&file).map(Some).map_err(|problem| Stop::usage(format!("the token: {problem}")))
    }

    /// Catches up, compares, ends.
    async fn run_once(&self, mirror: &Mirror) -> Result<(), MirrorError> {
        let (mut was_read_again, mut has_answered, mut troubles) = (false, false, 0);
        for _ in 0..TRIES {
            let compared = async {
                catch_up(mirror).await?;
                has_answered = true;
                mirror.verify().await
            };
            let verdict = match compared.await {
                // Temporary: another process writes its changes to the same file, or a source that has answered before is
                // busy.
                Err(error) if troubles < MAX_TROUBLES && (has_answered || matches!(error, MirrorError::Store(_))) => {
                    troubles += 1;
                    tokio::time::sleep(passing(error)?.unwrap_or(FIRST_WAIT * troubles)).await;
                    continue;
                }
                verdict => verdict?,
            };
            troubles = 0;
            match verdict {
                Verdict::Same(compared) => {
                    print_or_ignore(&table(&compared));
                    return Ok(());
                }
                Verdict::Differ(collections) => read_again(mirror, &mut was_read_again, &collections).await?,
                Verdict::Moved => {}
            }
        }
        print_or_ignore(
            "The copy has caught up, but could not be compared, because the source changes continuously.\n",
        );
        Ok(())
    }

    /// Follows the source until the process ends.
    async fn run_on(&self, mirror: &Mirror) -> Result<(), MirrorError> {
        let mut wait = FIRST_WAIT;
        let mut following = None;
        let mut verify_at = Instant::now();
        let every = Duration::from_secs(self.verify_every);
        let mut was_read_again = false;
        loop {
            let done = async {
                catch_up(mirror).await?;
                if Instant::now() < verify_at {
                    return Ok(());
                }
                match mirror.verify().await? {
                    Verdict::Moved => verify_at = Instant::now() + every.min(REST),
                    Verdict::Same(compared) => {
                        verify_at = Instant::now() + every;
                        was_read_again = false;
                        let records: u64 = compared.iter().map(|compared| compared.count).sum();
                        tracing::info!(records, "the copy equals its source");
                    }
                    Verdict::Differ(collections) => read_again(mirror, &mut was_read_again, &collections).await?,
                }
                Ok(())
            };
            match done.await {
                Ok(()) => {
                    wait = FIRST_WAIT;
                    let until = LISTEN.min(verify_at.saturating_duration_since(Instant::now()).max(FIRST_WAIT));
                    mirror.wait(&mut following, until, Duration::from_secs(self.poll)).await;
                }
                Err(error) => {
                    let pause = passing(error)?.unwrap_or(wait);
                    tokio::time::sleep(pause).await;
                    wait = MAX_WAIT.min(wait * 2);
                }
            }
        }
    }
}

async fn catch_up(mirror: &Mirror) -> Result<(), MirrorError> {
    let bar = progress::counter("reading");
    let step = mirror.catch_up(|read| bar.set_position(read)).await;
    bar.finish_and_clear();
    let Step { read, applied } = step?;
    if let Some(fault) = applied.unreadable().next() {
        let message = format!(
            "the source sends data that this program cannot read: upgrade this program if the source is newer. {fault}"
        );
        return Err(MirrorError::Unreadable(message));
    }
    if read > 0 {
        let (written, gone, waiting) = (applied.written, applied.gone, applied.faults.len());
        tracing::info!(read, written, gone, waiting, "caught up with the source");
    }
    Ok(())
}

/// The wait before the next attempt after a temporary failure; other errors are returned.
fn passing(error: MirrorError) -> Result<Option<Duration>, MirrorError> {
    match error {
        MirrorError::Source(Trouble::Later(why, wait)) => {
            tracing::warn!(why, "the source does not answer: retrying");
            Ok(wait)
        }
        MirrorError::Store(error @ StoreError::Unavailable(_)) => {
            tracing::warn!(error = error.chain(), "the database of the copy does not answer");
            Ok(None)
        }
        error => Err(error),
    }
}

/// Reads everything again, once: the source may have been restored from a backup and changed since. If the copies still
/// differ, that is an error.
async fn read_again(mirror: &Mirror, was_read_again: &mut bool, collections: &[&str]) -> Result<(), MirrorError> {
    if std::mem::replace(was_read_again, true) {
        return Err(MirrorError::Unreadable(format!(
            "the copy differs from its source in {} after it was read again completely",
            collections.join(", ")
        )));
    }
    tracing::warn!(?collections, "the copy differs from its source: it is read again completely");
    mirror.begin().await
}

fn print_or_ignore(text: &str) {
    // A closed pipe is not an error.
    let _ = print(text);
}

/// The numbers and digests of both sides.
fn table(compared: &[Compared]) -> String {
    let mut text = format!("{:<17}  {:>9}  {}\n", "collection", "records", "sha-256");
    // Writing into a String cannot fail.
    for Compared { collection, count, sha256 } in compared {
        let _ = writeln!(text, "{collection:<17}  {count:>9}  {}", &sha256[..16.min(sha256.len())]);
    }
    text.push_str("The copy equals its source.\n");
    text
}

fn stop(config: &Config, error: MirrorError) -> Stop {
    match error {
        MirrorError::Source(Trouble::Later(why, _)) => Stop::environment(why),
        MirrorError::Source(Trouble::Resync) => {
            Stop::environment("the source was restored from a backup: start again to read it completely")
        }
        MirrorError::Source(Trouble::Refused(why)) | MirrorError::Unreadable(why) => Stop::failed(why),
        MirrorError::Store(error) => Stop::database(config, &error),
    }
}
