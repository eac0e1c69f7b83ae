import { existsSync } from 'node:fs';
import { posix } from 'node:path';

/** Where pages of the site are outside of `docs/`, so that they are written once and read here and beside the code. */
const elsewhere: Readonly<Record<string, string>> = {
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'SECURITY.md': 'reporting.md',
  'bench/README.md': 'benchmarks.md',
  'lib/emulator/README.md': 'emulator-inside.md',
  'sample/README.md': 'samples/index.md',
  'test/chaos/README.md': 'chaos.md',
  'test/model/README.md': 'model.md',
  'test/simulation/README.md': 'simulation.md',
};

/** The site's page that a file of the repository is; undefined: it is none. Both are paths without a leading slash. */
export function pageOf(file: string): string | undefined {
  const [, sample] = /^sample\/([\w-]+)\/README\.md$/.exec(file) ?? [];
  if (sample) return `samples/${sample}.md`;
  const [, page] = /^docs\/([\w-]+\.md)$/.exec(file) ?? [];
  return page ?? elsewhere[file];
}

/** What a link in a file leads to. `file`: a file of the repository that is no page. */
export type Destination =
  | { readonly is: 'page'; readonly href: string; readonly file: string; readonly anchor: string }
  | { readonly is: 'file'; readonly file: string }
  | { readonly is: 'outside' }
  | { readonly is: 'missing'; readonly file: string };

/**
 * Where a link leads, as it is written for who reads the file itself.
 *
 * @param from the file that it is in, a path from the repository's root
 */
export function destinationOf(from: string, href: string): Destination {
  if (/^[a-z]+:/.test(href) || href.startsWith('/')) return { is: 'outside' };
  const [path = '', anchor = ''] = href.split('#');
  const file = path === '' ? from : posix.normalize(posix.join(posix.dirname(from), path));
  const page = pageOf(file);
  if (!existsSync(file)) return { is: 'missing', file };
  if (!page) return { is: 'file', file };
  const address = `/${page.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}`;
  return { is: 'page', href: anchor ? `${address}#${anchor}` : address, file, anchor };
}

/** A heading's anchor, by the rule that Git hosts go by, so that a link works there and here. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}
