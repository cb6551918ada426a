use super::*;

/// The payloads of a file's records, whose checksums must be right.
fn records(mut file: &[u8]) -> Vec<&[u8]> {
    let mut payloads = Vec::new();
    while !file.is_empty() {
        let (head, rest) = file.split_at(12);
        let length = u64::from_le_bytes(head[..8].try_into().unwrap()) as usize;
        assert_eq!(head[8..], masked_crc(&head[..8]).to_le_bytes());
        let (payload, rest) = rest.split_at(length);
        assert_eq!(rest[..4], masked_crc(payload).to_le_bytes());
        payloads.push(payload);
        file = &rest[4..];
    }
    payloads
}

#[derive(Debug, PartialEq)]
enum Value<'a> {
    Varint(u64),
    Double(f64),
    Bytes(&'a [u8]),
    Float(f32),
}

fn read_varint(message: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = message[0];
        *message = &message[1..];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

/// Numbers and values of a message's fields.
fn fields(mut message: &[u8]) -> Vec<(u64, Value<'_>)> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let key = read_varint(&mut message);
        let mut take = |count| {
            let (taken, rest) = message.split_at(count);
            message = rest;
            taken
        };
        let value = match key & 7 {
            0 => Value::Varint(read_varint(&mut message)),
            1 => Value::Double(f64::from_le_bytes(take(8).try_into().unwrap())),
            5 => Value::Float(f32::from_le_bytes(take(4).try_into().unwrap())),
            2 => {
                let length = read_varint(&mut message) as usize;
                let (taken, rest) = message.split_at(length);
                message = rest;
                Value::Bytes(taken)
            }
            wire_type => panic!("wire type {wire_type}"),
        };
        fields.push((key >> 3, value));
    }
    fields
}

#[test]
fn checksums_of_the_standard() {
    // CRC-32C of "123456789" is 0xe3069283, of 32 zeros 0x8a9136aa (RFC 3720, B.4);
    // masked: ((crc >> 15) | (crc << 17)) + 0xa282ead8
    assert_eq!(masked_crc(b"123456789"), 0xc78a_b0e5);
    assert_eq!(masked_crc(&[0; 32]), 0x0fd7_fffa);
}

/// Every event file that TensorFlow writes begins with these bytes and a time.
#[test]
fn the_first_record_of_every_file() {
    let folder = tempfile::tempdir().unwrap();
    let time = UNIX_EPOCH + Duration::from_millis(1_500_000_000_500);
    let writer = EventWriter::create(folder.path(), time).unwrap();
    let name = writer.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(name, "events.out.tfevents.1500000000.hyenadna");
    let file = fs::read(writer.path()).unwrap();
    assert_eq!(file[..12], *b"\x18\0\0\0\0\0\0\0\xa3\x7f\x4b\x22");
    assert_eq!(file[12..21], *b"\x09\0\0\x20\xc0\x0b\x5a\xd6\x41");
    assert_eq!(file[21..36], *b"\x1a\x0dbrain.Event:2");
    assert_eq!(file.len(), 40);
}

#[test]
fn scalars_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let time = UNIX_EPOCH + Duration::from_secs(7);
    let mut writer = EventWriter::create(folder.path(), time).unwrap();
    writer.scalars(300, time, &[("loss/train", 1.5), ("norm", f64::INFINITY)]).unwrap();
    writer.scalars(u64::MAX, time, &[]).unwrap();
    let file = fs::read(writer.path()).unwrap();
    let records = records(&file);
    assert_eq!(records.len(), 3);
    let event = fields(records[1]);
    assert_eq!(event[..2], [(1, Value::Double(7.0)), (2, Value::Varint(300))]);
    let (5, Value::Bytes(summary)) = event[2] else { panic!("{event:?}") };
    let values: Vec<_> = fields(summary)
        .into_iter()
        .map(|(number, value)| match value {
            Value::Bytes(value) if number == 1 => fields(value),
            _ => panic!("{value:?}"),
        })
        .collect();
    assert_eq!(
        values,
        [
            [(1, Value::Bytes(b"loss/train")), (2, Value::Float(1.5))],
            [(1, Value::Bytes(b"norm")), (2, Value::Float(f32::INFINITY))],
        ]
    );
    assert_eq!(fields(records[2])[1], (2, Value::Varint(u64::MAX)));
}

#[test]
fn two_files_of_one_second() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    let paths: Vec<_> =
        (0..3).map(|_| EventWriter::create(&logs, UNIX_EPOCH).unwrap().path).collect();
    assert_eq!(paths[0], logs.join("events.out.tfevents.0000000000.hyenadna"));
    assert_eq!(paths[2], logs.join("events.out.tfevents.0000000000.hyenadna.0002"));
    assert_eq!(fs::read_dir(&logs).unwrap().count(), 3);
    let error = EventWriter::create(&paths[0], UNIX_EPOCH).unwrap_err().to_string();
    assert!(error.contains(".hyenadna"), "{error}");
}

#[test]
fn a_restart_records_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = EventWriter::create(folder.path(), UNIX_EPOCH).unwrap();
    writer.restart(41, UNIX_EPOCH + Duration::from_secs(2)).unwrap();
    let file = fs::read(writer.path()).unwrap();
    let event = fields(records(&file)[1]);
    let session: &[u8] = b"\x08\x01"; // field 1, START
    let want = [(1, Value::Double(2.0)), (2, Value::Varint(42)), (7, Value::Bytes(session))];
    assert_eq!(event, want);
}
