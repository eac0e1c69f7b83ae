import type { CompleteElement, CompleteKey } from '../keys/key.js';
import { keyBytes } from '../keys/key-bytes.js';
import { KEY_PROPERTY } from '../storage/index-scope.js';
import type { Store } from '../storage/store.js';
import type { StoredEntity } from '../storage/stored-entity.js';
import { Type } from '../values/value-bytes.js';
import type { PartitionId, Properties, Value } from '../wire/entity-messages.js';
import type { Wire } from '../wire/wire.js';

/** https://cloud.google.com/datastore/docs/concepts/metadataqueries */
const REPRESENTATIONS = [
  ['NULL', Type.NULL],
  ['INT64', Type.INTEGER],
  ['BOOLEAN', Type.BOOLEAN],
  ['STRING', Type.BYTES],
  ['DOUBLE', Type.DOUBLE],
  ['POINT', Type.GEO_POINT],
  ['REFERENCE', Type.KEY],
] as const;

/** The entities of the kinds `__namespace__`, `__kind__` and `__property__`; undefined for all other kinds. */
export function metadata(
  kind: string | undefined,
  partition: PartitionId,
  store: Store,
  wire: Wire,
): StoredEntity[] | undefined {
  const entity = (path: CompleteElement[], properties: Properties = {}): StoredEntity => {
    const key: CompleteKey = { partitionId: partition, path };
    const bytes = wire.encodeEntity({ key, properties });
    return { key: keyBytes(key), version: 0, created: 0, bytes };
  };
  switch (kind) {
    case '__namespace__':
      return store.catalog.namespaces(partition).map((name) => entity([namespaceElement(name)]));
    case '__kind__':
      return store.catalog.kinds(partition).map((name) => entity([named('__kind__', name)]));
    case '__property__':
      return propertiesOf(partition, store).map(({ path, properties }) => entity(path, properties));
    case undefined:
    default:
      return undefined;
  }
}

function propertiesOf(partition: PartitionId, { catalog }: Store) {
  return catalog.kinds(partition).flatMap((kind) =>
    catalog
      .properties(partition, kind)
      .filter((property) => property !== KEY_PROPERTY)
      .map((property) => {
        const present = REPRESENTATIONS.filter(([, type]) =>
          catalog.hasValues(partition, kind, property, type),
        );
        const values = present.map(([name]) => stringValue(name));
        return {
          path: [named('__kind__', kind), named('__property__', property)],
          properties: { property_representation: arrayValue(values) },
        };
      }),
  );
}

/** The default namespace has no name: its key has the id 1. */
function namespaceElement(name: string): CompleteElement {
  return name === ''
    ? { kind: '__namespace__', idType: 'id', id: '1' }
    : named('__namespace__', name);
}

function named(kind: string, name: string): CompleteElement {
  return { kind, idType: 'name', name };
}

function stringValue(text: string): Value {
  return { valueType: 'stringValue', stringValue: text, meaning: 0, excludeFromIndexes: false };
}

function arrayValue(values: Value[]): Value {
  return { valueType: 'arrayValue', arrayValue: { values }, meaning: 0, excludeFromIndexes: false };
}
