import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Protos } from '../../../lib/emulator/protos.js';
import { Store } from '../../../lib/emulator/datastore/storage/store.js';
import type { StoredEntity } from '../../../lib/emulator/datastore/storage/stored-entity.js';
import { Wire } from '../../../lib/emulator/datastore/wire/wire.js';

const wire = new Wire(Protos.datastore());

function entity(name: string, version: number): StoredEntity {
  const bytes = wire.encodeEntity({ key: null, properties: {} });
  return { key: Buffer.from(name), version, created: 1, bytes };
}

describe('what was read or written last', () => {
  let database: DatabaseSync;
  let store: Store;
  beforeEach(() => {
    database = new DatabaseSync(':memory:');
    store = new Store(database, wire);
  });
  afterEach(() => database.close());
  const versionOf = (name: string) => store.entities.get(Buffer.from(name))?.version;

  it('is forgotten when it is rolled back', () => {
    const { key } = entity('a', 1);
    store.commit([{ key, before: undefined, after: entity('a', 1) }], 1);
    expect(() =>
      store.atomically(() => {
        store.entities.put(entity('a', 2));
        expect(versionOf('a')).toBe(2);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(versionOf('a')).toBe(1);
  });

  it('is gone when it is deleted', () => {
    const before = entity('a', 1);
    store.commit([{ key: before.key, before: undefined, after: before }], 1);
    store.commit([{ key: before.key, before, after: undefined }], 2);
    expect(versionOf('a')).toBeUndefined();
  });

  it('is never all there is', () => {
    for (let n = 0; n < 1_500; n++) store.entities.put(entity(`n${n}`, n));
    expect([versionOf('n0'), versionOf('n1499')]).toEqual([0, 1_499]);
  });
});
