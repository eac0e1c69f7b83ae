import { keyText, kindOf } from '../../../lib/datastore/keys.js';
import type {
  EntityProto,
  PropertyFilterProto,
  QueryProto,
} from '../../../lib/google/datastore-api.js';

/** What a query over texts finds, a page of it: of one kind, by conditions on one indexed property, in its order. */
export function select(
  entities: Iterable<EntityProto>,
  { kind, filter, limit, startCursor }: QueryProto,
  namespace: string,
) {
  const filters = (filter?.compositeFilter?.filters ?? [filter ?? {}]).flatMap(
    ({ propertyFilter }) => propertyFilter ?? [],
  );
  const property = filters[0]?.property.name ?? '';
  const wanted = kind?.[0]?.name;
  const rows = [...entities]
    .filter(({ key }) => kindOf(key ?? {}) === wanted)
    .filter(({ key }) => (key?.partitionId?.namespaceId ?? '') === namespace)
    .filter((entity) => filters.every((one) => matches(entity, one)))
    .map((entity) => ({
      entity,
      place: `${indexed(entity, property) ?? ''}\u0000${keyText(entity.key ?? {})}`,
    }))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1));
  const from = startCursor ? Buffer.from(startCursor).toString() : '';
  const page = rows.filter(({ place }) => place > from).slice(0, limit?.value ?? rows.length);
  return {
    entityResults: page.map(({ entity }) => ({ entity })),
    endCursor: Buffer.from(page.at(-1)?.place ?? from),
  };
}

/** The shard of the sweep's index that a query is about, if it is about one alone. */
export function shardAskedFor({ filter }: QueryProto): string | undefined {
  const filters = filter?.compositeFilter?.filters ?? [];
  const [first, last] = filters.map(({ propertyFilter }) => propertyFilter);
  const shard = first?.value.stringValue?.[0];
  const isDue = first?.property.name === 'lock_due';
  return isDue && shard === last?.value.stringValue?.[0] ? `shard ${shard}` : undefined;
}

/** The shard of the sweep's index that an entity is in, if it is in one. */
export function shardOf(entity: EntityProto | undefined): string | undefined {
  const due = entity && indexed(entity, 'lock_due');
  return due && `shard ${due[0]}`;
}

function matches(entity: EntityProto, { property, op, value }: PropertyFilterProto): boolean {
  const stored = indexed(entity, property.name);
  const bound = value.stringValue ?? '';
  if (stored === undefined) return false;
  switch (op) {
    case 'EQUAL':
      return stored === bound;
    case 'GREATER_THAN':
      return stored > bound;
    case 'GREATER_THAN_OR_EQUAL':
      return stored >= bound;
    case 'LESS_THAN':
      return stored < bound;
    case 'LESS_THAN_OR_EQUAL':
      return stored <= bound;
    case 'IN':
    case 'NOT_IN':
    case 'NOT_EQUAL':
    case 'HAS_ANCESTOR':
      throw new Error(`The simulated Datastore has no queries with ${op}.`);
  }
}

/** Only what is in the index can be found. */
function indexed({ properties }: EntityProto, name: string): string | undefined {
  const value = properties?.[name];
  return value && !value.excludeFromIndexes ? (value.stringValue ?? undefined) : undefined;
}
