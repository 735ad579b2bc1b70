//! `pomost schema`

use clap::Args;
use pomost_domain::exchange::json_schema;

use super::{Stop, print};

const EXAMPLES: &str = "\
Examples:
  pomost schema > schema.graphql
  pomost schema --import > data/exchange.schema.json";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Schema {
    /// Print the JSON Schema of the exchange format instead
    #[arg(long)]
    import: bool,
}

impl Schema {
    pub(super) fn run(self) -> Result<(), Stop> {
        if !self.import {
            return print(&pomost_api::schema::sdl());
        }
        let mut text = serde_json::to_string_pretty(&json_schema()).map_err(Stop::failed)?;
        text.push('\n');
        print(&text)
    }
}
