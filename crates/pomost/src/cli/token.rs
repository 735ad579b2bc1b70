//! `pomost token`: tokens, which allow more than reading public records.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use clap::{Args, Subcommand};
use pomost_api::identity::NAMED;
use pomost_domain::page::Slice;
use pomost_domain::{City, Id, Role, Vocabulary};
use pomost_edge::identity::secret;
use pomost_persistence::{Filter, Mapping, Store, Token};

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
    /// Create a token and show it once
    #[command(after_help = EXAMPLES)]
    Create(Create),
    /// List the tokens: their names, roles, expiry and last use
    #[command(after_help = EXAMPLES)]
    List,
    /// Revoke a token: it is refused from now on
    #[command(after_help = EXAMPLES)]
    Revoke(Revoke),
}

#[derive(Args)]
pub(super) struct Create {
    /// Role of its holder: partner, councillor, editor, publisher, reporting or admin
    #[arg(long)]
    role: String,
    /// Slug of the city of its holder; a partner needs one
    #[arg(long, value_name = "SLUG")]
    city: Option<String>,
    /// Name of its holder, the author of changes; unique [default: the role, and the city if there is one]
    #[arg(long)]
    name: Option<String>,
    /// Expiry: a day, or a number of days such as 90d
    #[arg(long, value_name = "DAY|NUMBERd", default_value = "365d")]
    expires: String,
}

#[derive(Args)]
pub(super) struct Revoke {
    /// Name of the token, as `pomost token list` shows it
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
                        "there is no valid token with the name {name:?}: `pomost token list` shows the names"
                    )))
                }
            }
        }
    }
}

impl Create {
    async fn run(self, config: &Config, store: &Store) -> Result<(), Stop> {
        let Self { role: role_label, city, name, expires } = self;
        let role = Role::from_label(&role_label).filter(|role| *role != Role::Anonymous).ok_or_else(|| {
            let known: Vec<_> = Role::known().filter(|role| *role != Role::Anonymous.label()).collect();
            Stop::usage(format!("{role_label:?} is not a role: --role is one of {}", known.join(", ")))
        })?;
        if role == Role::Partner && city.is_none() {
            return Err(Stop::usage("a partner represents a city: name it with --city SLUG"));
        }
        let created_at = now();
        let expires_at = end(&expires, created_at).ok_or_else(|| {
            Stop::usage(format!("--expires {expires:?} is not a future day: write YYYY-MM-DD or 90d"))
        })?;
        let id = match &city {
            Some(slug) => Some(city_of(config, store, slug).await?),
            None => None,
        };
        let usual = || city.as_ref().map_or_else(|| role_label.clone(), |city| format!("{role_label}-{city}"));
        let name = name.unwrap_or_else(usual);
        let name_fits = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if !name_fits {
            return Err(Stop::usage("--name is 1 to 100 characters long, without control characters"));
        }
        if name.starts_with(NAMED) {
            return Err(Stop::usage(format!(
                "--name {name:?} begins with {NAMED:?}, the prefix of users of the identity provider: choose another name"
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
        // On standard output alone, so that a script can read it.
        eprintln!("A token for {:?}, {role_label} until {}. It is not shown again:", token.name, day(expires_at));
        print(&format!("{secret}\n")).map_err(|_| {
            let name = &token.name;
            Stop::failed(format!(
                "the token of {name:?} was created, but cannot be shown: run `pomost token revoke {name}` and create another one with --name"
            ))
        })
    }
}

async fn city_of(config: &Config, store: &Store, slug: &str) -> Result<Id<City>, Stop> {
    let filter = Filter::slugs_in([slug.to_owned()]);
    let page = store.page(Mapping::of::<City>(), &filter, &Vec::new(), &Slice::default()).await;
    let page = page.map_err(|error| Stop::database(config, &error))?;
    let found = page.items.first().map(|(city, _)| Id::new(city.shared().id));
    found.ok_or_else(|| Stop::failed(format!("there is no city with the slug {slug:?}: check --city")))
}

/// The end of a day, or of a number of days from now.
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
        return "There are no tokens: create one with `pomost token create --role ROLE`.\n".to_owned();
    }
    let row = |token: &Token| {
        let at = |at: Option<DateTime<Utc>>| at.map_or_else(|| "-".to_owned(), day);
        let state = token.revoked_at.map_or_else(|| day(token.expires_at), |at| format!("revoked {}", day(at)));
        [token.name.clone(), token.role.label().to_owned(), day(token.created_at), state, at(token.last_used_at)]
    };
    let heads = ["name", "role", "created", "expires", "last used"].map(str::to_owned);
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
    fn a_token_expires_at_the_end_of_its_last_day() {
        let now: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        let text = |text: &str| end(text, now).map(|end| end.to_rfc3339());
        assert_eq!(text("2026-11-24").as_deref(), Some("2026-11-25T00:00:00+00:00"));
        assert_eq!(text("90d").as_deref(), Some("2027-02-23T00:00:00+00:00"));
        for wrong in ["2026-11-23", "tomorrow", "", "d", "-1d", "99999999999d"] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
    }
}
