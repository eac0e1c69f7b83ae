import type { Entity, Key, Timestamp, Value } from './entity-messages.js';

export interface PropertyMask {
  paths: string[];
}

export type PropertyTransform = { property: string } & (
  | { transformType: 'setToServerValue'; setToServerValue: string }
  | { transformType: 'increment'; increment: Value }
  | { transformType: 'maximum'; maximum: Value }
  | { transformType: 'minimum'; minimum: Value }
  | { transformType: 'appendMissingElements'; appendMissingElements: { values: Value[] } }
  | { transformType: 'removeAllFromArray'; removeAllFromArray: { values: Value[] } }
  | { transformType?: undefined }
);

export type Mutation = {
  conflictDetectionStrategy?: 'baseVersion' | 'updateTime';
  baseVersion?: string;
  updateTime?: Timestamp;
  conflictResolutionStrategy: 'STRATEGY_UNSPECIFIED' | 'SERVER_VALUE' | 'FAIL';
  propertyMask: PropertyMask | null;
  propertyTransforms: PropertyTransform[];
} & (
  | { operation: 'insert'; insert: Entity }
  | { operation: 'update'; update: Entity }
  | { operation: 'upsert'; upsert: Entity }
  | { operation: 'delete'; delete: Key }
  | { operation?: undefined }
);
