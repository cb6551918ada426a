//! The opcodes that name, call and fill Python objects: all of it is noted, nothing done.

use super::{
    error::PickleError,
    machine::Machine,
    refused,
    value::{self, Node, Value},
};

impl<'a> Machine<'a> {
    /// Notes what the opcode asks for; false if it is of another kind.
    pub(super) fn object(&mut self, opcode: u8) -> Result<bool, PickleError> {
        match opcode {
            b'c' => self.global()?,
            0x93 => {
                let name = self.pop()?; // STACK_GLOBAL
                let module = self.pop()?;
                let (Value::Text(module), Value::Text(name)) = (module, name) else {
                    return Err(self.input.malformed("the name of a class is not a text"));
                };
                self.push_node(Node::Global { module, name })?;
            }
            b'R' | 0x81 => {
                let args = self.pop()?; // REDUCE, NEWOBJ
                let function = self.pop()?;
                self.call(function, args)?;
            }
            0x92 => {
                self.pop()?; // NEWOBJ_EX: its keywords
                let args = self.pop()?;
                let function = self.pop()?;
                self.call(function, args)?;
            }
            b'i' => {
                let args = self.pop_to_mark()?; // INST
                self.global()?;
                let function = self.pop()?;
                self.call_with(function, args)?;
            }
            b'o' => {
                let mut args = self.pop_to_mark()?.into_iter(); // OBJ
                let missing = || self.input.malformed("a class is missing on the stack");
                let function = args.next().ok_or_else(missing)?;
                self.call_with(function, args.collect())?;
            }
            // BUILD sets attributes. A dict keeps its items, which are all that a state_dict
            // is: torch hangs `_metadata` on it, and attributes are not tensors of the model.
            b'b' => drop(self.pop()?),
            b'P' => {
                let id = self.input.text_line()?; // PERSID
                self.push_node(Node::Persistent(Value::Text(id)))?;
            }
            b'Q' => {
                let id = self.pop()?; // BINPERSID
                self.push_node(Node::Persistent(id))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// GLOBAL
    fn global(&mut self) -> Result<(), PickleError> {
        let module = self.input.text_line()?;
        let name = self.input.text_line()?;
        self.push_node(Node::Global { module, name })
    }

    fn call_with(&mut self, function: Value<'a>, args: Vec<Value<'a>>) -> Result<(), PickleError> {
        self.push_node(Node::Tuple(args))?;
        let args = self.pop()?;
        self.call(function, args)
    }

    /// Pushes what stands for the result of a call.
    fn call(&mut self, function: Value<'a>, args: Value<'a>) -> Result<(), PickleError> {
        if let Some(&Node::Global { module, name }) = value::node(&self.nodes, function) {
            if refused::is_refused(module, name) {
                let function = value::shown(&format!("{module}.{name}"));
                return Err(PickleError::Refused { function });
            }
            if (module, name) == ("collections", "OrderedDict")
                && let Some(items) = self.pairs(args)?
            {
                self.push_node(Node::Dict(Vec::new()))?;
                return self.extend_dict(&items);
            }
        }
        self.push_node(Node::Call { function, args })
    }

    /// The keys and values in the arguments of an `OrderedDict`: none, or a list of pairs.
    fn pairs(&mut self, args: Value<'a>) -> Result<Option<Vec<Value<'a>>>, PickleError> {
        let Some(Node::Tuple(args)) = value::node(&self.nodes, args) else {
            return Ok(None);
        };
        let list = match args[..] {
            [] => return Ok(Some(Vec::new())),
            [list] => list,
            _ => return Ok(None),
        };
        let Some(Node::List(pairs)) = value::node(&self.nodes, list) else {
            return Ok(None);
        };
        let count = pairs.len();
        // One list may be the argument of many calls, so the copies count as values.
        self.charge(2 * count)?;
        let Some(Node::List(pairs)) = value::node(&self.nodes, list) else {
            return Ok(None);
        };
        let mut items = Vec::with_capacity(2 * count);
        for &pair in pairs {
            match value::node(&self.nodes, pair) {
                Some(Node::Tuple(pair) | Node::List(pair)) if pair.len() == 2 => {
                    items.extend_from_slice(pair);
                }
                _ => return Ok(None),
            }
        }
        Ok(Some(items))
    }
}
