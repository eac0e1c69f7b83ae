import { describe, expect, it } from 'vitest';
import { releaseProblems } from '../../scripts/release-problems.js';

const ready = {
  version: '1.2.0',
  changelog:
    '# Changelog\n\n## Unreleased\n\n## 1.2.0, 2026-12-01\n\n- Something new.\n\n## 1.1.0\n\n- Old.\n',
  status: '',
  branch: 'main',
  tags: ['v1.1.0'],
};

describe('a release', () => {
  it('is made of a clean main, whose changelog tells of it', () => {
    expect(releaseProblems(ready)).toEqual([]);
  });

  it.each([
    ['uncommitted changes', { status: ' M README.md' }, /not committed/],
    ['another branch', { branch: 'topic' }, /this is topic/],
    ['a version that is tagged', { tags: ['v1.2.0'] }, /tagged already/],
    ['a version that is none', { version: 'next' }, /is no version/],
    ['a version that the changelog does not have', { version: '1.3.0' }, /no section "## 1.3.0"/],
    [
      'a changelog that says nothing',
      { changelog: '## 1.2.0\n\n## 1.1.0\n\n- Old.\n' },
      /says nothing/,
    ],
    [
      'what is still unreleased',
      { changelog: '## Unreleased\n\n- New.\n\n## 1.2.0\n\n- A.\n' },
      /under "Unreleased"/,
    ],
  ])('is refused for %s', (_, change, problem) => {
    expect(releaseProblems({ ...ready, ...change }).join('\n')).toMatch(problem);
  });
});
