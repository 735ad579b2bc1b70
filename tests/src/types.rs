//! The schema as data, so that a test can select all of its fields without naming one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::OnceLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Positioned};

/// The type of a field or argument.
#[derive(Clone, Debug)]
pub struct Of {
    /// The type without lists and `!`.
    pub name: String,
    /// True if it is a list.
    pub list: bool,
    /// True if it is not nullable.
    pub required: bool,
}

/// A field of an object or interface.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Of,
    /// Its arguments.
    pub arguments: Vec<(String, Of)>,
}

impl Field {
    /// True for a Relay connection.
    pub fn is_connection(&self) -> bool {
        self.ty.name.ends_with("Connection")
    }

    /// True if it can be selected without arguments.
    pub fn is_free(&self) -> bool {
        self.arguments.iter().all(|(_, ty)| !ty.required)
    }

    /// The type of the nodes of a connection.
    pub fn node(&self) -> &str {
        self.ty.name.strip_suffix("Connection").unwrap()
    }
}

/// The types of the schema by their names.
#[derive(Debug, Default)]
pub struct Types {
    fields: BTreeMap<String, Vec<Field>>,
    interfaces: BTreeSet<String>,
    implements: BTreeMap<String, Vec<String>>,
    unions: BTreeMap<String, Vec<String>>,
    enums: BTreeMap<String, Vec<String>>,
    scalars: BTreeSet<String>,
    inputs: BTreeMap<String, Vec<(String, Of)>>,
}

fn of(ty: &Type) -> Of {
    match &ty.base {
        BaseType::Named(name) => Of { name: name.to_string(), list: false, required: !ty.nullable },
        BaseType::List(item) => Of { name: of(item).name, list: true, required: !ty.nullable },
    }
}

fn texts(names: &[Positioned<Name>]) -> Vec<String> {
    names.iter().map(|name| name.node.to_string()).collect()
}

fn argument(argument: &InputValueDefinition) -> (String, Of) {
    let mut ty = of(&argument.ty.node);
    ty.required &= argument.default_value.is_none();
    (argument.name.node.to_string(), ty)
}

fn fields(fields: &[Positioned<FieldDefinition>]) -> Vec<Field> {
    let field = |field: &FieldDefinition| Field {
        name: field.name.node.to_string(),
        ty: of(&field.ty.node),
        arguments: field.arguments.iter().map(|input| argument(&input.node)).collect(),
    };
    fields.iter().map(|definition| field(&definition.node)).collect()
}

/// The schema of the program.
pub fn types() -> &'static Types {
    static TYPES: OnceLock<Types> = OnceLock::new();
    TYPES.get_or_init(|| Types::parse(&pomost_api::schema::sdl()))
}

impl Types {
    fn parse(sdl: &str) -> Self {
        let mut types = Self::default();
        for definition in parse_schema(sdl).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            match definition.node.kind {
                TypeKind::Object(object) => {
                    types.implements.insert(name.clone(), texts(&object.implements));
                    types.fields.insert(name, fields(&object.fields));
                }
                TypeKind::Interface(interface) => {
                    types.fields.insert(name.clone(), fields(&interface.fields));
                    types.interfaces.insert(name);
                }
                TypeKind::Union(union) => {
                    types.unions.insert(name, texts(&union.members));
                }
                TypeKind::Enum(values) => {
                    let values = values.values.iter().map(|value| value.node.value.node.to_string()).collect();
                    types.enums.insert(name, values);
                }
                TypeKind::Scalar => {
                    types.scalars.insert(name);
                }
                TypeKind::InputObject(input) => {
                    let members = input.fields.iter().map(|member| argument(&member.node)).collect();
                    types.inputs.insert(name, members);
                }
            }
        }
        types
    }

    /// The fields of an object or interface; none for another type.
    pub fn fields(&self, of: &str) -> &[Field] {
        self.fields.get(of).map_or(&[], Vec::as_slice)
    }

    /// A minimal literal of a type.
    pub fn literal(&self, ty: &Of) -> String {
        let value = match ty.name.as_str() {
            "Boolean" => "true".to_owned(),
            "Int" | "Float" => "1".to_owned(),
            "Date" => "\"2020-01-02\"".to_owned(),
            "PartialDateInput" => "\"2020\"".to_owned(),
            "MapInput" => "{}".to_owned(),
            name => match (self.enums.get(name), self.inputs.get(name)) {
                (Some(values), _) => values[0].clone(),
                (_, Some(members)) => {
                    let needed = members.iter().filter(|(_, ty)| ty.required);
                    let members = needed.map(|(name, ty)| format!("{name}: {}", self.literal(ty)));
                    format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
                }
                _ => "\"x\"".to_owned(),
            },
        };
        if ty.list { format!("[{value}]") } else { value }
    }

    /// The values of an enumeration.
    pub fn values(&self, of: &str) -> &[String] {
        &self.enums[of]
    }

    /// The objects that implement an interface.
    pub fn implementing(&self, interface: &str) -> Vec<&str> {
        let objects = self.implements.iter().filter(|(_, all)| all.iter().any(|one| one == interface));
        objects.map(|(name, _)| name.as_str()).collect()
    }

    /// True for objects with a global id.
    pub fn is_record(&self, name: &str) -> bool {
        self.implements.get(name).is_some_and(|all| all.iter().any(|one| one == "Node"))
    }

    /// True for plain values: neither object nor interface nor union.
    pub fn is_leaf(&self, name: &str) -> bool {
        !self.fields.contains_key(name) && !self.unions.contains_key(name)
    }

    /// The objects of a union or interface; for an object, itself. Empty for values.
    pub fn records(&self, name: &str) -> Vec<String> {
        if let Some(members) = self.unions.get(name) {
            return members.clone();
        }
        if self.interfaces.contains(name) {
            return self.implementing(name).into_iter().map(str::to_owned).collect();
        }
        if self.is_record(name) { vec![name.to_owned()] } else { Vec::new() }
    }

    /// All objects with a global id.
    pub fn all_records(&self) -> Vec<&str> {
        self.implementing("Node")
    }

    /// The connections of a type.
    pub fn connections<'a>(&'a self, of: &str) -> impl Iterator<Item = &'a Field> {
        self.fields(of).iter().filter(|field| field.is_connection())
    }

    /// The paths from a type to records, without connections: through fields and nested values.
    pub fn relations(&self, of: &str) -> Vec<Path> {
        let mut found = Vec::new();
        self.collect_relations(of, &Path::default(), &mut found);
        found
    }

    fn collect_relations(&self, of: &str, so_far: &Path, found: &mut Vec<Path>) {
        for field in self.fields(of).iter().filter(|field| !field.is_connection() && !self.is_leaf(&field.ty.name)) {
            let path = so_far.then(&field.name, &field.ty.name);
            if self.records(&field.ty.name).is_empty() {
                self.collect_relations(&field.ty.name, &path, found);
            } else {
                found.push(path);
            }
        }
    }

    /// The shortest path from the root to a list of records of a type, through lists only.
    pub fn way_to(&self, record: &str) -> Option<Way> {
        let mut seen = BTreeSet::new();
        let mut ways = VecDeque::from([Way::default()]);
        while let Some(way) = ways.pop_front() {
            let at = way.0.last().map_or("Query", |step| step.leads_to.as_str());
            if at == record {
                return Some(way);
            }
            for field in self.fields(at).iter().filter(|field| field.is_free()) {
                let leads_to = if field.is_connection() { field.node() } else { &field.ty.name };
                let is_list = field.is_connection() || field.ty.list;
                if is_list && self.is_record(leads_to) && seen.insert(leads_to.to_owned()) {
                    let mut way = way.clone();
                    way.0.push(Step {
                        field: field.name.clone(),
                        is_connection: field.is_connection(),
                        leads_to: leads_to.to_owned(),
                    });
                    ways.push_back(way);
                }
            }
        }
        None
    }

    /// A selection that identifies a record of a type: its id, in a fragment for each member of a union.
    pub fn identity(&self, of: &str) -> String {
        match self.unions.get(of) {
            Some(members) => {
                let fragments: Vec<String> = members.iter().map(|member| format!("... on {member} {{ id }}")).collect();
                fragments.join(" ")
            }
            None => "id".to_owned(),
        }
    }

    /// A selection of all plain values of a type, including nested values, without other records.
    pub fn everything_plain(&self, of: &str) -> String {
        self.each_plain(of).map(|(_, selection)| selection).collect::<Vec<_>>().join(" ")
    }

    /// The same, by field: its name and its selection.
    pub fn each_plain(&self, of: &str) -> impl Iterator<Item = (&str, String)> {
        self.fields(of).iter().filter(|field| field.is_free() && !field.is_connection()).map(|field| {
            let selection = if self.is_leaf(&field.ty.name) {
                field.name.clone()
            } else if self.records(&field.ty.name).is_empty() {
                format!("{} {{ {} }}", field.name, self.everything_plain(&field.ty.name))
            } else {
                format!("{} {{ {} }}", field.name, self.identity(&field.ty.name))
            };
            (field.name.as_str(), selection)
        })
    }
}

/// A path of fields.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// Their names.
    pub names: Vec<String>,
    /// The type at the end.
    pub leads_to: String,
}

impl Path {
    fn then(&self, name: &str, leads_to: &str) -> Self {
        let mut names = self.names.clone();
        names.push(name.to_owned());
        Self { names, leads_to: leads_to.to_owned() }
    }

    /// A selection at its end.
    pub fn select(&self, inner: &str) -> String {
        self.names.iter().rev().fold(inner.to_owned(), |inner, name| format!("{name} {{ {inner} }}"))
    }
}

/// A list on the path from the root to a type.
#[derive(Clone, Debug)]
pub struct Step {
    field: String,
    is_connection: bool,
    leads_to: String,
}

/// A path of lists from the root.
#[derive(Clone, Debug, Default)]
pub struct Way(Vec<Step>);

impl Way {
    /// A query for the records at its end; `first` is the page size of the first list, at most 5 for nested lists, because
    /// nested pages are expensive.
    pub fn query(&self, first: u32, inner: &str) -> String {
        let step = |inner: String, (at, step): (usize, &Step)| {
            let Step { field, is_connection, .. } = step;
            let first = if at == 0 { first } else { first.min(5) };
            if *is_connection {
                format!("{field}(first: {first}) {{ nodes {{ {inner} }} }}")
            } else {
                format!("{field} {{ {inner} }}")
            }
        };
        format!("{{ {} }}", self.0.iter().enumerate().rev().fold(inner.to_owned(), step))
    }

    /// The records at its end.
    pub fn records<'a>(&self, data: &'a serde_json::Value) -> Vec<&'a serde_json::Value> {
        let mut at = vec![data];
        for Step { field, is_connection, .. } in &self.0 {
            let below = |value: &'a serde_json::Value| {
                let list = if *is_connection { &value[field]["nodes"] } else { &value[field] };
                list.as_array().unwrap().iter()
            };
            at = at.into_iter().flat_map(below).collect();
        }
        at
    }
}
