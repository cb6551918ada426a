//! The opcodes that push one scalar.

use super::{error::PickleError, input::PickleBytes, value::Value};

/// The scalar that an opcode stands for; `None` if the opcode is not of this kind.
pub fn read<'a>(opcode: u8, input: &mut PickleBytes<'a>) -> Result<Option<Value<'a>>, PickleError> {
    let value = match opcode {
        b'N' => Value::Other("NoneType"),
        0x88 | 0x89 => Value::Other("bool"), // NEWTRUE, NEWFALSE
        b'I' | b'L' => decimal(input)?,      // INT, LONG
        b'J' => Value::Int(i32::from_le_bytes(input.array()?).into()), // BININT
        b'K' => Value::Int(input.byte()?.into()), // BININT1
        b'M' => Value::Int(u16::from_le_bytes(input.array()?).into()), // BININT2
        0x8a => {
            let count = input.byte()?; // LONG1
            integer(input.take(count.into())?)
        }
        0x8b => {
            let count = u32::from_le_bytes(input.array()?); // LONG4
            integer(input.take(count.into())?)
        }
        b'F' => {
            input.line()?; // FLOAT
            Value::Other("float")
        }
        b'G' => {
            input.take(8)?; // BINFLOAT
            Value::Other("float")
        }
        b'S' => quoted(input.line()?),  // STRING
        b'V' => escaped(input.line()?), // UNICODE
        b'U' | 0x8c => {
            let count = input.byte()?; // SHORT_BINSTRING, SHORT_BINUNICODE
            text(input.take(count.into())?)
        }
        b'T' | b'X' => {
            let count = u32::from_le_bytes(input.array()?); // BINSTRING, BINUNICODE
            text(input.take(count.into())?)
        }
        0x8d => {
            let count = u64::from_le_bytes(input.array()?); // BINUNICODE8
            text(input.take(count)?)
        }
        b'C' => {
            let count = input.byte()?; // SHORT_BINBYTES
            bytes(input.take(count.into())?)
        }
        b'B' => {
            let count = u32::from_le_bytes(input.array()?); // BINBYTES
            bytes(input.take(count.into())?)
        }
        0x8e | 0x96 => {
            let count = u64::from_le_bytes(input.array()?); // BINBYTES8, BYTEARRAY8
            bytes(input.take(count)?)
        }
        _ => return Ok(None),
    };
    Ok(Some(value))
}

/// A little-endian integer in two's complement; no size of a tensor has over 64 bits.
fn integer<'a>(bytes: &[u8]) -> Value<'a> {
    let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    match wide.get_mut(..bytes.len()) {
        Some(low) => {
            low.copy_from_slice(bytes);
            Value::Int(i64::from_le_bytes(wide))
        }
        None => Value::Other("int"),
    }
}

fn decimal<'a>(input: &mut PickleBytes<'a>) -> Result<Value<'a>, PickleError> {
    let line = input.text_line()?;
    let digits = line.strip_suffix('L').unwrap_or(line);
    if line == "00" || line == "01" {
        return Ok(Value::Other("bool"));
    }
    Ok(digits.parse().map_or(Value::Other("int"), Value::Int))
}

fn text(bytes: &[u8]) -> Value<'_> {
    str::from_utf8(bytes).map_or(Value::Other("str that is not UTF-8"), Value::Text)
}

fn quoted(line: &[u8]) -> Value<'_> {
    match line {
        [open @ (b'\'' | b'"'), inner @ .., close] if open == close => escaped(inner),
        _ => Value::Other("str"),
    }
}

/// Texts of the oldest protocols: PyTorch writes none, so their escapes are not resolved.
fn escaped(line: &[u8]) -> Value<'_> {
    if line.contains(&b'\\') {
        return Value::Other("str with escapes");
    }
    text(line)
}

fn bytes(_: &[u8]) -> Value<'_> {
    Value::Other("bytes")
}
