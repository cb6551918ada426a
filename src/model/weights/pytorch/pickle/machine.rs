//! The stack machine: its state, its bounds, and the opcodes that move values about.

use std::collections::HashMap;

use super::{
    error::PickleError,
    input::PickleBytes,
    literal,
    value::{Node, NodeId, Pickle, Value},
};

/// A pickle while it is read.
pub struct Machine<'a> {
    pub(super) input: PickleBytes<'a>,
    stack: Vec<Value<'a>>,
    /// The height of the stack at each open mark.
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'a>>,
    pub(super) nodes: Vec<Node<'a>>,
    max_values: usize,
    /// Number of values built or copied so far; memory and work grow with it alone.
    values: usize,
}

impl<'a> Machine<'a> {
    /// A machine that is about to read `bytes`.
    pub fn new(bytes: &'a [u8], max_values: usize) -> Self {
        Self {
            input: PickleBytes::new(bytes),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            nodes: Vec::new(),
            max_values,
            values: 0,
        }
    }

    /// Reads up to the opcode that ends the pickle.
    pub fn run(mut self) -> Result<Pickle<'a>, PickleError> {
        loop {
            let at = self.input.position();
            match self.input.byte()? {
                b'.' => {
                    let root = self.pop()?; // STOP
                    let nodes = self.nodes;
                    return Ok(Pickle { nodes, root });
                }
                opcode => {
                    if let Some(value) = literal::read(opcode, &mut self.input)? {
                        self.push(value)?;
                    } else if !(self.movement(opcode)?
                        || self.container(opcode)?
                        || self.object(opcode)?)
                    {
                        return Err(PickleError::Opcode { at, opcode });
                    }
                }
            }
        }
    }

    /// Opcodes for the stack, the marks and the memo; false if it is another one.
    fn movement(&mut self, opcode: u8) -> Result<bool, PickleError> {
        match opcode {
            0x80 => {
                // PROTO: 5 is the newest that there is.
                if self.input.byte()? > 5 {
                    return Err(self.input.malformed("its protocol is newer than 5"));
                }
            }
            0x95 => {
                let frame = u64::from_le_bytes(self.input.array()?); // FRAME
                self.input.require(frame)?;
            }
            b'(' => {
                self.charge(1)?; // MARK
                self.marks.push(self.stack.len());
            }
            b'0' if self.marks.last() == Some(&self.stack.len()) => {
                self.marks.pop(); // POP
            }
            b'0' => drop(self.pop()?),         // POP
            b'1' => drop(self.pop_to_mark()?), // POP_MARK
            b'2' => self.push(self.top()?)?,   // DUP
            b'p' => {
                let index = self.text_index()?; // PUT
                self.put(index)?;
            }
            b'q' => {
                let index = self.input.byte()?; // BINPUT
                self.put(index.into())?;
            }
            b'r' => {
                let index = u32::from_le_bytes(self.input.array()?); // LONG_BINPUT
                self.put(index)?;
            }
            0x94 => self.put(self.memo.len() as u32)?, // MEMOIZE
            b'g' => {
                let index = self.text_index()?; // GET
                self.get(index)?;
            }
            b'h' => {
                let index = self.input.byte()?; // BINGET
                self.get(index.into())?;
            }
            b'j' => {
                let index = u32::from_le_bytes(self.input.array()?); // LONG_BINGET
                self.get(index)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Counts values that are about to be built or copied.
    pub(super) fn charge(&mut self, count: usize) -> Result<(), PickleError> {
        self.values = self.values.saturating_add(count);
        if self.values > self.max_values {
            let limit = self.max_values;
            return Err(PickleError::TooMany { limit });
        }
        Ok(())
    }

    pub(super) fn push(&mut self, value: Value<'a>) -> Result<(), PickleError> {
        self.charge(1)?;
        self.stack.push(value);
        Ok(())
    }

    pub(super) fn push_node(&mut self, node: Node<'a>) -> Result<(), PickleError> {
        // At most `max_values` nodes, which fit in 32 bits.
        let id = NodeId(self.nodes.len() as u32);
        self.push(Value::Node(id))?;
        self.nodes.push(node);
        Ok(())
    }

    pub(super) fn top(&self) -> Result<Value<'a>, PickleError> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let above = self.stack.get(floor..).unwrap_or_default();
        above.last().copied().ok_or_else(|| self.input.malformed("a value is missing on the stack"))
    }

    pub(super) fn pop(&mut self) -> Result<Value<'a>, PickleError> {
        let value = self.top()?;
        self.stack.pop();
        Ok(value)
    }

    pub(super) fn pop_to_mark(&mut self) -> Result<Vec<Value<'a>>, PickleError> {
        let mark = self.marks.pop();
        mark.map(|mark| self.stack.split_off(mark))
            .ok_or_else(|| self.input.malformed("a mark is missing on the stack"))
    }

    fn put(&mut self, index: u32) -> Result<(), PickleError> {
        self.charge(1)?;
        let value = self.top()?;
        self.memo.insert(index, value);
        Ok(())
    }

    fn get(&mut self, index: u32) -> Result<(), PickleError> {
        let value = self.memo.get(&index).copied();
        let missing = || self.input.malformed("it refers to a value never stored");
        self.push(value.ok_or_else(missing)?)
    }

    fn text_index(&mut self) -> Result<u32, PickleError> {
        let line = self.input.text_line()?;
        line.parse().map_err(|_| self.input.malformed("a memo index is not a number"))
    }
}
