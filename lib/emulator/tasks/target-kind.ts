/** Whom a task is for. The two kinds differ in headers, retries and deadlines. */
export type TargetKind = 'http' | 'appEngine';
