import type { PathElementProto } from '../google/datastore-api.js';
import type { EntityAddress } from '../datastore/entity-address.js';

/**
 * Reads a key as App Engine's Go runtime encoded it: a `Reference` message (app = 13, path = 14, name_space = 20,
 * database_id = 23), whose path is a message of groups `Element` (type = 2, id = 3, name = 4). The official client
 * reads it too, but drops the application, which must be checked.
 *
 * @throws SyntaxError for bytes that are no such key
 */
export function decodeLegacyKey(bytes: Uint8Array): EntityAddress {
  const fields = new Map(readFields(new Reader(bytes)));
  const app = fields.get(13);
  const path = fields.get(14);
  if (!(app instanceof Uint8Array) || !(path instanceof Uint8Array))
    throw new SyntaxError('it is neither JSON nor a key of App Engine');
  const elements = readFields(new Reader(path)).filter(([field]) => field === 1);
  return {
    // "s~project": the prefix names the datacenter, not the project.
    projectId: text(app).replace(/^\w~/, ''),
    databaseId: text(fields.get(23)),
    key: {
      partitionId: { namespaceId: text(fields.get(20)) },
      path: elements.map(([, element]) => readElement(element)),
    },
  };
}

type Field = readonly [number: number, value: FieldValue];
type FieldValue = bigint | Uint8Array | Field[];

function readElement(value: FieldValue): PathElementProto {
  const fields = new Map(Array.isArray(value) ? value : []);
  const kind = text(fields.get(2));
  const id = fields.get(3);
  const name = text(fields.get(4));
  if (kind === '' || (name === '' && (typeof id !== 'bigint' || id <= 0n)))
    throw new SyntaxError('its path is incomplete');
  return name === '' ? { kind, id: String(id) } : { kind, name };
}

function text(value: FieldValue | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : '';
}

/** The fields of a message, or of a group up to its end. Wire types: https://protobuf.dev/programming-guides/encoding */
function readFields(reader: Reader, group?: number): Field[] {
  const fields: Field[] = [];
  while (!reader.atEnd) {
    const tag = Number(reader.varint());
    const number = tag >>> 3;
    if ((tag & 7) === 4 && number === group) return fields;
    fields.push([number, readValue(reader, tag & 7, number)]);
  }
  if (group !== undefined) throw new SyntaxError('it is cut off');
  return fields;
}

function readValue(reader: Reader, wireType: number, number: number): FieldValue {
  if (wireType === 0) return reader.varint();
  if (wireType === 2) return reader.bytes(Number(reader.varint()));
  if (wireType === 3) return readFields(reader, number);
  throw new SyntaxError('it is neither JSON nor a key of App Engine');
}

class Reader {
  private position = 0;

  constructor(private readonly source: Uint8Array) {}

  get atEnd(): boolean {
    return this.position >= this.source.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.source[this.position++];
      if (byte === undefined) throw new SyntaxError('it is cut off');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new SyntaxError('a number in it is too long');
  }

  bytes(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.source.length) throw new SyntaxError('it is cut off');
    const bytes = this.source.subarray(this.position, end);
    this.position = end;
    return bytes;
  }
}
