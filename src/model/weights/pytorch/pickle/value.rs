//! The values of a pickle, in one arena: what refers to another value holds its number, so
//! sharing and cycles cost nothing and dropping them takes no recursion.

use std::collections::BTreeSet;

use super::plain;

/// The number of a node in its pickle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeId(pub(super) u32);

/// One value; text borrows from the pickle's bytes.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// An integer of 64 bits.
    Int(i64),
    /// A text without escapes.
    Text(&'a str),
    /// A value with parts.
    Node(NodeId),
    /// A scalar that no tensor depends on, by the name of its Python type.
    Other(&'static str),
}

/// A value with parts.
#[derive(Debug)]
pub enum Node<'a> {
    /// A class or function, by name only.
    Global { module: &'a str, name: &'a str },
    /// A tuple.
    Tuple(Vec<Value<'a>>),
    /// A list or a set.
    List(Vec<Value<'a>>),
    /// A dictionary, plain or ordered, with its items in the order of their insertion.
    Dict(Vec<(Value<'a>, Value<'a>)>),
    /// Result that Python would get from a call; the call was not made.
    Call {
        /// The function.
        function: Value<'a>,
        /// The positional arguments.
        args: Value<'a>,
    },
    /// Something that lies outside of the pickle.
    Persistent(Value<'a>),
}

/// A pickle that has been read.
#[derive(Debug)]
pub struct Pickle<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) root: Value<'a>,
}

impl<'a> Pickle<'a> {
    /// The value that the pickle stands for.
    pub fn root(&self) -> Value<'a> {
        self.root
    }

    /// The node of a value, if it has parts.
    pub fn node(&self, value: Value<'a>) -> Option<&Node<'a>> {
        node(&self.nodes, value)
    }

    /// Functions and classes beyond those of plain weights, with their modules, sorted. No list of dangerous
    /// names is complete, so what is not known to be harmless is listed.
    pub fn imports(&self) -> Vec<String> {
        let name = |node: &Node<'_>| match *node {
            Node::Global { module, name } if !plain::is_plain(module, name) => {
                Some(shown(&format!("{module}.{name}")))
            }
            _ => None,
        };
        let names: BTreeSet<String> = self.nodes.iter().filter_map(name).collect();
        names.into_iter().collect()
    }

    /// The items of a tuple.
    pub fn tuple(&self, value: Value<'a>) -> Option<&[Value<'a>]> {
        match self.node(value)? {
            Node::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// Describes a value, for a message.
    pub fn describe(&self, value: Value<'a>) -> String {
        describe(&self.nodes, value)
    }
}

pub(super) fn node<'n, 'a>(nodes: &'n [Node<'a>], value: Value<'a>) -> Option<&'n Node<'a>> {
    match value {
        Value::Node(NodeId(id)) => nodes.get(id as usize),
        _ => None,
    }
}

/// The full name of a class or function, if the value is one.
pub(super) fn global_name(nodes: &[Node<'_>], value: Value<'_>) -> Option<String> {
    match node(nodes, value)? {
        Node::Global { module, name } => Some(shown(&format!("{module}.{name}"))),
        _ => None,
    }
}

fn describe(nodes: &[Node<'_>], value: Value<'_>) -> String {
    let name = |value| global_name(nodes, value);
    match value {
        Value::Int(number) => format!("the number {number}"),
        Value::Text(text) => format!("the text '{}'", shown(text)),
        Value::Other(kind) => format!("a value of type {kind}"),
        Value::Node(_) => match node(nodes, value) {
            Some(Node::Tuple(items)) => format!("a tuple of {}", items.len()),
            Some(Node::List(items)) => format!("a list of {}", items.len()),
            Some(Node::Dict(items)) => format!("a dictionary of {}", items.len()),
            Some(Node::Persistent(_)) => "a bare storage".to_owned(),
            Some(Node::Call { function, .. }) => match name(*function) {
                Some(function) => format!("an unknown object, made by {function}"),
                None => "an unknown object".to_owned(),
            },
            Some(Node::Global { .. }) | None => match name(value) {
                Some(class) => format!("the class or function {class}"),
                None => "an unknown object".to_owned(),
            },
        },
    }
}

/// A name from the file, made fit for a terminal: cut short, control characters escaped.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut out: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}
