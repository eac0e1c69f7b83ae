/* oxlint-disable typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters -- the clients' loader options decide the shape */

/**
 * An answer of one of Google's clients in the shape that it really decodes to: 64-bit integers as strings, enums by
 * name. Its own types allow every form that a request may be written in.
 */
export function decoded<T extends object>(answer: object): T {
  return answer as T;
}
