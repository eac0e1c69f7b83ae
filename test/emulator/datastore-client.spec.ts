import { Datastore, PropertyFilter } from '@google-cloud/datastore';
import { type Emulator, startEmulator, type TapEvent } from 'nestjs-datastore-locker/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('Datastore of the emulator, behind the official client', () => {
  let emulator: Emulator;
  let datastore: Datastore;

  beforeAll(async () => {
    emulator = await startEmulator();
    datastore = new Datastore({ projectId: 'p', apiEndpoint: emulator.datastoreHost });
  });

  afterAll(() => emulator.stop());

  it('saves, gets, queries and deletes', async () => {
    const key = datastore.key(['Order', 'a']);
    await datastore.save({ key, data: { total: 3, tags: ['x'] } });
    expect(await datastore.get(key)).toMatchObject([{ total: 3, tags: ['x'] }]);
    const query = datastore.createQuery('Order').filter(new PropertyFilter('total', '>', 2));
    expect((await datastore.runQuery(query))[0]).toMatchObject([{ total: 3 }]);
    await datastore.delete(key);
    expect(await datastore.get(key)).toEqual([undefined]);
  });

  it('refuses the later of two transactions that conflict, and tells a tap of it', async () => {
    const events: TapEvent[] = [];
    const untap = emulator.tap((event) => events.push(event));
    const key = datastore.key(['Order', 'b']);
    await datastore.save({ key, data: { total: 0 } });
    const [one, two] = [datastore.transaction(), datastore.transaction()];
    await Promise.all([one.run(), two.run()]);
    await Promise.all([one.get(key), two.get(key)]);
    one.save({ key, data: { total: 1 } });
    two.save({ key, data: { total: 2 } });
    await one.commit();
    await expect(two.commit()).rejects.toMatchObject({ code: 10 });
    untap();
    expect(events.map((event) => event.type === 'call' && event.method)).toEqual([
      'commit',
      'beginTransaction',
      'beginTransaction',
      'lookup',
      'lookup',
      'commit',
      'commit',
      'rollback',
    ]);
    expect(events.at(-2)).toMatchObject({ error: { code: 10 } });
  });

  it('loses the answer of a commit that was applied, when told to', async () => {
    emulator.faults.add({ fault: 'fail-after', method: 'commit', code: 'UNAVAILABLE', times: 1 });
    const key = datastore.key(['Order', 'c']);
    await expect(datastore.save({ key, data: { total: 1 } })).rejects.toMatchObject({ code: 14 });
    expect(await datastore.get(key)).toMatchObject([{ total: 1 }]);
  });
});
