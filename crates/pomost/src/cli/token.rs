//! `pomost token`: who may do more than read what is public.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use clap::{Args, Subcommand};
use pomost_api::identity::NAMED;
use pomost_domain::page::Slice;
use pomost_domain::{City, Fact, Id, Role, Vocabulary};
use pomost_edge::identity::secret;
use pomost_persistence::{Filter, Store, Token};

use super::{Stop, now, open_migrated, print, print_done};
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  pomost token create --role editor --name anna
  pomost token create --role partner --city karvina --expires 2027-12-31
  pomost token list
  pomost token revoke anna";

#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum TokenCommand {
    /// Make a token and show it, once
    #[command(after_help = EXAMPLES)]
    Create(Create),
    /// List the tokens: whose they are, what they may do, until when, and when they were last used
    #[command(after_help = EXAMPLES)]
    List,
    /// Take a token back: from now on it is refused
    #[command(after_help = EXAMPLES)]
    Revoke(Revoke),
}

#[derive(Args)]
pub(super) struct Create {
    /// What its holder may do: partner, councillor, editor, publisher, reporting or admin
    #[arg(long)]
    role: String,
    /// Slug of the city that its holder speaks for; a partner needs one
    #[arg(long, value_name = "SLUG")]
    city: Option<String>,
    /// Whose it is, by which changes are signed; unique [default: the role, and the city if there is one]
    #[arg(long)]
    name: Option<String>,
    /// When it ends: a day, or a number of days such as 90d
    #[arg(long, value_name = "DAY|NUMBERd", default_value = "365d")]
    expires: String,
}

#[derive(Args)]
pub(super) struct Revoke {
    /// Whose token it is, as `pomost token list` names it
    name: String,
}

impl TokenCommand {
    pub(super) async fn run(self, config: &Config) -> Result<(), Stop> {
        let store = open_migrated(config).await?;
        let trouble = |error| Stop::database(config, &error);
        match self {
            Self::Create(create) => create.run(config, &store).await,
            Self::List => print(&table(&store.tokens().await.map_err(trouble)?)),
            Self::Revoke(Revoke { name }) => {
                if store.revoke_token(&name, now()).await.map_err(trouble)? {
                    print_done(&format!("The token of {name:?} is revoked.\n"));
                    Ok(())
                } else {
                    Err(Stop::failed(format!(
                        "there is no token in force of {name:?}: `pomost token list` has the names"
                    )))
                }
            }
        }
    }
}

impl Create {
    async fn run(self, config: &Config, store: &Store) -> Result<(), Stop> {
        let Self { role: given, city, name, expires } = self;
        let role = Role::from_label(&given).filter(|role| *role != Role::Anonymous).ok_or_else(|| {
            let known: Vec<_> = Role::known().filter(|role| *role != Role::Anonymous.label()).collect();
            Stop::usage(format!("{given:?} is no role: --role is one of {}", known.join(", ")))
        })?;
        if role == Role::Partner && city.is_none() {
            return Err(Stop::usage("a partner speaks for a city: name it with --city SLUG"));
        }
        let created_at = now();
        let expires_at = end(&expires, created_at).ok_or_else(|| {
            Stop::usage(format!("--expires {expires:?} is not a day to come: write YYYY-MM-DD or 90d"))
        })?;
        let id = match &city {
            Some(slug) => Some(city_of(config, store, slug).await?),
            None => None,
        };
        let usual = || city.as_ref().map_or_else(|| given.clone(), |city| format!("{given}-{city}"));
        let name = name.unwrap_or_else(usual);
        let name_fits = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if !name_fits {
            return Err(Stop::usage("--name is 1 to 100 characters long, without control characters"));
        }
        if name.starts_with(NAMED) {
            return Err(Stop::usage(format!(
                "--name {name:?} begins with {NAMED:?}, as the names of those do whom the identity provider knows: take another"
            )));
        }
        let secret = secret::generate().map_err(Stop::environment)?;
        let token = Token {
            id: pomost_domain::id::token_id(&secret::hash(&secret)),
            name,
            role,
            city: id,
            created_at,
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        store.add_token(&token, &secret::hash(&secret)).await.map_err(|error| Stop::database(config, &error))?;
        // On standard output alone, so that a script can take it.
        eprintln!("A token for {:?}, {given} until {}. It is not shown again:", token.name, day(expires_at));
        print(&format!("{secret}\n")).map_err(|_| {
            let name = &token.name;
            Stop::failed(format!(
                "the token of {name:?} is made, but it cannot be shown: run `pomost token revoke {name}` and make another with --name"
            ))
        })
    }
}

async fn city_of(config: &Config, store: &Store, slug: &str) -> Result<Id<City>, Stop> {
    let filter = Filter::<City>::slugs_in([slug.to_owned()]);
    let page = store.page(&filter, &Vec::new(), &Slice::default()).await;
    let page = page.map_err(|error| Stop::database(config, &error))?;
    let found = page.items.first().map(|(city, _)| city.id());
    found.ok_or_else(|| Stop::failed(format!("there is no city {slug:?}: --city is the slug of one")))
}

/// The end of a day, or of so many days from now.
fn end(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let last = match text.strip_suffix('d') {
        Some(days) => now.date_naive().checked_add_days(Days::new(days.parse().ok()?))?,
        None => text.parse::<NaiveDate>().ok()?,
    };
    let end = last.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN).and_utc();
    (end > now && last.format("%Y").to_string().len() == 4).then_some(end)
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn table(tokens: &[Token]) -> String {
    if tokens.is_empty() {
        return "There are no tokens: `pomost token create --role ROLE` makes one.\n".to_owned();
    }
    let row = |token: &Token| {
        let at = |at: Option<DateTime<Utc>>| at.map_or_else(|| "-".to_owned(), day);
        let state = token.revoked_at.map_or_else(|| day(token.expires_at), |at| format!("revoked {}", day(at)));
        [token.name.clone(), token.role.label().to_owned(), day(token.created_at), state, at(token.last_used_at)]
    };
    let heads = ["name", "role", "created", "ends", "last used"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(heads).chain(tokens.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    let line = |row: &[String; 5]| {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_with_its_last_day() {
        let now: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        let text = |text: &str| end(text, now).map(|end| end.to_rfc3339());
        assert_eq!(text("2026-11-24").as_deref(), Some("2026-11-25T00:00:00+00:00"));
        assert_eq!(text("90d").as_deref(), Some("2027-02-23T00:00:00+00:00"));
        for wrong in ["2026-11-23", "tomorrow", "", "d", "-1d", "99999999999d"] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
    }
}
