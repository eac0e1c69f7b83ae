/** Where this package tells what it does; Nest's `Logger` is one. `fields` are for machines. */
export interface Log {
  debug(message: string, fields: object): void;
  log(message: string, fields: object): void;
  warn(message: string, fields: object): void;
  error(message: string, fields: object): void;
}
