import { refusal } from './refusals.js';

/** A page token: the name after which the next page begins. */
export function encodePageToken(name: string): string {
  return Buffer.from(name).toString('base64url');
}

/** The name in a page token; empty for the first page. */
export function decodePageToken(token: string | undefined): string {
  const name = Buffer.from(token ?? '', 'base64url').toString();
  if (token && encodePageToken(name) !== token) throw refusal.invalid('The page token is invalid.');
  return name;
}
