//! What the arguments of fields cost: filters and orders are work for the database before a single record is found.

use async_graphql::parser::types::Field;
use async_graphql::{Value, Variables};

use super::weights::{FieldCost, InputCost, Members, Weights};

/// What arguments cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Inputs {
    /// In points.
    pub(super) cost: u64,
    /// How many texts are to be looked for.
    pub(super) searches: u64,
    /// How many lists and objects are nested in each other, at most.
    pub(super) levels: u64,
}

impl Inputs {
    fn add(&mut self, other: Self) {
        self.cost = self.cost.saturating_add(other.cost);
        self.searches = self.searches.saturating_add(other.searches);
        self.levels = self.levels.max(other.levels);
    }
}

/// What the arguments of a field cost, with those that are not given and have a default.
pub(super) fn of_field(weights: &Weights, field: &Field, known: &FieldCost, variables: &Variables) -> Inputs {
    let mut sum = Inputs::default();
    for (name, input) in &known.arguments {
        if input.weight == 0 && !weights.has(&input.of) {
            continue;
        }
        let given = field.get_argument(name).map(|value| {
            let variable = |name| Ok::<_, std::convert::Infallible>(variables.get(&name).cloned().unwrap_or_default());
            value.node.clone().into_const_with(variable).unwrap_or_default()
        });
        sum.add(of_input(weights, input, given.as_ref()));
        sum.levels = sum.levels.max(given.as_ref().map_or(0, levels));
    }
    sum
}

fn levels(value: &Value) -> u64 {
    let inner = |deepest: Option<u64>| deepest.map_or(0, |deepest| deepest + 1);
    match value {
        Value::List(items) => inner(items.iter().map(levels).max()),
        Value::Object(members) => inner(members.values().map(levels).max()),
        _ => 0,
    }
}

/// What an argument or a field of an input object costs: a list of plain values for each of them.
fn of_input(weights: &Weights, input: &InputCost, given: Option<&Value>) -> Inputs {
    match given.or(input.default.as_ref()) {
        None | Some(Value::Null) => Inputs::default(),
        Some(value) => {
            let times = match value {
                Value::List(items) if !matches!(weights.members(&input.of), Members::Inputs(_)) => items.len() as u64,
                _ => 1,
            };
            let mut sum = Inputs {
                cost: input.weight.saturating_mul(times),
                searches: u64::from(input.is_search),
                ..Inputs::default()
            };
            sum.add(of_value(weights, &input.of, value));
            sum
        }
    }
}

/// What is in a value. A list costs what its items do.
fn of_value(weights: &Weights, of: &str, value: &Value) -> Inputs {
    let mut sum = Inputs::default();
    match (value, weights.members(of)) {
        (Value::List(items), _) => items.iter().for_each(|item| sum.add(of_value(weights, of, item))),
        (Value::Object(given), Members::Inputs(inputs)) => {
            for (name, input) in inputs {
                sum.add(of_input(weights, input, given.get(&**name)));
            }
        }
        // A variable has the name of the value as a text.
        (Value::Enum(name), Members::Values(values)) => sum.cost = values.get(name.as_str()).copied().unwrap_or(0),
        (Value::String(name), Members::Values(values)) => sum.cost = values.get(name.as_str()).copied().unwrap_or(0),
        _ => {}
    }
    sum
}
