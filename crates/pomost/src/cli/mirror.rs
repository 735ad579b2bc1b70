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

Serve the copy with `pomost serve --database sqlite://jastrzebie.db`. It is written by its source only.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct MirrorCommand {
    /// The registry: the address of its server, or of its API
    #[arg(value_name = "URL")]
    url: String,
    /// A file with the token to show, for what partner cities see [env: POMOST_MIRROR_TOKEN_FILE, or POMOST_MIRROR_TOKEN
    /// with the token itself]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Catch up, compare both sides and end
    #[arg(long)]
    once: bool,
    /// Seconds between two looks where the source cannot tell of changes
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    poll: u64,
    /// Seconds between two comparisons of both sides
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    verify_every: u64,
}

/// The longest wait between two attempts, and the first.
const MAX_WAIT: Duration = Duration::from_mins(1);
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest time in which only the source decides when it is looked at.
const LISTEN: Duration = Duration::from_mins(1);
/// How long after it could not be compared with a source that is being written it is tried again.
const REST: Duration = Duration::from_secs(10);
/// How often in a row something is tried again with `--once` that may pass.
const MAX_TROUBLES: u32 = 10;
/// How long `--once` waits until the files of the copy are free of what was erased.
const PURGE: Duration = Duration::from_mins(10);
/// How often a comparison is tried again with `--once`, when the source is written meanwhile.
const TRIES: u32 = 100;

impl MirrorCommand {
    /// Whether it ends by itself.
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
        // What was erased and not purged, because the process before this one ended.
        store.start_purge();
        let ended = if self.once { self.run_once(&mirror).await } else { self.run_on(&mirror).await };
        if self.once {
            // Nobody goes on with it in the background.
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
                    "{MIRROR_TOKEN} and {MIRROR_TOKEN_FILE} are both set: keep one of them"
                )));
            }
            (None, None, Some(file)) => file,
            (None, token, None) => return Ok(token.cloned()),
        };
        secret::read(&file).map(Some).map_err(|problem| Stop::usage(format!("the token: {problem}")))
    }

    /// Catches up, compares, ends.
    async fn run_once(&self, mirror: &Mirror) -> Result<(), MirrorError> {
        let (mut is_mended, mut has_answered, mut troubles) = (false, false, 0);
        for _ in 0..TRIES {
            let compared = async {
                catch_up(mirror).await?;
                has_answered = true;
                mirror.verify().await
            };
            let verdict = match compared.await {
                // Another process is writing what it has read into the same file; or a source that did answer is busy.
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
                    tell(&table(&compared));
                    return Ok(());
                }
                Verdict::Differ(collections) => mend(mirror, &mut is_mended, &collections).await?,
                Verdict::Moved => {}
            }
        }
        tell("The copy has caught up; the source is written all the time, so that they could not be compared.\n");
        Ok(())
    }

    /// Follows the source until the process ends.
    async fn run_on(&self, mirror: &Mirror) -> Result<(), MirrorError> {
        let mut wait = FIRST_WAIT;
        let mut following = None;
        let mut verify_at = Instant::now();
        let every = Duration::from_secs(self.verify_every);
        let mut is_mended = false;
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
                        is_mended = false;
                        let records: u64 = compared.iter().map(|compared| compared.count).sum();
                        tracing::info!(records, "the copy holds what its source does");
                    }
                    Verdict::Differ(collections) => mend(mirror, &mut is_mended, &collections).await?,
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
        let message = format!("the source writes what this program cannot read, it may be newer: {fault}");
        return Err(MirrorError::Unreadable(message));
    }
    if read > 0 {
        let (written, gone, waiting) = (applied.written, applied.gone, applied.faults.len());
        tracing::info!(read, written, gone, waiting, "caught up with the source");
    }
    Ok(())
}

/// How long to wait before it is tried again; an error with which that does not help comes back.
fn passing(error: MirrorError) -> Result<Option<Duration>, MirrorError> {
    match error {
        MirrorError::Source(Trouble::Later(why, wait)) => {
            tracing::warn!(why, "the source does not answer: it is asked again");
            Ok(wait)
        }
        MirrorError::Store(error @ StoreError::Unavailable(_)) => {
            tracing::warn!(error = error.chain(), "our own database does not answer");
            Ok(None)
        }
        error => Err(error),
    }
}

/// Reads everything anew, once: a source that was restored from a copy and written since is another one. If that does not
/// help, nothing does.
async fn mend(mirror: &Mirror, is_mended: &mut bool, collections: &[&str]) -> Result<(), MirrorError> {
    if std::mem::replace(is_mended, true) {
        return Err(MirrorError::Unreadable(format!("the copy differs from its source in {}", collections.join(", "))));
    }
    tracing::warn!(?collections, "the copy differs from its source: it is read anew");
    mirror.begin().await
}

fn tell(text: &str) {
    // Who does not listen any more does not want to know.
    let _ = print(text);
}

/// What both sides hold.
fn table(compared: &[Compared]) -> String {
    let mut text = format!("{:<17}  {:>9}  {}\n", "collection", "records", "sha-256");
    // Writing into a String cannot fail.
    for Compared { collection, count, sha256 } in compared {
        let _ = writeln!(text, "{collection:<17}  {count:>9}  {}", &sha256[..16.min(sha256.len())]);
    }
    text.push_str("The copy holds what its source does.\n");
    text
}

fn stop(config: &Config, error: MirrorError) -> Stop {
    match error {
        MirrorError::Source(Trouble::Later(why, _)) => Stop::environment(why),
        MirrorError::Source(Trouble::Resync) => {
            Stop::environment("the source was restored from a copy: start again to read it anew")
        }
        MirrorError::Source(Trouble::Refused(why)) | MirrorError::Unreadable(why) => Stop::failed(why),
        MirrorError::Store(error) => Stop::database(config, &error),
    }
}
