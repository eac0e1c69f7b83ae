import { keyFromText } from '../datastore/key-from-text.js';
import { keyText } from '../datastore/keys.js';
import type { EntityAddress } from '../datastore/entity-address.js';
import type { KeyProto } from '../google/datastore-api.js';
import { decodeLockKey } from '../tasks/lock-key.js';
import { UsageError } from './usage-error.js';

/** A key as somebody wrote it, and where it says itself that it is. */
export interface KeyArgument extends Partial<Omit<EntityAddress, 'key'>> {
  readonly key: KeyProto;
}

/**
 * Reads `Order/42`, `Order/abc`, `Order/"42"`, with ancestors before and `namespace:` in front; or what a task's header
 * `X-Lock-Key` holds, or Google's urlsafe form.
 *
 * @param namespace where a key is that does not say it itself
 */
export function parseKey(text: string, namespace: string | undefined): KeyArgument {
  const address = text.includes('/') ? undefined : decoded(text);
  const key = address ? address.key : keyFromText(quoted(text));
  if (!key)
    throw new UsageError(
      `'${text}' is no key; expected one such as Order/42, Order/abc or Shop/main/Order/42.`,
    );
  const own = key.partitionId?.namespaceId ?? '';
  if (namespace === undefined || own === namespace) return { ...address, key };
  if (own !== '')
    throw new UsageError(`${keyText(key)} is in another namespace than --namespace ${namespace}.`);
  return { ...address, key: { ...key, partitionId: { namespaceId: namespace } } };
}

/** The text with quotes around every name, as keys are shown. */
function quoted(text: string): string {
  const parts = text.match(/"(?:[^"\\]|\\.)*"|[^/"]+/g) ?? [];
  if (parts.join('/') !== text) return text;
  return parts.map((part, index) => (index % 2 === 1 ? identifier(part) : part)).join('/');
}

function identifier(part: string): string {
  return /^(\d{1,19}$|")/.test(part) ? part : JSON.stringify(part);
}

function decoded(text: string): Partial<EntityAddress> {
  try {
    return decodeLockKey(text);
  } catch {
    return {};
  }
}
