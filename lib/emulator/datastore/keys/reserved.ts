/** Kinds, names, namespaces and properties of the form `__…__` belong to Datastore. */
export function isReserved(name: string): boolean {
  return /^__.*__$/s.test(name);
}
