import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Datastore } from '@google-cloud/datastore';
import type { Output } from '../../surroundings/output.js';
import { findSurroundings } from '../../surroundings/surroundings.js';
import { createTasksClient } from '../../surroundings/tasks-client.js';
import { MailServer } from '../outside/mail-server.js';
import { PaymentProvider } from '../outside/payment-provider.js';
import { preparePassword } from '../../staff/console.js';
import { Archive } from './archive.js';
import { judge } from './judge.js';
import { Operator } from './operator.js';
import { planFrom, variables } from './plan.js';
import { Run } from './run.js';
import { Shop } from './shop.js';
import { createQueue, emulatorAsProgram } from './surroundings.js';

/**
 * Runs the shop amid trouble until every order is shipped, and judges; resolves to the exit code.
 *
 * @param isByHand whether failed orders are left to whoever sits in front of the console
 */
export async function runToTheEnd(
  environment: NodeJS.ProcessEnv,
  output: Output,
  isByHand: boolean,
): Promise<number> {
  const plan = planFrom(environment, isByHand);
  output.line();
  output.line(
    `  ${plan.orders} orders are charged, reserved, confirmed by mail and shipped. Meanwhile the shop is killed ${plan.kills} times.`,
  );
  output.line();
  const folder = mkdtempSync(join(tmpdir(), 'orders-sample-'));
  environment['NODE_COMPILE_CACHE'] ??= join(folder, 'compile-cache');
  const surroundings = await findSurroundings(environment, {
    project: 'orders-sample',
    variables,
    emulator: () => emulatorAsProgram(folder),
  });
  const provider = await PaymentProvider.start();
  const mailServer = await MailServer.start();
  const url = environment['LOCKER_BASE_URL'] ?? `http://127.0.0.1:${surroundings.port}`;
  Object.assign(environment, {
    HOST: surroundings.host,
    PORT: String(surroundings.port),
    PAYMENTS_URL: provider.url,
    SMTP_PORT: String(mailServer.port),
    LOCKER_ALERTS_CONSOLE: `${url}/locker`,
  });
  const password = preparePassword(environment);
  const shop = new Shop(url, join(folder, 'shop.log'));
  let code = 1;
  try {
    output.line(`  Datastore    ${surroundings.datastore}`);
    output.line(`  Cloud Tasks  ${surroundings.cloudTasks}`);
    output.line(`  Shop         ${url}, its log in ${folder}`);
    output.line(`  Console      ${url}/locker, as anybody with the password ${password}`);
    output.line(`  Payments     ${provider.url}`);
    output.line(`  Mail         127.0.0.1:${mailServer.port}`);
    output.line();
    if (isByHand) output.line('  Orders that fail wait until you retry them in the console.\n');
    await prepareQueue(environment);
    const archive = new Archive(new Datastore({ projectId: projectOf(environment) }));
    await archive.stockUp();
    await shop.start();
    const operator = isByHand ? undefined : new Operator(url, password);
    const run = new Run(plan, shop, operator, archive, output);
    await run.toTheEnd(() => ({
      charges: provider.charges.length,
      mails: mailServer.mails.length,
    }));
    code = await judge({ plan, shop, operator, archive, provider, mailServer }, output);
  } finally {
    await shop.end();
    await Promise.all([provider.stop(), mailServer.stop(), surroundings.stop()]);
    if (code === 0) rmSync(folder, { recursive: true });
  }
  return code;
}

async function prepareQueue(environment: NodeJS.ProcessEnv): Promise<void> {
  const tasks = createTasksClient();
  await createQueue(tasks, projectOf(environment), environment['LOCKER_LOCATION'] ?? '');
  await tasks.close();
}

function projectOf({ LOCKER_PROJECT_ID, GOOGLE_CLOUD_PROJECT = '' }: NodeJS.ProcessEnv): string {
  return LOCKER_PROJECT_ID ?? GOOGLE_CLOUD_PROJECT;
}
