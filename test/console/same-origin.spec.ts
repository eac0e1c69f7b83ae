import { describe, expect, it } from 'vitest';
import { foreignness } from '../../lib/console/same-origin.js';

const own = { 'x-locker-console': '1', host: 'shop.example' };

describe('a request that changes something', () => {
  it.each([
    ['of the page itself', { 'sec-fetch-site': 'same-origin', origin: 'https://shop.example' }],
    [
      'of the page behind a proxy with another name',
      { 'sec-fetch-site': 'same-origin', origin: 'https://public.example' },
    ],
    ['of the page over HTTP', { origin: 'http://shop.example' }],
    ['of no browser', {}],
  ])('is let in: %s', (_, headers) => {
    expect(foreignness('POST', { ...own, ...headers })).toBeUndefined();
  });

  it.each([
    ['of another site', { 'sec-fetch-site': 'cross-site' }, /cross-site/],
    [
      'of a sibling',
      { 'sec-fetch-site': 'same-site', origin: 'https://blog.shop.example' },
      /same-site/,
    ],
    ['of the address bar', { 'sec-fetch-site': 'none' }, /none/],
    ['of another origin over HTTP', { origin: 'http://evil.example' }, /evil/],
    ['of another port over HTTP', { origin: 'http://shop.example:81' }, /:81/],
    ['of a sandboxed frame', { origin: 'null' }, /null/],
    [
      'without the header of the page',
      { 'sec-fetch-site': 'same-origin', 'x-locker-console': undefined },
      /x-locker-console/,
    ],
    ['of a form, which says neither', { 'x-locker-console': undefined }, /x-locker-console/],
  ])('is refused: %s', (_, headers, reason) => {
    expect(foreignness('POST', { ...own, ...headers })).toMatch(reason);
  });
});

describe('a request that reads', () => {
  it('needs no header of the page, but comes from no other site', () => {
    expect(foreignness('GET', { host: 'shop.example' })).toBeUndefined();
    expect(foreignness('GET', { 'sec-fetch-site': 'cross-site' })).toMatch(/cross-site/);
  });
});
