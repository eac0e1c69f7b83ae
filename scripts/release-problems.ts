/** What a release is made of. */
export interface ReleaseState {
  readonly version: string;
  readonly changelog: string;
  /** As `git status --porcelain` tells it. */
  readonly status: string;
  readonly branch: string;
  readonly tags: readonly string[];
}

/** What keeps a version from being released, a sentence each; empty: nothing does. */
export function releaseProblems(state: ReleaseState): string[] {
  const { version, changelog, status, branch, tags } = state;
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/[\s,]/)[0] === version);
  const unreleased = sections.find((text) => text.startsWith('Unreleased'));
  const problems: (string | false)[] = [
    !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) && `"${version}" is no version.`,
    branch !== 'main' && `Releases are made of main, and this is ${branch || 'no branch'}.`,
    status !== '' && `There are changes that are not committed:\n${status}`,
    tags.includes(`v${version}`) &&
      `Version ${version} is tagged already. Raise it in package.json.`,
    !section && `CHANGELOG.md has no section "## ${version}".`,
    section?.includes('\n- ') === false && `CHANGELOG.md says nothing of ${version}.`,
    unreleased?.includes('\n- ') === true &&
      `CHANGELOG.md has something under "Unreleased": move it to "## ${version}".`,
  ];
  return problems.filter((problem) => problem !== false);
}
