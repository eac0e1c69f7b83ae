import { setTimeout as sleep } from 'node:timers/promises';
import { Datastore, v1 } from '@google-cloud/datastore';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LockerService } from 'nestjs-datastore-locker';
import { adoptAll } from '../adoption.js';
import { AppModule } from '../app.module.js';
import { Import } from '../import.js';
import { Entity, goProject, leftByGo, type LeftByGo } from '../left-by-go.js';
import { restore, type Place } from '../restore.js';
import { colour, type Output } from '../../surroundings/output.js';
import { findSurroundings, type Surroundings } from '../../surroundings/surroundings.js';
import { createTasksClient } from '../../surroundings/tasks-client.js';
import { DeliveryLogger } from './logger.js';
import { problemsOf, type Evidence } from './problems.js';

/** How long Go's own tasks may still come by themselves. In earnest it is ten minutes. */
const patience = '3s';
/** How long all that may take, milliseconds. Real queues take their time. */
const usualLimitMs = 180_000;

/** Takes over what a Go application left behind; resolves to the exit code. */
export async function runToTheEnd(
  environment: NodeJS.ProcessEnv,
  output: Output,
  limitMs = usualLimitMs,
): Promise<number> {
  output.line();
  output.line('  Chains that a Go application left behind are taken over in place, and go on.');
  output.line();
  const surroundings = await findSurroundings(environment, {
    project: goProject,
    // As Go's tasks do, ours go to App Engine; the emulator sends them here.
    ...(!environment['CLOUD_TASKS_EMULATOR_HOST'] && {
      variables: { LOCKER_APP_ENGINE_SERVICE: 'default' },
    }),
  });
  const place = placeFrom(environment);
  try {
    output.line(`  Datastore    ${surroundings.datastore}`);
    output.line(`  Cloud Tasks  ${surroundings.cloudTasks}`);
    return await takeOver(leftByGo(), place, surroundings, { output, limitMs });
  } finally {
    await place.tasks.close();
    await surroundings.stop();
  }
}

function placeFrom(environment: NodeJS.ProcessEnv): Place {
  const project =
    environment['LOCKER_PROJECT_ID'] ?? environment['GOOGLE_CLOUD_PROJECT'] ?? goProject;
  const isAppEngine = environment['LOCKER_APP_ENGINE_SERVICE'] !== undefined;
  return {
    project,
    datastore: new Datastore({ projectId: project }),
    tasks: createTasksClient(),
    location: environment['LOCKER_LOCATION'] ?? 'europe-west1',
    queue: environment['LOCKER_DEFAULT_QUEUE'] ?? 'default',
    baseUrl: isAppEngine ? undefined : environment['LOCKER_BASE_URL'],
  };
}

async function takeOver(
  left: LeftByGo[],
  place: Place,
  { host, port }: Surroundings,
  { output, limitMs }: { readonly output: Output; readonly limitMs: number },
): Promise<number> {
  const step = (title: string) => {
    output.line();
    output.line(colour('cyan', `  ${title}`));
  };
  step('1. The Go application is stopped and its queue paused. This is what it left.');
  await restore(left, place);
  for (const one of left) output.line(`    ${describe(one)}`);

  step('2. The Nest application is deployed. The queue is still paused.');
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  app.useLogger(new DeliveryLogger(output));
  await app.listen(port, host);
  try {
    step('3. locker.adopt(Import) has sweeps look after what Go left held or parked.');
    const locker = app.get(LockerService);
    const report = await adoptAll(locker, patience);
    output.line(
      `    seen ${report.seen}, adopted ${report.adopted}, over ${report.over}, failed ${report.failed}`,
    );

    step(`4. The queue is resumed. What has no task is dispatched by a sweep, ${patience} later.`);
    await place.tasks.resumeQueue({
      name: place.tasks.queuePath(place.project, place.location, place.queue),
    });
    await untilAllAreOver(locker, left, limitMs);
    const evidence = await Promise.all(left.map((one) => evidenceOf(one, locker, place)));
    return tell(evidence, step, output);
  } finally {
    await app.close();
  }
}

async function untilAllAreOver(
  locker: LockerService,
  left: readonly LeftByGo[],
  limitMs: number,
): Promise<void> {
  const end = Date.now() + limitMs;
  const isOver = async ({ name }: LeftByGo) =>
    (await locker.get(locker.key(Import, name)))?.lock.state === 'completed';
  while (Date.now() < end) {
    if ((await Promise.all(left.map(isOver))).every(Boolean)) return;
    await sleep(500);
    // Sweeps come by themselves, a minute or two later. This is Cloud Scheduler's way to have one now.
    await locker.recover();
  }
}

async function evidenceOf(left: LeftByGo, locker: LockerService, place: Place): Promise<Evidence> {
  const client = new v1.DatastoreClient({ ...place.datastore.options });
  const keys = [{ partitionId: {}, path: [{ kind: 'Import', name: left.name }] }];
  const [{ found }] = await client.lookup({ projectId: place.project, keys });
  await client.close();
  const { properties } = Entity.fromObject(found?.[0]?.entity ?? {});
  return { left, stored: await locker.get(locker.key(Import, left.name)), properties };
}

function describe({ name, entity, tasks }: LeftByGo): string {
  const { properties } = Entity.decode(entity);
  const seq = Number(properties['lock_seq']?.integerValue);
  const isHeld = properties['lock_req']?.stringValue !== '';
  const stands =
    seq === -1 ? 'completed' : `${isHeld ? 'held by a request that died' : 'ready'}, step ${seq}`;
  const queued = tasks.map(({ headers }) => `task ${headers['X-Lock-Seq']} in the queue`);
  return `Import "${name}"`.padEnd(18) + stands.padEnd(38) + (queued.join() || 'no task');
}

function tell(
  evidence: readonly Evidence[],
  step: (title: string) => void,
  output: Output,
): number {
  step('5. What is stored now.');
  for (const { left, stored } of evidence)
    output.line(
      `    ${`Import "${left.name}"`.padEnd(18)}${stored?.lock.state ?? 'gone'}, steps ${stored?.steps.join(' ') ?? ''}`,
    );
  output.line();
  const problems = evidence.flatMap(problemsOf);
  for (const problem of problems) output.line(colour('red', `  ✘ ${problem}`));
  if (problems.length > 0) return 1;
  const told = `All ${evidence.length} are completed, each step ran once and in order, and nothing else of them has changed.`;
  output.line(colour('green', `  ✔ ${told}`));
  return 0;
}
