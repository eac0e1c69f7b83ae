import { readFile } from 'node:fs/promises';
import { NotFoundException } from '@nestjs/common';

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly content: string;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * A file of the folder `browser`, with `{{name}}` replaced.
 *
 * @throws NotFoundException for a name that no such file has
 */
export async function readAsset(
  name: string,
  values: Readonly<Record<string, string>> = {},
): Promise<Asset> {
  const [, ending = ''] = /^[a-z-]+\.(html|js|css|svg)$/.exec(name) ?? [];
  const type = types[ending];
  if (type === undefined) throw new NotFoundException();
  try {
    const content = await readFile(new URL(`browser/${name}`, import.meta.url), 'utf8');
    return {
      type,
      content: content.replaceAll(/\{\{(\w+)\}\}/g, (_, key: string) => values[key] ?? ''),
    };
  } catch {
    throw new NotFoundException();
  }
}
