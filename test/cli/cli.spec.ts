import { describe, expect, it } from 'vitest';
import { emulatorCommand } from '../../lib/cli/emulator-arguments.js';
import { ChildProgram } from '../emulator/child-program.js';
import { officialTasksClient } from '../emulator/official-client.js';
import { WebTarget } from '../emulator/tasks/web-target.js';
import { runHere } from './run-here.js';

const anyPorts = ['--datastore-port', '0', '--tasks-port', '0', '--control-port', '0'];

describe('the program', () => {
  it('runs as a process: says how to find it, tells of dispatches, takes faults, ends by Ctrl-C', async () => {
    const target = new WebTarget((response) => response.writeHead(204).end());
    const url = await target.start();
    const child = new ChildProgram('emulator', ...anyPorts, '--queue', 'slow:5');
    const host = await child.tasksHost();
    expect((await child.line(/DATASTORE_EMULATOR_HOST=(.*)/))[1]).toMatch(/^127\.0\.0\.1:\d+$/);
    const [, control = ''] = await child.line(/(http:[^ ]+)\/faults/);
    const fault = { fault: 'drop-response', times: 1 };
    await fetch(`${control}/faults`, { method: 'POST', body: JSON.stringify(fault) });

    const client = officialTasksClient(host);
    const parent = 'projects/p/locations/l/queues/slow';
    await client.createTask({
      parent,
      task: { name: `${parent}/tasks/t`, httpRequest: { url: `${url}/work` } },
    });
    expect(await client.getQueue({ name: parent })).toMatchObject([
      { rateLimits: { maxDispatchesPerSecond: 5 } },
      null,
      null,
    ]);
    await child.line(/ slow t attempt 1: no answer in \d+ ms, http.*\/work$/);
    await child.line(/ slow t attempt 2: 204 in \d+ ms, http.*\/work$/);
    await client.close();
    expect(await child.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(child.errors).toEqual([]);
    await target.stop();
  });

  it('says what is wrong with its arguments, shows its usage, and ends with 2', async () => {
    const child = new ChildProgram('emulator', '--tasks-port', 'x');
    expect(await child.ended()).toEqual({ code: 2, signal: null });
    expect(child.lines).toEqual([]);
    expect(child.errors[0]).toBe("--tasks-port: expected a number from 0 to 65535, got 'x'.");
    expect(child.errors.join('\n')).toContain('Usage: nestjs-datastore-locker emulator');
  });

  it.each([
    { args: [], error: 'A command is missing.' },
    { args: ['emulate'], error: "There is no command 'emulate'." },
    { args: ['emulator', '--nonsense'], error: "Unknown option '--nonsense'" },
    { args: ['emulator', 'extra'], error: "Too many arguments for 'emulator'." },
    { args: ['emulator', '--data'], error: "'--data <value>' argument missing" },
    { args: ['emulator', '--datastore-port', '65536'], error: "to 65535, got '65536'" },
    { args: ['emulator', '--concurrency', 'hopeful'], error: "got 'hopeful'" },
    {
      args: ['emulator', '--app-engine-host', 'localhost'],
      error: 'expected an http or https URL',
    },
    { args: ['emulator', '--queue', 'no/good'], error: "--queue: expected an id such as 'slow'" },
    { args: ['emulator', '--queue', 'slow:0'], error: '--queue slow: expected a rate above 0' },
    { args: ['emulator', '--queue', 'slow:501'], error: "up to 500 a second, got '501'" },
    { args: ['emulator', '--queue', 'slow:x'], error: "got 'x'" },
  ])('refuses $args', async ({ args, error }) => {
    const { code, output, errors } = await runHere(args);
    expect(code).toBe(2);
    expect(output).toBe('');
    expect(errors).toContain(error);
    expect(errors).toContain('Usage:');
  });

  it.each([
    [['--help'], /^ +list .*\n +show [^]* +retry [^]* +cancel [^]* +recover [^]* +emulator /m],
    [['-h'], /Exit codes: 0 done, 1 failed, 2 called wrongly\./],
    [['emulator', '--help'], /--queue NAME\[:RATE\]/],
    [['show', '--help'], /Order\/42/],
    [['retry', '-h'], /--path \[TASK=\]PATH[^]*LOCKER_LOCATION/],
  ])('shows its usage: %s', async (args, text) => {
    const { code, output, errors } = await runHere(args);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(text);
  });

  it('ends with 1 if the emulator cannot start', async () => {
    const result = await runHere(['emulator', ...anyPorts, '--data', '/no/such/folder/file']);
    expect(result).toMatchObject({
      code: 1,
      errors: 'Cannot keep data in /no/such/folder/file: unable to open database file.',
    });
  });

  it('ends with 1 if a port is taken, and names it', async () => {
    const target = new WebTarget();
    const { port } = new URL(await target.start());
    const result = await runHere(['emulator', ...anyPorts, '--control-port', port]);
    expect(result).toMatchObject({
      code: 1,
      errors: expect.stringContaining(
        `Port ${port} cannot be opened. (listen EADDRINUSE`,
      ) as string,
    });
    await target.stop();
  });

  it('has ports that are known, and takes queues by id and by full name', () => {
    const full = 'projects/example.com:p/locations/europe-west1/queues/q';
    let options: unknown;
    const command = emulatorCommand((given) => {
      options = given;
    });
    command.parse(['--queue', full, '--queue', `${full}:0.5`], { from: 'user' });
    expect(options).toEqual({
      datastorePort: 8081,
      tasksPort: 8123,
      controlPort: 8124,
      concurrency: 'optimistic',
      queues: [{ name: full }, { name: full, rateLimits: { maxDispatchesPerSecond: 0.5 } }],
    });
  });
});
