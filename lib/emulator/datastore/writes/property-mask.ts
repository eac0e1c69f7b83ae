import { unimplemented } from '../refusals.js';
import type { Properties } from '../wire/messages.js';
import type { Write } from './write.js';

export function maskedProperties(write: Write, _old: Properties | undefined): Properties {
  if (write.mutation.propertyMask) throw unimplemented('property masks');
  return write.properties;
}
