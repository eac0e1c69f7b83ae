import { Datastore } from '@google-cloud/datastore';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { LockerService } from 'nestjs-datastore-locker';
import { colour, type Output } from '../../surroundings/output.js';
import { findSurroundings } from '../../surroundings/surroundings.js';
import { preparePassword } from '../../staff/console.js';
import { MapperModule } from '../mapper/mapper.module.js';
import { Archive } from './archive.js';
import { Jobs, readingsOf } from './jobs.js';
import { TroubleLogger } from './logger.js';
import { planFrom, type Plan } from './plan.js';
import { progress } from './progress.js';
import { served } from './served.js';
import { namespaces, storeReadings } from './store-readings.js';
import { problemsOf, problemsOfAborted } from './verdict.js';

/** How it is shown. */
export interface Ways {
  /** With bars. Default: `false`, with lines. */
  readonly isTerminal?: boolean;
  /** Serves on after its end, until it is told to end. Default: `false`. */
  readonly isServing?: boolean;
}

/** Has a job done and another aborted, and judges; resolves to the exit code. */
export async function runToTheEnd(
  environment: NodeJS.ProcessEnv,
  output: Output,
  { isTerminal = false, isServing = false }: Ways = {},
): Promise<number> {
  const plan = planFrom(environment);
  output.line();
  output.line(`  A job goes through ${plan.readings} entities: namespaces, shards, slices.`);
  output.line();
  const surroundings = await findSurroundings(environment, { project: 'mapper-sample' });
  const password = preparePassword(environment);
  const app = await NestFactory.create<NestExpressApplication>(MapperModule, new ExpressAdapter(), {
    logger: false,
    abortOnError: false,
  });
  try {
    app.useLogger(new TroubleLogger(output));
    await app.listen(surroundings.port, surroundings.host);
    const url = `http://127.0.0.1:${surroundings.port}`;
    output.line(`  Datastore    ${surroundings.datastore}`);
    output.line(`  Cloud Tasks  ${surroundings.cloudTasks}`);
    output.line(`  Application  ${url}`);
    output.line(`  Console      ${url}/locker, as anybody with the password ${password}`);
    const datastore = app.get(Datastore);
    const archive = new Archive(datastore);
    const jobs = new Jobs(url, plan, app.get(LockerService), archive);
    const bar = (title: string) => progress(title, plan.readings, output, isTerminal);
    const code = await new Story(plan, jobs, archive, bar, output).tell(datastore);
    if (isServing) await served(url, output);
    return code;
  } finally {
    await app.close();
    await surroundings.stop();
  }
}

class Story {
  constructor(
    private readonly plan: Plan,
    private readonly jobs: Jobs,
    private readonly archive: Archive,
    private readonly bar: (title: string) => ReturnType<typeof progress>,
    private readonly output: Output,
  ) {}

  async tell(datastore: Datastore): Promise<number> {
    await this.store(datastore);
    const problems = [...(await this.whole()), ...(await this.aborted())];
    this.output.line();
    for (const problem of problems) this.output.line(colour('red', `  ✘ ${problem}`));
    if (problems.length > 0) return 1;
    const told =
      'The job counted what a plain scan counts, and the aborted one left nothing running.';
    this.output.line(colour('green', `  ✔ ${told}`));
    return 0;
  }

  private async store(datastore: Datastore): Promise<void> {
    this.step(`${this.plan.readings} readings are stored in ${namespaces.length} namespaces.`);
    const bar = this.bar('stored ');
    let stored = 0;
    await storeReadings(datastore, this.plan.readings, (more) => bar.at((stored += more)));
    bar.end();
  }

  private async whole(): Promise<string[]> {
    this.step(`A job counts them, in ${this.plan.shardsEach} shards for each namespace.`);
    const bar = this.bar('counted');
    await this.jobs.start('whole');
    const evidence = await this.jobs.watch(
      'whole',
      ({ state }) => isOver(state),
      (readings) => bar.at(readings),
    );
    bar.end();
    const { counters, shards } = evidence;
    const slices = shards.reduce((sum, shard) => sum + shard.slices, 0);
    const scanned = await this.archive.scan(namespaces);
    this.output.line(`    ${shards.length} shards, ${slices} slices`);
    this.output.line(`    the job       ${JSON.stringify(counters)}`);
    this.output.line(`    a plain scan  ${JSON.stringify(scanned)}`);
    return problemsOf(evidence, scanned);
  }

  private async aborted(): Promise<string[]> {
    this.step('Another job is aborted on its way.');
    const bar = this.bar('counted');
    await this.jobs.start('aborted');
    const part = this.plan.readings / 10;
    await this.jobs.watch(
      'aborted',
      ({ shards }) => readingsOf(shards) >= part,
      (readings) => bar.at(readings),
    );
    await this.jobs.abort('aborted');
    const evidence = await this.jobs.watch(
      'aborted',
      ({ shards }) => shards.every((shard) => shard.isOver),
      (readings) => bar.at(readings),
    );
    bar.end();
    const { shards } = evidence;
    this.output.line(
      `    all ${shards.length} shards have ended, after ${readingsOf(shards)} readings`,
    );
    return problemsOfAborted(evidence, this.plan.readings);
  }

  private step(title: string): void {
    this.output.line();
    this.output.line(colour('cyan', `  ${title}`));
  }
}

function isOver(state: string): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}
