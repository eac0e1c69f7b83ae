import { Datastore } from '@google-cloud/datastore';
import { CloudTasksClient } from '@google-cloud/tasks';
import { afterEach, describe, expect, it } from 'vitest';
import { Connection } from '../../lib/google/connection.js';
import { DatastoreClient } from '../../lib/google/datastore-client.js';
import { TasksClient } from '../../lib/google/tasks-client.js';
import { adapters, Application, projectId } from '../support/application.js';
import { Job } from '../support/jobs.js';

/** Nothing is there. */
const keyFilename = '/nowhere/service-account.json';
const unauthenticated = 16;

describe.each(adapters)('without credentials, on %s,', (adapter) => {
  let application: Application;
  afterEach(() => application.stop());

  it('no handler runs, and whoever called is told what is missing', async () => {
    const datastore = new Datastore({ projectId, keyFilename });
    application = await Application.ofJobs({ adapter, options: { datastore } });
    const { locker, script } = application;
    const key = application.job();
    await expect(locker.schedule(key, new Job(), 'one')).rejects.toMatchObject({
      code: 'DATASTORE_UNAVAILABLE',
      message: expect.stringContaining('no credentials for Google Cloud') as string,
    });
    const run = '0'.repeat(32);
    const { status, headers } = await application.deliver({ key, task: 'one', run, step: 1 });
    expect([status, headers.get('retry-after')]).toEqual([503, '30']);
    expect(script.of(key)).toEqual([]);
    expect(application.logged('warn').join()).toContain('no credentials for Google Cloud');
  });

  it('a start is stored, and says that its task is not there yet', async () => {
    const tasks = new CloudTasksClient({ projectId, keyFilename });
    // It has nothing to close, and says so.
    tasks.close = () => Promise.resolve();
    application = await Application.ofJobs({ adapter, options: { tasks } });
    const key = application.job();
    const scheduled = await application.locker.schedule(key, new Job(), 'one');
    expect(scheduled).toMatchObject({ started: true, dispatched: false });
    expect(application.alerts).toMatchObject([
      {
        type: 'misconfigured',
        message: expect.stringContaining('no credentials for Google Cloud') as string,
      },
    ]);
    expect(await application.lock(key)).toMatchObject({ state: 'ready' });
  });
});

describe('a client that finds no credentials', () => {
  it('says so to its caller alone, every time', async () => {
    const datastore = new DatastoreClient(new Datastore({ projectId, keyFilename }));
    const tasks = new TasksClient(() => new CloudTasksClient({ projectId, keyFilename }));
    for (let call = 0; call < 2; call++) {
      await expect(datastore.lookup({ projectId, keys: [] })).rejects.toMatchObject({
        code: unauthenticated,
      });
      await expect(tasks.getQueue({ name: 'q' })).rejects.toMatchObject({ code: unauthenticated });
    }
    await datastore.close();
    await tasks.close();
  });

  it('looks again with the next call, and keeps what it found', async () => {
    const answers = [new Error('no metadata server yet'), undefined];
    let opened = 0;
    const connection = new Connection(() => {
      const error = answers[opened++];
      return {
        initialize: () => (error ? Promise.reject(error) : Promise.resolve()),
        close: () => Promise.resolve(),
      };
    });
    await expect(connection.ready()).rejects.toMatchObject({ code: unauthenticated });
    expect(await connection.ready()).toBe(await connection.ready());
    expect(opened).toBe(2);
  });
});
