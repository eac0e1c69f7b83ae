export { LockerHealthIndicator } from './locker-health.indicator.js';
export type { LockerHealthOptions, Threshold } from './health-options.js';
