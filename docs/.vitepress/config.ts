import { chdir } from 'node:process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type MarkdownRenderer } from 'vitepress';
import { navigation } from './navigation.js';
import { anchorOf, destinationOf, pageOf } from './pages.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
chdir(root);

export default defineConfig({
  title: 'nestjs-datastore-locker',
  description: 'Once-only, ordered chains of Cloud Tasks for NestJS.',
  lang: 'en',
  srcDir: '..',
  // No page of the site; "pageOf" names those that are.
  srcExclude: ['README.md', 'test/package/**', 'test-pictures/**', 'tools/**', '{dist,dist-*}/**'],
  rewrites: (file) => pageOf(file) ?? file,
  cleanUrls: true,
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: anchorOf },
    toc: { slugify: anchorOf },
    headers: { slugify: anchorOf },
    config: (markdown) => markdown.use(linkPages),
  },
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    sidebar: [...navigation],
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Options', link: '/options' },
      { text: 'Errors', link: '/errors' },
      { text: 'API', link: '/api/', target: '_self' },
    ],
    outline: [2, 3],
    search: { provider: 'local' },
    externalLinkIcon: true,
    footer: { message: 'Apache-2.0' },
  },
});

/** Links are written as files; what is a page gets its address, and what is none is no link on the site. */
function linkPages(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('pages', ({ env, tokens }) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- VitePress gives its own pages' paths
    const { path, realPath } = env as { path: string; realPath?: string };
    const from = relative(root, realPath ?? path);
    for (const { children } of tokens)
      for (const token of children ?? []) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null;
        if (href === null) continue;
        const to = destinationOf(from, href);
        if (to.is === 'missing')
          throw new Error(`${from} links to ${to.file}, which is not there.`);
        if (to.is === 'page') token.attrSet('href', to.href);
        if (to.is === 'file') token.attrs = null;
      }
  });
}
