import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import type { Output } from '../../surroundings/output.js';
import { StoryLogger } from './story-logger.js';
import { findSurroundings } from '../../surroundings/surroundings.js';

/** The sample, serving. */
export interface Started {
  readonly app: INestApplication;
  readonly logger: StoryLogger;
  readonly url: string;
  /** Closes the application, then what was started for it. Nothing is left that keeps the process alive. */
  readonly stop: () => Promise<void>;
}

/** Starts the application, and an emulator for it if nothing else is named; says where everything is. */
export async function start(
  environment: NodeJS.ProcessEnv,
  output: Output,
  port?: number,
): Promise<Started> {
  const surroundings = await findSurroundings(environment, {
    project: 'counter-sample',
    ...(port !== undefined && { port }),
  });
  try {
    const logger = new StoryLogger(output);
    // A failure to start is told by whoever called, once.
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    app.useLogger(logger);
    await app.listen(surroundings.port, surroundings.host);
    const url = `http://127.0.0.1:${surroundings.port}`;
    output.line(`  Datastore    ${surroundings.datastore}`);
    output.line(`  Cloud Tasks  ${surroundings.cloudTasks}`);
    output.line(`  Application  ${url}`);
    output.line();
    return {
      app,
      logger,
      url,
      stop: async () => {
        await app.close();
        await surroundings.stop();
      },
    };
  } catch (error) {
    await surroundings.stop();
    throw error;
  }
}
