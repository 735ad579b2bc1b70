//! Definitions of types that are made from tables: the library derives one from each Rust type, and these have none.

use async_graphql::TypeDirective;
use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{
    Deprecation, MetaDirectiveInvocation, MetaEnumValue, MetaField, MetaInputValue, MetaType, ObjectBuilder, Registry,
};

use super::cost;

/// A member of an input object, or an argument.
pub(crate) fn input(name: &str, ty: impl Into<String>, description: &str) -> MetaInputValue {
    let mut input = MetaInputValue::new(name, ty);
    input.description = Some(description.to_owned());
    input
}

/// A field of an object.
pub(crate) fn field(name: &str, ty: impl Into<String>, description: &str) -> MetaField {
    let mut field = MetaField::new(name, ty);
    field.description = Some(description.to_owned());
    field
}

/// The cost of a part of a request, in points.
pub(crate) fn cost_of(registry: &mut Registry, points: &str) -> MetaDirectiveInvocation {
    cost::cost.register(registry);
    cost::cost::apply(points.to_owned())
}

/// Adds the cost to a member or an argument.
pub(crate) fn priced(registry: &mut Registry, mut input: MetaInputValue, points: &str) -> MetaInputValue {
    input.directive_invocations.push(cost_of(registry, points));
    input
}

/// Adds what a list of records says of its size.
pub(crate) fn sized(registry: &mut Registry, field: &mut MetaField) {
    cost::list_size.register(registry);
    field.directive_invocations.push(cost::list_size::apply(
        Some(cost::PAGE),
        Some(vec!["first".to_owned(), "last".to_owned()]),
        Some(vec!["edges".to_owned(), "nodes".to_owned()]),
        Some(false),
    ));
}

/// A type that may take the `null` of what is left out.
pub(crate) fn nullable(ty: &str) -> &str {
    ty.trim_end_matches('!')
}

/// Registers a type unless it is there already, and returns its name. A type that leads back to itself finds its name.
pub(crate) fn register(
    registry: &mut Registry,
    name: String,
    make: impl FnOnce(&mut Registry, &str) -> MetaType,
) -> String {
    if !registry.types.contains_key(&name) {
        registry.types.insert(name.clone(), object(&name, "", Vec::new()));
        let made = make(registry, &name);
        registry.types.insert(name.clone(), made);
    }
    name
}

/// An object.
pub(crate) fn object(name: &str, description: &str, fields: Vec<MetaField>) -> MetaType {
    let fields = fields.into_iter().map(|field| (field.name.clone(), field)).collect();
    ObjectBuilder::new(name, fields).description(Some(description.to_owned())).build()
}

/// An interface with the fields and the possible types that it has.
pub(crate) fn interface(
    registry: &mut Registry,
    name: &str,
    description: &str,
    fields: IndexMap<String, MetaField>,
    possible_types: impl IntoIterator<Item = String>,
) -> MetaType {
    let possible_types = possible_types.into_iter().collect::<async_graphql::indexmap::IndexSet<String>>();
    for possible in &possible_types {
        registry.add_implements(possible, name);
    }
    MetaType::Interface {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        fields,
        possible_types,
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// An input object.
pub(crate) fn input_object(name: &str, description: &str, members: Vec<MetaInputValue>) -> MetaType {
    MetaType::InputObject {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        input_fields: members.into_iter().map(|member| (member.name.clone(), member)).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        oneof: false,
        directive_invocations: Vec::new(),
    }
}

/// A value of an enumeration.
pub(crate) fn value(name: &str, description: &str) -> MetaEnumValue {
    let mut value = MetaEnumValue::new(name);
    value.description = Some(description.to_owned());
    value.deprecation = Deprecation::NoDeprecated;
    value
}

/// An enumeration.
pub(crate) fn enumeration(name: &str, description: &str, values: Vec<MetaEnumValue>) -> MetaType {
    MetaType::Enum {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        enum_values: values.into_iter().map(|value| (value.name.clone(), value)).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}
