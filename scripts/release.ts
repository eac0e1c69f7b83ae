// npm run release: checks everything, and says what would be published. npm run release -- --publish: publishes and tags.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { releaseProblems } from './release-problems.js';

function output(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' }).trimEnd();
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'inherit' });
}

const isInEarnest = process.argv.includes('--publish');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const problems = releaseProblems({
  version,
  changelog: readFileSync('CHANGELOG.md', 'utf8'),
  status: output('git', 'status', '--porcelain'),
  branch: output('git', 'branch', '--show-current'),
  tags: output('git', 'tag', '--list').split('\n'),
});

if (problems.length > 0) {
  const list = problems.map((problem) => `- ${problem}\n`).join('');
  process.stderr.write(`${version} cannot be released:\n${list}`);
  process.exitCode = 1;
} else {
  run('bash', '.ci/run');
  run('npm', 'publish', ...(isInEarnest ? [] : ['--dry-run']));
  if (isInEarnest)
    run('git', 'tag', '--annotate', `v${version}`, '--message', `Version ${version}`);
  const next = isInEarnest
    ? 'Published and tagged. Now: git push --follow-tags'
    : 'Nothing was published. In earnest: npm run release -- --publish';
  process.stdout.write(`${next}\n`);
}
