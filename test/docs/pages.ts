import { globSync, readFileSync } from 'node:fs';
import { anchorOf } from '../../docs/.vitepress/pages.js';

/** Everything that is written for readers, by its path from the repository's root. */
export const documents = globSync([
  '*.md',
  'docs/*.md',
  'sample/{,*/}README.md',
  'bench/README.md',
  'lib/emulator/README.md',
  'test/{chaos,model,simulation}/README.md',
]).toSorted();

/** The text of a file of the repository. */
export function read(file: string): string {
  return readFileSync(file, 'utf8');
}

/** A block of code in a document. */
export interface Block {
  readonly language: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

/** The blocks of code of a document. */
export function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? '',
    line: text.slice(0, match.index).split('\n').length + 1,
    code: match[2] ?? '',
  }));
}

/** A document without its blocks of code. */
export function proseOf(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '');
}

/** The anchors of a document's headings. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = anchorOf(heading.replaceAll(/`|\*|\]\([^)]*\)|\[/g, ''));
    let free = anchor;
    for (let again = 1; anchors.has(free); again++) free = `${anchor}-${again}`;
    anchors.add(free);
  }
  return anchors;
}
