import { expect, it } from 'vitest';
import { keyBytes } from '../../../lib/emulator/datastore/keys/key-bytes.js';
import type { CompleteKey } from '../../../lib/emulator/datastore/keys/key.js';
import { indexScope, KEY_PROPERTY } from '../../../lib/emulator/datastore/storage/index-scope.js';
import { KEY_TYPE } from '../../../lib/emulator/datastore/values/value-bytes.js';
import { entityOf, projectId, protos, TestEngine } from './engine.js';

const partitionId = { projectId, databaseId: '', namespaceId: '' };

/** Many entities of kind Order without anything due, put where the engine keeps its own. */
function fill(test: TestEngine, count: number): void {
  const key: CompleteKey = { partitionId, path: [{ kind: 'Order', idType: 'name', name: 'n' }] };
  const message = protos.message<object>('google.datastore.v1.Entity');
  const insert = (table: string, columns: string) =>
    test.database.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
       INSERT INTO ${table} SELECT ${columns} FROM n`,
    );
  // Names that follow each other: the end mark of the name and of the key come after the number.
  const bytes = keyBytes(key);
  const start = bytes.subarray(0, -2);
  const end = bytes.subarray(-2);
  insert('datastore_entities', "CAST(? || printf('%08d', i) || ? AS BLOB), 1, 1, ?").run(
    start,
    end,
    message.serialize({
      key,
      properties: { notes: { stringValue: 'x', excludeFromIndexes: true } },
    }),
  );
  insert('datastore_index', "?, CAST(? || printf('%08d', i) || ? AS BLOB), 1").run(
    indexScope(partitionId, 'Order', KEY_PROPERTY),
    Buffer.concat([KEY_TYPE, start]),
    end,
  );
}

const due = (n: number) => `3:2026-01-01T00:00:${String(n).padStart(3, '0')}`;

const bound = (op: 'GREATER_THAN_OR_EQUAL' | 'LESS_THAN', stringValue: string) => ({
  propertyFilter: { property: { name: 'lock_due' }, op, value: { stringValue } },
});

it(
  'finds the hundred due ones among a hundred thousand in less than 20 ms',
  { timeout: 30_000 },
  async () => {
    const test = new TestEngine();
    fill(test, 100_000);
    await test.put(
      ...Array.from({ length: 150 }, (_, n) =>
        entityOf(n + 1, { lock_due: { stringValue: due(n) } }),
      ),
    );
    const run = async () => {
      const started = performance.now();
      const { batch } = await test.engine.runQuery({
        projectId,
        query: {
          kind: [{ name: 'Order' }],
          filter: {
            compositeFilter: {
              op: 'AND',
              filters: [bound('GREATER_THAN_OR_EQUAL', '3:'), bound('LESS_THAN', due(100))],
            },
          },
          order: [{ property: { name: 'lock_due' }, direction: 'ASCENDING' }],
        },
      });
      return { found: batch.entityResults.length, ms: performance.now() - started };
    };

    const runs = [await run(), await run(), await run(), await run(), await run()];

    expect(runs.map(({ found }) => found)).toEqual([100, 100, 100, 100, 100]);
    expect(Math.min(...runs.map(({ ms }) => ms))).toBeLessThan(20);
  },
);
