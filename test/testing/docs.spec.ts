import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Datastore } from '@google-cloud/datastore';
import { Test } from '@nestjs/testing';
import { LockerTesting } from 'nestjs-datastore-locker/testing';
import { describe, expect, it } from 'vitest';
import { AppModule, Order } from './docs/orders.js';

const clientOfGoogle = { provide: Datastore, useFactory: () => new Datastore() };
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const page = readFileSync(file('../../docs/testing.md'), 'utf8');
const [whole, own, fault] = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);

const startOwn = () =>
  LockerTesting.start(({ datastoreHost }) =>
    Test.createTestingModule({ imports: [AppModule], providers: [clientOfGoogle] })
      .overrideProvider(Datastore)
      .useValue(new Datastore({ projectId: 'locker-testing', apiEndpoint: datastoreHost })),
  );

describe('docs/testing.md', () => {
  it('shows the test that is run here', () => {
    expect(whole).toBe(readFileSync(file('./docs/orders.spec.ts'), 'utf8'));
  });

  it('shows a fault that there is', async () => {
    const testing = await LockerTesting.start(Test.createTestingModule({ imports: [AppModule] }));
    const added = {
      fault: 'fail-after',
      service: 'datastore',
      method: 'commit',
      times: 1,
    } as const;
    testing.emulator.faults.add(added);
    const shown = Object.entries(added).map(([name, value]) =>
      typeof value === 'string' ? `${name}: '${value}'` : `${name}: ${value}`,
    );
    expect(fault?.replaceAll(/\s+/g, ' ')).toContain(shown.join(', '));
    await testing.close();
  });

  it('shows how an application with a Datastore client of its own is started', async () => {
    expect(own).toContain('apiEndpoint: datastoreHost');
    const testing = await startOwn();
    const key = testing.locker.key(Order, 'one');
    await testing.locker.schedule(key, new Order(), 'order.charge');
    const datastore = testing.get(Datastore);
    expect(await datastore.get(datastore.key(['Order', 'one']))).toMatchObject([{ total: 12 }]);
    await testing.close();
  });

  it('names every assertion and option that there is', async () => {
    const { ChainExpectation } = await import('nestjs-datastore-locker/testing');
    const names = Object.getOwnPropertyNames(ChainExpectation.prototype);
    const asserting = names.filter((name) => /^to[A-Z]/.test(name) && name !== 'toBe');
    expect(asserting.filter((name) => !page.includes(`.${name}(`))).toEqual([]);
    const source = readFileSync(file('../../lib/testing/locker-testing.ts'), 'utf8');
    const [, body = ''] = /interface LockerTestingOptions \{(.*?)\n\}/s.exec(source) ?? [];
    const options = [...body.matchAll(/readonly (\w+)\?/g)].map(([, name]) => name);
    expect(options.length).toBeGreaterThan(3);
    expect(options.filter((name) => !page.includes(`| \`${name}\``))).toEqual([]);
  });
});

describe('the testing kit under node:test', { timeout: 60_000 }, () => {
  it('works the same', () => {
    const hooks = new URL('../support/load-typescript.ts', import.meta.url).href;
    const test = file('./docs/orders.node-test.ts');
    const output = execFileSync(
      process.execPath,
      ['--no-warnings', '--import', hooks, '--test-reporter=tap', test],
      { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
    );
    expect(output).toMatch(/^# pass 1$/m);
    expect(output).toMatch(/^# fail 0$/m);
  });
});
