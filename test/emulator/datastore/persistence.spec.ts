import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Status } from '../../../lib/google/status.js';
import { entityOf, integer, keyOf, projectId, TestEngine } from './engine.js';

function close(test: TestEngine): void {
  test.engine.close();
  test.database.close();
}

describe('a database on a file', () => {
  let directory: string;
  let databases: DatabaseSync[];

  const open = () => {
    const database = new DatabaseSync(join(directory, 'data.sqlite'));
    databases.push(database);
    return new TestEngine('optimistic', database);
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'datastore-'));
    databases = [];
  });
  afterEach(() => {
    for (const database of databases) if (database.isOpen) database.close();
    rmSync(directory, { recursive: true });
  });

  it('has entities, times, cursors and ids in their places after it is opened again', async () => {
    const first = open();
    await first.put(...[1, 2, 3, 4].map((n) => entityOf(n, { n: integer(n) })));
    const query = {
      kind: [{ name: 'Order' }],
      order: [{ property: { name: 'n' }, direction: 'DESCENDING' as const }],
    };
    const page = await first.engine.runQuery({
      projectId,
      query: { ...query, limit: { value: 2 } },
    });
    const before = await first.engine.lookup({ projectId, keys: [keyOf('Order', 1)] });
    const incomplete = { projectId, keys: [{ path: [{ kind: 'Order' }] }] };
    const { keys: allocated } = await first.engine.allocateIds(incomplete);
    close(first);

    const second = open();

    const after = await second.engine.lookup({ projectId, keys: [keyOf('Order', 1)] });
    expect(after.found).toEqual(before.found);
    const rest = await second.engine.runQuery({
      projectId,
      query: { ...query, startCursor: page.batch.endCursor },
    });
    const found = rest.batch.entityResults.map(({ entity }) => entity.key?.path[0]);
    expect(found).toMatchObject([{ id: '2' }, { id: '1' }]);
    expect((await second.engine.allocateIds(incomplete)).keys).not.toEqual(allocated);
    close(second);
  });

  it('gives later times than ever before, also when the clock was turned back', async () => {
    const first = open();
    await first.clock.advance(3_600_000);
    const { mutationResults: old } = await first.put(entityOf(1));
    close(first);

    const second = open();
    const { mutationResults: fresh } = await second.put(entityOf(1));

    expect(Number(fresh[0]?.version)).toBeGreaterThan(Number(old[0]?.version));
    close(second);
  });

  it('does not know the transactions of before', async () => {
    const first = open();
    const transaction = await first.begin();
    close(first);

    const second = open();
    await second.begin();

    await expect(second.commit(transaction)).rejects.toMatchObject({
      code: Status.INVALID_ARGUMENT,
    });
    close(second);
  });

  it(
    'has everything that was acknowledged before the process was killed',
    { timeout: 30_000 },
    async () => {
      const writer = fileURLToPath(new URL('./endless-writer.ts', import.meta.url));
      const hooks = new URL('../../support/load-typescript.ts', import.meta.url).href;
      const file = join(directory, 'data.sqlite');
      const child = spawn(process.execPath, ['--no-warnings', '--import', hooks, writer, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      let acknowledged = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (acknowledged === 200) child.kill('SIGKILL');
      }
      await exited;

      const test = open();

      const { found } = await test.engine.lookup({
        projectId,
        keys: Array.from({ length: acknowledged }, (_, at) => keyOf('Order', at + 1)),
      });
      expect(acknowledged).toBeGreaterThanOrEqual(200);
      expect(found).toHaveLength(acknowledged);
      close(test);
    },
  );
});
