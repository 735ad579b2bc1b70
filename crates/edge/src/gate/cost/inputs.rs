//! The cost of arguments: filters and orders are work for the database before it finds a record.

use async_graphql::parser::types::Field;
use async_graphql::{Value, Variables};

use super::weights::{FieldCost, InputCost, Members, Weights};

/// The cost of arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Inputs {
    /// Cost in points.
    pub(super) cost: u64,
    /// Number of text searches.
    pub(super) searches: u64,
    /// Maximum nesting of lists and objects.
    pub(super) levels: u64,
}

impl Inputs {
    fn add(&mut self, other: Self) {
        self.cost = self.cost.saturating_add(other.cost);
        self.searches = self.searches.saturating_add(other.searches);
        self.levels = self.levels.max(other.levels);
    }
}

/// The cost of the arguments of a field, including defaults of missing ones.
pub(super) fn of_field(weights: &Weights, field: &Field, known: &FieldCost, variables: &Variables) -> Inputs {
    let mut sum = Inputs::default();
    for (name, input) in &known.arguments {
        if input.weight == 0 && !weights.has(&input.of) {
            continue;
        }
        let argument = field.get_argument(name).map(|value| {
            let variable = |name| Ok::<_, std::convert::Infallible>(variables.get(&name).cloned().unwrap_or_default());
            value.node.clone().into_const_with(variable).unwrap_or_default()
        });
        sum.add(of_input(weights, input, argument.as_ref()));
        sum.levels = sum.levels.max(argument.as_ref().map_or(0, levels));
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

/// The cost of an argument or an input field; for a list of plain values, that of each item.
fn of_input(weights: &Weights, input: &InputCost, value: Option<&Value>) -> Inputs {
    match value.or(input.default.as_ref()) {
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

/// The cost of the contents of a value. A list costs the sum of its items.
fn of_value(weights: &Weights, of: &str, value: &Value) -> Inputs {
    let mut sum = Inputs::default();
    match (value, weights.members(of)) {
        (Value::List(items), _) => items.iter().for_each(|item| sum.add(of_value(weights, of, item))),
        (Value::Object(fields), Members::Inputs(inputs)) => {
            for (name, input) in inputs {
                sum.add(of_input(weights, input, fields.get(&**name)));
            }
        }
        // In a variable, an enum value is a string.
        (Value::Enum(name), Members::Values(values)) => sum.cost = values.get(name.as_str()).copied().unwrap_or(0),
        (Value::String(name), Members::Values(values)) => sum.cost = values.get(name.as_str()).copied().unwrap_or(0),
        _ => {}
    }
    sum
}
