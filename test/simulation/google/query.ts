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
