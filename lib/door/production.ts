/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that says that this is production: of Cloud Run, of App Engine, or everybody's; undefined: none does. */
export function signOfProduction(environment: Environment): string | undefined {
  const platform = ['K_SERVICE', 'GAE_ENV', 'GAE_SERVICE'].find((name) => environment[name]);
  return platform ?? (environment['NODE_ENV'] === 'production' ? 'NODE_ENV' : undefined);
}
