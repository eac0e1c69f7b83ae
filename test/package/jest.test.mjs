import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  install,
  nodeIn,
  nodePackage,
  olderNode,
  oldestPeers,
  pack,
  root,
  temporaryDirectory,
} from './install.mjs';

const page = readFileSync(join(root, 'docs/testing.md'), 'utf8');
const blocks = (language) =>
  [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter((block) => block[1] === language)
    .map(([, , code]) => code);
const [suite] = blocks('ts');
const [flags, modules] = blocks('json').map((code) => JSON.parse(code));
const [, options] = /^NODE_OPTIONS=(\S+) jest$/.exec(flags.scripts.test);

/** What `nest new` of NestJS 11 writes into package.json. */
const standard = {
  moduleFileExtensions: ['js', 'json', 'ts'],
  rootDir: 'src',
  testRegex: '.*\\.spec\\.ts$',
  transform: { '^.+\\.(t|j)s$': 'ts-jest' },
  testEnvironment: 'node',
};

/** And, as far as it matters, into tsconfig.json. */
const compilerOptions = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  esModuleInterop: true,
  isolatedModules: true,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  target: 'ES2023',
  skipLibCheck: true,
};

describe('the testing kit under Jest, in a CommonJS application on NestJS 11', () => {
  const { directory, remove } = temporaryDirectory();
  before(() =>
    install(directory, [
      pack(directory).tarball,
      nodePackage(olderNode),
      ...oldestPeers,
      '@nestjs/testing@11.0.0',
      'jest@30.5.2',
      'ts-jest@29.4.15',
      'typescript@5.9.3',
      '@types/jest@30.0.0',
      '@types/node@22.20.0',
    ]),
  );
  after(remove);

  /** Runs the test of docs/testing.md, as it says there how to do that. */
  const jest = (settings, node, flag = options) => {
    const home = mkdtempSync(join(directory, 'jest-'));
    const file = (name) => join(home, name);
    writeFileSync(file('package.json'), JSON.stringify({ private: true, jest: settings }));
    writeFileSync(file('tsconfig.json'), JSON.stringify({ compilerOptions }));
    cpSync(join(root, 'test/testing/docs/orders.ts'), file('src/orders.ts'), { recursive: true });
    const spec = suite.replace(/^import .* from 'vitest';\n/m, '').replace('orders.js', 'orders');
    writeFileSync(file('src/orders.spec.ts'), spec);
    const report = file('report.json');
    const program = join(directory, 'node_modules/jest/bin/jest.js');
    const args = [...(flag ? [flag] : []), program, '--json', `--outputFile=${report}`];
    const env = { ...process.env, METADATA_SERVER_DETECTION: 'none', NODE_OPTIONS: '' };
    const { stderr } = spawnSync(node, args, { cwd: home, env, encoding: 'utf8' });
    assert.ok(existsSync(report), stderr);
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, message: testResults.map((one) => one.message).join() };
  };
  const passed = { passed: 2, message: '' };

  it('needs a flag and no more, with the Node of this repository', () => {
    assert.deepEqual(jest(standard, process.execPath), passed);
  });

  it('says what is wrong without the flag', () => {
    const { message } = jest(standard, process.execPath, '');
    assert.match(message, /Must use import to load ES Module/);
  });

  it('needs tests that are ES modules, with an older Node', () => {
    const node = nodeIn(directory);
    assert.match(jest(standard, node).message, /Must use import to load ES Module/);
    assert.deepEqual(jest(modules, node), passed);
    assert.deepEqual(jest(modules, process.execPath), passed);
  });
});
