import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  developedWith,
  install,
  nodeIn,
  nodePackage,
  olderNode,
  oldestPeers,
  pack,
  runApplication,
  temporaryDirectory,
} from './install.mjs';

const peers = [
  {
    title: 'NestJS 12 and the newest clients',
    packages: developedWith(
      '@google-cloud/datastore',
      '@google-cloud/tasks',
      '@nestjs/common',
      '@nestjs/config',
      '@nestjs/core',
      '@nestjs/platform-express',
      'reflect-metadata',
      'rxjs',
    ),
  },
  {
    title: 'NestJS 11 and the oldest clients',
    packages: oldestPeers,
  },
];

for (const { title, packages } of peers)
  describe(`the packed package on ${title}`, () => {
    const { directory, remove } = temporaryDirectory();
    before(() =>
      install(directory, [pack(directory).tarball, nodePackage(olderNode), ...packages]),
    );
    after(remove);

    for (const type of ['module', 'commonjs'])
      for (const [version, node] of [
        [process.version, process.execPath],
        [`v${olderNode}`, nodeIn(directory)],
      ])
        it(`compiles in and runs a chain of an application of type ${type}, on Node ${version}`, () => {
          const output = runApplication(directory, type, node);
          assert.deepEqual(JSON.parse(output.trim().split('\n').at(-1)), {
            node: version,
            steps: ['charge', 'confirm'],
          });
        });
  });
