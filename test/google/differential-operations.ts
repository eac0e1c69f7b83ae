import * as fc from 'fast-check';
import type { FilterProto, KeyProto, ValueProto } from '../../lib/google/datastore-api.js';

/** What a target can do; where both sides are known to differ nothing is generated (DIFFERENCES.md). */
export interface Abilities {
  /** OR, IN, NOT_IN, !=, several inequalities, aggregations. */
  readonly disjunctions: boolean;
  /** Transactions may run against others and against writes outside, without anybody waiting. */
  readonly contention: boolean;
}

export interface QuerySpec {
  readonly kind: string;
  readonly filter?: FilterProto;
  readonly order: { property: { name: string }; direction: 'ASCENDING' | 'DESCENDING' }[];
  readonly projection: string[];
  readonly distinct: boolean;
  readonly offset: number;
  readonly limit?: number;
}

export interface MutationSpec {
  readonly operation: 'insert' | 'update' | 'upsert' | 'delete';
  readonly path: KeyProto['path'];
  readonly properties: Record<string, ValueProto>;
}

export type Operation =
  | { readonly type: 'write'; readonly mutations: readonly MutationSpec[] }
  | { readonly type: 'lookup'; readonly paths: readonly KeyProto['path'][] }
  | { readonly type: 'query'; readonly query: QuerySpec }
  | { readonly type: 'aggregate'; readonly query: QuerySpec; readonly property: string }
  | { readonly type: 'begin'; readonly slot: number; readonly readOnly: boolean }
  | {
      readonly type: 'txLookup';
      readonly slot: number;
      readonly paths: readonly KeyProto['path'][];
    }
  | {
      readonly type: 'txCommit';
      readonly slot: number;
      readonly mutations: readonly MutationSpec[];
    }
  | { readonly type: 'txRollback'; readonly slot: number };

const roots = [
  { kind: 'A', id: 1 },
  { kind: 'A', id: 2 },
  { kind: 'A', name: '1' },
  { kind: 'A', name: 'é' },
  { kind: 'B', id: 1 },
];
const child = [
  { kind: 'A', id: 1 },
  { kind: 'A', name: 'child' },
];
const rootPath = fc.constantFrom(...roots.map((element) => [element]));
const path = fc.oneof(
  { weight: 5, arbitrary: rootPath },
  { weight: 1, arbitrary: fc.constant(child) },
);

/** Few different values, so that equal ones meet, of every type that can be compared. */
const scalar: fc.Arbitrary<ValueProto> = fc.constantFrom<ValueProto>(
  { nullValue: 'NULL_VALUE' },
  { booleanValue: false },
  { booleanValue: true },
  { integerValue: '-7' },
  { integerValue: '0' },
  { integerValue: '1' },
  { integerValue: '9007199254740993' },
  { doubleValue: -1.5 },
  { doubleValue: -0 },
  { doubleValue: 0 },
  { doubleValue: 1 },
  { doubleValue: NaN },
  { doubleValue: Infinity },
  { timestampValue: { seconds: '0', nanos: 1000 } },
  { timestampValue: { seconds: '-1', nanos: 5000 } },
  { stringValue: '' },
  { stringValue: 'a' },
  { stringValue: 'a\u0000' },
  { stringValue: 'a\u0000b' },
  { stringValue: '\uFFFD' },
  { stringValue: '\u{1F600}' },
  { blobValue: 'YQ==' },
  { blobValue: '/w==' },
  { geoPointValue: { latitude: 1, longitude: -2 } },
  { geoPointValue: { latitude: -1, longitude: 2 } },
  { keyValue: { path: [{ kind: 'A', id: 1 }] } },
  { keyValue: { path: child } },
  { keyValue: { path: [{ kind: 'A', name: '1' }] } },
);
const maybeUnindexed = fc
  .tuple(scalar, fc.integer({ min: 0, max: 7 }))
  .map(([value, n]) => (n === 0 ? { ...value, excludeFromIndexes: true } : value));
/** All indexed or none: otherwise the order of elements is not kept, says entity.proto. */
const array = fc
  .tuple(fc.array(scalar, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([values, isUnindexed]): ValueProto => ({
    arrayValue: {
      values: isUnindexed
        ? values.map((value) => ({ ...value, excludeFromIndexes: true }))
        : values,
    },
  }));
const embedded = maybeUnindexed.map((inner): ValueProto => ({
  entityValue: { properties: { inner } },
}));
/** For sums, which must not depend on the order of addition. */
const number = fc.constantFrom<ValueProto>(
  { integerValue: '-7' },
  { integerValue: '3' },
  { doubleValue: -1.5 },
  { doubleValue: 0.25 },
  { doubleValue: NaN },
  { stringValue: 'no number' },
);
const properties = fc
  .record(
    { p: maybeUnindexed, q: maybeUnindexed, number, array, embedded, unindexed: array },
    { requiredKeys: [] },
  )
  .map((record): Record<string, ValueProto> => ({ ...record }));

const mutation: fc.Arbitrary<MutationSpec> = fc.record({
  operation: fc.constantFrom('insert', 'update', 'upsert', 'upsert', 'upsert', 'upsert', 'delete'),
  path,
  properties,
});
const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });
const rootMutations = mutations.map((all) =>
  all.map((one) => ({ ...one, path: one.path?.slice(0, 1) ?? [] })),
);

const filterOn = (name: string, op: string, value: ValueProto) =>
  ({ propertyFilter: { property: { name }, op, value } }) as FilterProto;
const all = (filters: FilterProto[]): FilterProto => ({ compositeFilter: { op: 'AND', filters } });
const any = (filters: FilterProto[]): FilterProto => ({ compositeFilter: { op: 'OR', filters } });

const equality = fc
  .oneof(fc.tuple(fc.constantFrom('p', 'q', 'array', 'embedded.inner'), scalar))
  .map(([name, value]) => filterOn(name, 'EQUAL', value));
const inequalityOn = (name: string) =>
  fc
    .tuple(
      fc.constantFrom('LESS_THAN', 'LESS_THAN_OR_EQUAL', 'GREATER_THAN', 'GREATER_THAN_OR_EQUAL'),
      scalar,
    )
    .map(([op, value]) => filterOn(name, op, value));
const ancestor = fc.constant(
  filterOn('__key__', 'HAS_ANCESTOR', { keyValue: { path: [{ kind: 'A', id: 1 }] } }),
);
const keyComparison = fc
  .tuple(fc.constantFrom('EQUAL', 'LESS_THAN', 'GREATER_THAN_OR_EQUAL'), path)
  .map(([op, keyPath]) => filterOn('__key__', op, { keyValue: { path: keyPath } }));
const listed = fc
  .tuple(
    fc.constantFrom('p', 'q'),
    fc.constantFrom('IN', 'IN', 'NOT_IN'),
    fc.array(scalar, { minLength: 1, maxLength: 3 }),
  )
  .map(([name, op, values]) => filterOn(name, op, { arrayValue: { values } }));
const unequal = fc
  .tuple(fc.constantFrom('p', 'q'), scalar)
  .map(([name, value]) => filterOn(name, 'NOT_EQUAL', value));

/** Filters of which both emulators of Google accept every combination: one inequality at most. */
const plainFilters: fc.Arbitrary<FilterProto[]> = fc.oneof<fc.Arbitrary<FilterProto[]>[]>(
  fc.constant<FilterProto[]>([]),
  fc.array(equality, { minLength: 1, maxLength: 2 }),
  fc.tuple(inequalityOn('p')),
  fc.tuple(inequalityOn('p'), inequalityOn('p')),
  fc.tuple(inequalityOn('p'), equality),
  fc.tuple(ancestor),
  fc.tuple(ancestor, equality),
  fc.tuple(ancestor, inequalityOn('p')),
  fc.tuple(keyComparison),
  fc.tuple(equality, keyComparison),
);
const filterOf = (filters: FilterProto[]) => (filters.length === 0 ? undefined : all(filters));
const plainFilter = plainFilters.map(filterOf);
const simple = fc.oneof(equality, inequalityOn('p'), inequalityOn('q'), unequal, listed);
const richFilter = fc
  .oneof(
    plainFilter,
    simple,
    fc.array(simple, { minLength: 2, maxLength: 3 }).map(all),
    fc.array(simple, { minLength: 2, maxLength: 3 }).map(any),
    fc.tuple(simple, fc.array(simple, { minLength: 2, maxLength: 2 }).map(any)).map(all),
  )
  .filter(hasOneExclusionAtMost);

/** NOT_EQUAL and NOT_IN are allowed once; a query with two the Firestore emulator refuses unless they are equal. */
function hasOneExclusionAtMost(filter: FilterProto | undefined): boolean {
  const ops = JSON.stringify(filter ?? {});
  const count = (op: string) => ops.split(`"${op}"`).length - 1;
  const exclusions = count('NOT_EQUAL') + count('NOT_IN');
  return exclusions <= 1 && (count('NOT_IN') === 0 || count('IN') + count('OR') === 0);
}

const direction = fc.constantFrom<'ASCENDING' | 'DESCENDING'>('ASCENDING', 'DESCENDING');
const orders: fc.Arbitrary<QuerySpec['order']> = fc.oneof(
  fc.constant<QuerySpec['order']>([]),
  fc
    .tuple(fc.constantFrom<string[]>(['p'], ['q'], ['p', 'q'], ['__key__']), direction, direction)
    .map(([names, ...directions]) =>
      names.map((name, at) => ({ property: { name }, direction: directions[at] ?? 'ASCENDING' })),
    ),
);

const querySpec = (abilities: Abilities): fc.Arbitrary<QuerySpec> =>
  fc
    .record({
      kind: fc.constantFrom('A', 'A', 'A', 'B'),
      filter: abilities.disjunctions ? richFilter : plainFilter,
      order: orders,
      projection: fc.oneof(
        { weight: 4, arbitrary: fc.constant<string[]>([]) },
        {
          weight: 1,
          arbitrary: fc.constantFrom<string[]>(['__key__'], ['p'], ['q'], ['p', 'q'], ['array']),
        },
      ),
      distinct: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
      offset: fc.constantFrom(0, 0, 0, 1, 2),
      limit: fc.constantFrom<(number | undefined)[]>(undefined, undefined, 1, 2, 3),
    })
    .map(({ filter, order, limit, distinct, ...rest }) => ({
      ...rest,
      distinct: distinct && (abilities.disjunctions || !comparedIn(filter)),
      ...(filter && { filter }),
      ...(limit !== undefined && mayBePaged(abilities, filter) && { limit }),
      order: isProjection(rest.projection) ? [] : orderFor(abilities, order, filter),
    }));

/** The Firestore emulator refuses its own cursors where keys are compared and something else is sorted by. */
function mayBePaged({ disjunctions }: Abilities, filter: FilterProto | undefined): boolean {
  return !disjunctions || !isOnKey(filter);
}

/** Projections of properties are sorted by them and by key: with other orders Google's cursors fail. */
export function isProjection(projection: readonly string[]): boolean {
  return projection.some((name) => name !== '__key__');
}

/**
 * The Datastore emulator wants the property compared by inequality to come first, and breaks ties by ascending key
 * where Firestore goes on in the direction of the last order. The Firestore emulator refuses its own cursors where
 * the key is followed by an implied order. The Datastore emulator looks an entity up whose key is given, and forgets
 * that an order leaves out entities without the property.
 */
function orderFor(
  { disjunctions }: Abilities,
  order: QuerySpec['order'],
  filter: FilterProto | undefined,
): QuerySpec['order'] {
  const [first] = order;
  if (disjunctions) {
    const isCompared = /LESS|GREATER|NOT_/.test(JSON.stringify(filter ?? {}));
    return isCompared && first?.property.name === '__key__' ? [] : order;
  }
  const compared = comparedIn(filter) ?? (isOnKey(filter) ? '__key__' : undefined);
  return withKeyLast(!compared || first?.property.name === compared ? order : []);
}

function isOnKey(filter: FilterProto | undefined): boolean {
  return JSON.stringify(filter ?? {}).includes('"__key__"');
}

/** The property that a plain filter compares by inequality. */
function comparedIn(filter: FilterProto | undefined): string | undefined {
  const filters = filter?.compositeFilter?.filters ?? [];
  const found = filters.find(({ propertyFilter }) => /LESS|GREATER/.test(propertyFilter?.op ?? ''));
  return found?.propertyFilter?.property.name;
}

function withKeyLast(order: QuerySpec['order']): QuerySpec['order'] {
  const last = order.at(-1);
  if (!last || last.property.name === '__key__') return order;
  return [...order, { property: { name: '__key__' }, direction: last.direction }];
}

export function operationSequences(abilities: Abilities): fc.Arbitrary<Operation[]> {
  const slot = abilities.contention ? fc.constantFrom(0, 1) : fc.constant(0);
  const query = querySpec(abilities);
  const write: fc.Arbitrary<Operation> = fc.record({
    type: fc.constant('write' as const),
    mutations,
  });
  const reads: fc.Arbitrary<Operation>[] = [
    fc.record({
      type: fc.constant('lookup' as const),
      paths: fc.uniqueArray(path, {
        minLength: 1,
        maxLength: 3,
        selector: (one) => JSON.stringify(one),
      }),
    }),
    fc.record({ type: fc.constant('query' as const), query }),
    fc.record({ type: fc.constant('query' as const), query }),
  ];
  const aggregate: fc.Arbitrary<Operation> = fc.record({
    type: fc.constant('aggregate' as const),
    query: query.map((spec) => ({ ...spec, projection: [], distinct: false })),
    property: fc.constant('number'),
  });
  const transactions: fc.Arbitrary<Operation>[] = [
    fc.record({
      type: fc.constant('begin' as const),
      slot,
      readOnly: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    }),
    fc.record({ type: fc.constant('txLookup' as const), slot, paths: fc.tuple(rootPath) }),
    fc.record({ type: fc.constant('txCommit' as const), slot, mutations: rootMutations }),
    fc.record({ type: fc.constant('txRollback' as const), slot }),
  ];
  const operation = fc.oneof(
    write,
    write,
    ...reads,
    ...(abilities.disjunctions ? [aggregate] : []),
    ...transactions,
  );
  return fc
    .array(write, { minLength: 1, maxLength: 2 })
    .chain((first) =>
      fc.array(operation, { minLength: 2, maxLength: 8 }).map((rest) => [...first, ...rest]),
    );
}
