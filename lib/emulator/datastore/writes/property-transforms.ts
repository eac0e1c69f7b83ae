import { unimplemented } from '../refusals.js';
import type { Micros } from '../time.js';
import type { Properties, PropertyTransform, Value } from '../wire/messages.js';

export function transformed(
  properties: Properties,
  transforms: readonly PropertyTransform[],
  _at: Micros,
): { properties: Properties; results: Value[] } {
  if (transforms.length > 0) throw unimplemented('property transforms');
  return { properties, results: [] };
}
