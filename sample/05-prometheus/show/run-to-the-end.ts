import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { serveMetrics, usualPort } from '../metrics.js';
import { colour, type Output } from '../../surroundings/output.js';
import { findSurroundings } from '../../surroundings/surroundings.js';
import { beginAll, watch } from './chains.js';
import { tellFigures, tellInvoice } from './story.js';
import { TallyLogger } from './tally-logger.js';

/** What a run may be told besides. */
export interface RunOptions {
  /** How long the chains may take, milliseconds. Real queues take their time. */
  readonly patienceMs?: number;
  /** Resolves when the application may end. Default: at once. */
  readonly stay?: () => Promise<void>;
}

/** Runs chains, scrapes what is measured of them, and compares that with what is known of them. Resolves to the exit code. */
export async function runToTheEnd(
  environment: NodeJS.ProcessEnv,
  output: Output,
  { patienceMs = 120_000, stay = () => Promise.resolve() }: RunOptions = {},
): Promise<number> {
  const { host, port, ...surroundings } = await findSurroundings(environment, {
    project: 'prometheus-sample',
  });
  const metricsPort = Number(environment['OTEL_EXPORTER_PROMETHEUS_PORT'] ?? usualPort);
  const ends = [surroundings.stop];
  try {
    const metrics = await serveMetrics(host, metricsPort);
    ends.unshift(metrics.stop);
    output.line();
    output.line('  Six invoices are rendered and mailed. This is what Prometheus sees of it.');
    output.line();
    output.line(`  Datastore    ${surroundings.datastore}`);
    output.line(`  Cloud Tasks  ${surroundings.cloudTasks}`);
    output.line(`  Metrics      ${metrics.url}`);
    const logger = new TallyLogger();
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    ends.unshift(() => app.close());
    app.useLogger(logger);
    await app.listen(port, host);
    const exitCode = await judge(app, logger, { output, patienceMs, url: metrics.url });
    await stay();
    return exitCode;
  } finally {
    for (const end of ends) await end();
  }
}

async function judge(
  app: INestApplication,
  logger: TallyLogger,
  told: { readonly output: Output; readonly patienceMs: number; readonly url: string },
): Promise<number> {
  const { output } = told;
  const keys = await beginAll(app);
  const { invoices, counted, scraped, problems } = await watch(app, keys, logger, told);
  output.line();
  output.line('  The invoices, as Datastore has them');
  for (const invoice of invoices) tellInvoice(invoice, output);
  output.line();
  output.line('  What Prometheus scrapes, and whether that is what Datastore and the log say');
  tellFigures(counted, scraped, output);
  output.line();
  for (const problem of problems) output.line(colour('red', `  ✘ ${problem}`));
  if (problems.length > 0) return 1;
  output.line(
    colour(
      'green',
      '  ✔ Every figure is what happened. alerts.yml would tell of the run that failed.',
    ),
  );
  return 0;
}
