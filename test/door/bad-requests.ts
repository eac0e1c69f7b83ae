import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { Key } from '@google-cloud/datastore';
import { keyToProto } from '../../lib/datastore/keys.js';
import { encodeLockKey } from '../../lib/tasks/lock-key.js';
import { projectId } from '../support/application.js';
import type { RawHeaders } from './request-to-tasks.js';
import type { TokenChanges, TokenIssuer } from './token-issuer.js';

export const account = 'tasks@test-project.iam.gserviceaccount.com';
export const scheduler = 'scheduler@test-project.iam.gserviceaccount.com';
export const audience = 'https://orders.example';

/** What there is to attack. */
export interface Prey {
  readonly issuer: TokenIssuer;
  readonly stranger: TokenIssuer;
  readonly key: Key;
  readonly run: string;
}

/** What a request is made of besides what a genuine one has. */
export interface Attack {
  readonly headers?: RawHeaders;
  readonly path?: string;
  readonly body?: string;
  readonly method?: string;
}

const now = Math.floor(Date.now() / 1_000);
const own = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const bearer = (token: string): Attack => ({ headers: { authorization: `Bearer ${token}` } });
const changed =
  (changes: TokenChanges, email = account, to = audience) =>
  ({ issuer }: Prey) =>
    bearer(issuer.token(email, to, changes));
const claiming = (claims: Record<string, unknown>) => changed({ claims });
const shown = (authorization: string | undefined) => () => ({ headers: { authorization } });
const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that is signed with the public key as if that were a secret, as naive verifiers accept it. */
function confused({ issuer }: Prey): Attack {
  const [, claims] = issuer.token(account, audience).split('.');
  const content = `${json({ alg: 'HS256', kid: 'known', typ: 'JWT' })}.${claims}`;
  const secret = issuer.publicKey.export({ format: 'pem', type: 'spki' });
  return bearer(`${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`);
}

/** Requests that prove nothing: who sends them learns nothing, and nothing is read for them. */
export const strangers: readonly (readonly [
  title: string,
  attack: (prey: Prey) => Attack,
  status: number,
])[] = [
  ['no token', shown(undefined), 401],
  ['an empty header', shown(''), 401],
  ['a bare scheme', shown('Bearer'), 401],
  ['another scheme', shown('Basic YWRtaW46YWRtaW4='), 401],
  ['an opaque token', shown('Bearer ya29.c.b0Aaekm1Kxyz'), 401],
  ['a token of dots', shown('Bearer ..'), 401],
  ['a token of noise', shown('Bearer bm9pc2U.bm9pc2U.bm9pc2U'), 401],
  ['a token of nulls', shown(`Bearer ${json(null)}.${json(null)}.AAAA`), 401],
  ['a token of numbers', shown(`Bearer ${json(1)}.${json(1)}.AAAA`), 401],
  ['a token of 8,000 letters', shown(`Bearer ${'a'.repeat(8_000)}.b.c`), 401],
  ['two tokens', shown('Bearer a.b.c, Bearer d.e.f'), 401],
  ['a token without signature', changed({ signature: '' }), 401],
  ['a signature of zeros', changed({ signature: 'A'.repeat(342) }), 401],
  ['a signature by another key', changed({ key: own }), 401],
  ['an unknown key', changed({ header: { kid: 'other' } }), 401],
  ['no key', changed({ header: { kid: undefined } }), 401],
  ['a key of the prototype', changed({ header: { kid: '__proto__' } }), 401],
  ['a key by address', changed({ key: own, header: { jku: 'http://127.0.0.1:1/keys' } }), 401],
  ['alg none', changed({ header: { alg: 'none' }, signature: '' }), 401],
  ['alg NONE, with something', changed({ header: { alg: 'NONE' }, signature: 'AAAA' }), 401],
  ['alg ES256', changed({ header: { alg: 'ES256' } }), 401],
  ['the public key as a secret', confused, 401],
  ['Cloud Run as a witness', changed({ signature: 'SIGNATURE_REMOVED_BY_GOOGLE' }), 401],
  ['an expired token', claiming({ iat: now - 7_200, exp: now - 3_600 }), 401],
  ['a token that is just over', claiming({ iat: now - 4_000, exp: now - 400 }), 401],
  ['a token of tomorrow', claiming({ iat: now + 86_400, exp: now + 90_000 }), 401],
  ['a token for ever', claiming({ exp: now + 10 * 86_400 }), 401],
  ['no expiry', claiming({ exp: undefined }), 401],
  ['no issue time', claiming({ iat: undefined }), 401],
  ['an expiry in words', claiming({ exp: 'never' }), 401],
  ['another issuer', claiming({ iss: 'https://accounts.example' }), 401],
  ['Google as the issuer', claiming({ iss: 'https://accounts.google.com' }), 401],
  ['no issuer', claiming({ iss: undefined }), 401],
  ['an issuer of their own', ({ stranger }) => bearer(stranger.token(account, audience)), 401],
  ['another audience', changed({}, account, 'https://other.example'), 401],
  ['the audience and a slash', changed({}, account, `${audience}/`), 401],
  ['the audience in capitals', changed({}, account, audience.toUpperCase()), 401],
  ['a list of audiences', claiming({ aud: [audience] }), 401],
  ['no audience', claiming({ aud: undefined }), 401],
  ['another account', changed({}, 'mallory@evil.iam.gserviceaccount.com'), 403],
  ['an account of the same name elsewhere', changed({}, account.replace('test-', 'evil-')), 403],
  ['the account in capitals', changed({}, account.toUpperCase()), 403],
  ['the account and a space', changed({}, `${account} `), 403],
  ['a list of accounts', claiming({ email: [account] }), 403],
  ['no account', claiming({ email: undefined }), 403],
  ['an account that only is the subject', claiming({ email: undefined, sub: account }), 403],
  ['an address that is not verified', claiming({ email_verified: false }), 403],
  ['an address that is verified in words', claiming({ email_verified: 'true' }), 403],
  ['an address of which nothing is said', claiming({ email_verified: undefined }), 403],
  [
    'headers of App Engine',
    () => ({
      headers: {
        authorization: undefined,
        'x-appengine-queuename': 'default',
        'x-appengine-taskname': 'task',
        'x-appengine-user-is-admin': '1',
        'user-agent': 'AppEngine-Google; (+http://code.google.com/appengine)',
      },
    }),
    401,
  ],
  [
    'headers of Cloud Tasks, from its address',
    () => ({
      headers: {
        authorization: undefined,
        'user-agent': 'Google-Cloud-Tasks',
        'x-forwarded-for': '0.1.0.2',
        'x-google-cloud-tasks': '1',
      },
    }),
    401,
  ],
  [
    'a token where Cloud Run would look',
    ({ issuer }) => ({
      headers: {
        authorization: undefined,
        'x-serverless-authorization': `Bearer ${issuer.token(account, audience)}`,
      },
    }),
    401,
  ],
  [
    'a token in the address',
    ({ issuer }) => ({
      headers: { authorization: undefined },
      path: `/tasks/one?access_token=${issuer.token(account, audience)}`,
    }),
    401,
  ],
  ['the sweep', () => ({ headers: { authorization: undefined }, path: '/locker/sweep' }), 401],
  [
    'the sweep, by another account',
    ({ issuer }) => ({
      ...bearer(issuer.token('mallory@evil.iam.gserviceaccount.com', audience)),
      path: '/locker/sweep',
    }),
    403,
  ],
];

/** Requests of an account that is let in, which are nevertheless not to change anything. */
export const insiders: readonly (readonly [
  title: string,
  attack: (prey: Prey) => Attack,
  status: number,
  outcome: string,
])[] = [
  ...(
    [
      ['another project', { projectId: 'other-project' }],
      ['another database', { databaseId: 'other' }],
      ['another namespace', { namespace: 'tenant-b' }],
      ['another kind', { path: [{ kind: 'Order', id: '1' }] }],
      ['another kind below this one', { below: { kind: 'Secret', id: '1' } }],
    ] as const
  ).map(
    ([title, changes]) =>
      [
        `a key of ${title}`,
        ({ key }: Prey): Attack => ({ headers: { 'x-lock-key': forged(key, changes) } }),
        200,
        'unreadable',
      ] as const,
  ),
  ['a guessed run', run('0'.repeat(32)), 200, 'stale'],
  ['a run of the Go library', run(undefined), 200, 'stale'],
  ['a run in capitals', ({ run: id }) => run(id.toUpperCase())(), 200, 'unreadable'],
  ['a run that is a query', run("' OR 1=1 --"), 200, 'unreadable'],
  ['the step after next', step('2'), 200, 'ahead'],
  ['the last of all steps', step('999999999999999'), 200, 'ahead'],
  ['a step below 0', step('-1'), 200, 'unreadable'],
  ['half a step', step('1.5'), 200, 'unreadable'],
  ['step 0', step('0'), 200, 'unreadable'],
  ['no queue', () => ({ headers: { 'x-cloudtasks-queuename': undefined } }), 400, 'refused'],
];

function run(id: string | undefined): () => Attack {
  return () => ({ headers: { 'x-lock-run': id } });
}

function step(seq: string): () => Attack {
  return () => ({ headers: { 'x-lock-seq': seq } });
}

interface KeyChanges {
  readonly projectId?: string;
  readonly databaseId?: string;
  readonly namespace?: string;
  readonly path?: readonly { kind: string; id: string }[];
  readonly below?: { kind: string; id: string };
}

function forged(key: Key, changes: KeyChanges): string {
  const path = changes.path ?? [
    ...(keyToProto(key).path ?? []),
    ...(changes.below ? [changes.below] : []),
  ];
  return encodeLockKey({
    projectId: changes.projectId ?? projectId,
    databaseId: changes.databaseId ?? '',
    key: { partitionId: { namespaceId: changes.namespace ?? '' }, path: [...path] },
  });
}
