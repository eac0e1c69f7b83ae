import { readFileSync, writeFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { Datastore } from '@google-cloud/datastore';
import { Test } from '@nestjs/testing';
import { format } from 'prettier';
import { ShiftingClock, startEmulator } from 'nestjs-datastore-locker/emulator';
import { afterEach, describe, expect, it } from 'vitest';
import { CLOCK } from '../../lib/locker.providers.js';
import { settingsFrom } from '../../lib/settings/settings.js';
import { loopbackPort } from '../../lib/testing/loopback-port.js';
import { documentedOptions, optionsTable, strayVariables } from './options-table.js';
import { effects } from './outside.js';

const read = (file: string) => readFileSync(file, 'utf8');

describe('the example in README.md', { timeout: 60_000 }, () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('is the file that is compiled and run here', () => {
    const [, shown] = /```ts\n(.*?)```/s.exec(read('README.md')) ?? [];
    expect(shown).toBe(read('test/readme/example.ts'));
  });

  it('runs its chain, with one effect a step', async () => {
    const clock = new ShiftingClock();
    const emulator = await startEmulator({ clock });
    const port = await loopbackPort();
    const baseUrl = `http://127.0.0.1:${port}`;
    Object.assign(process.env, emulator.env, { GOOGLE_CLOUD_PROJECT: 'readme', BASE_URL: baseUrl });
    const { AppModule } = await import('./example.js');
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(CLOCK)
      .useValue(clock)
      .compile();
    const app = module.createNestApplication();
    await app.listen(port, '127.0.0.1');

    const answer = await fetch(`${baseUrl}/orders`, { method: 'POST' });
    expect(await answer.json()).toMatchObject({ started: true, dispatched: true });
    await emulator.drain();

    expect([...effects.values()]).toEqual(['charged 12', 'mailed "Paid, receipt for 12"']);
    const datastore = new Datastore({ projectId: 'readme', apiEndpoint: emulator.datastoreHost });
    const [orders] = await datastore.runQuery(datastore.createQuery('Order'));
    expect(orders).toMatchObject([{ receipt: 'receipt for 12', lock_seq: -1 }]);
    await app.close();
    await emulator.stop();
  });
});

describe('the options in docs/options.md', () => {
  it('are those of LockerModuleOptions and lockerConfig (UPDATE_OPTIONS=1 writes them)', async () => {
    const part = /(<!-- options -->\n\n)(.*?)(\n\n<!-- \/options -->)/s;
    const page = read('docs/options.md');
    const table = (await format(optionsTable(), { parser: 'markdown' })).trim();
    if (process.env['UPDATE_OPTIONS'])
      writeFileSync(
        'docs/options.md',
        page.replace(part, (_, start, __, end) => `${start}${table}${end}`),
      );
    expect(part.exec(read('docs/options.md'))?.[2]).toBe(table);
  });

  it('have the defaults that they are said to have', () => {
    const required = { target: { baseUrl: 'http://a' }, guard: 'none', location: 'b' } as const;
    const said = documentedOptions().filter(({ isRequired }) => !isRequired);
    expect(said.filter(({ standard }) => standard === '')).toEqual([]);
    for (const { name, standard } of said) {
      const [, literal] = /^`([^`]+)`/.exec(standard) ?? [];
      if (literal === undefined) continue;
      const given = { [name]: runInNewContext(`(${literal})`) as unknown };
      const settings = settingsFrom({ ...required, ...given }, 'p');
      expect({ name, settings }).toEqual({ name, settings: settingsFrom(required, 'p') });
    }
  });

  it('have variables that are named after them', () => {
    expect(strayVariables()).toEqual([]);
  });
});
