//! The opcodes for tuples, lists, sets and dictionaries.

use super::{
    error::PickleError,
    machine::Machine,
    value::{Node, NodeId, Value},
};

impl<'a> Machine<'a> {
    /// Carries the opcode out; false if it is of another kind.
    pub(super) fn container(&mut self, opcode: u8) -> Result<bool, PickleError> {
        match opcode {
            b')' => self.push_node(Node::Tuple(Vec::new()))?, // EMPTY_TUPLE
            0x85..=0x87 => self.short_tuple(usize::from(opcode - 0x84))?, // TUPLE1 to TUPLE3
            b't' => {
                let items = self.pop_to_mark()?; // TUPLE
                self.push_node(Node::Tuple(items))?;
            }
            b']' | 0x8f => self.push_node(Node::List(Vec::new()))?, // EMPTY_LIST, EMPTY_SET
            b'l' | 0x91 => {
                let items = self.pop_to_mark()?; // LIST, FROZENSET
                self.push_node(Node::List(items))?;
            }
            b'a' => {
                let item = self.pop()?; // APPEND
                self.extend_list(&[item])?;
            }
            b'e' | 0x90 => {
                let items = self.pop_to_mark()?; // APPENDS, ADDITEMS
                self.extend_list(&items)?;
            }
            b'}' => self.push_node(Node::Dict(Vec::new()))?, // EMPTY_DICT
            b'd' => {
                let items = self.pop_to_mark()?; // DICT
                self.push_node(Node::Dict(Vec::new()))?;
                self.extend_dict(&items)?;
            }
            b's' => {
                let value = self.pop()?; // SETITEM
                let key = self.pop()?;
                self.extend_dict(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_to_mark()?; // SETITEMS
                self.extend_dict(&items)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn short_tuple(&mut self, count: usize) -> Result<(), PickleError> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(self.pop()?);
        }
        items.reverse();
        self.push_node(Node::Tuple(items))
    }

    fn extend_list(&mut self, items: &[Value<'a>]) -> Result<(), PickleError> {
        match self.top_node()? {
            Some(Node::List(list)) => list.extend_from_slice(items),
            // A subclass of list, say a deque: what it holds is not ours to know.
            Some(Node::Call { .. }) => {}
            _ => return Err(self.input.malformed("it appends to a value that is not a list")),
        }
        Ok(())
    }

    pub(super) fn extend_dict(&mut self, items: &[Value<'a>]) -> Result<(), PickleError> {
        let (pairs, rest) = items.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(self.input.malformed("a key lacks its value"));
        }
        match self.top_node()? {
            Some(Node::Dict(dict)) => dict.extend(pairs.iter().map(|&[key, value]| (key, value))),
            // A subclass of dict, say a defaultdict.
            Some(Node::Call { .. }) => {}
            _ => return Err(self.input.malformed("it sets an item of a value that is not a dict")),
        }
        Ok(())
    }

    fn top_node(&mut self) -> Result<Option<&mut Node<'a>>, PickleError> {
        Ok(match self.top()? {
            Value::Node(NodeId(id)) => self.nodes.get_mut(id as usize),
            _ => None,
        })
    }
}
