/** What a call came to. */
export type Outcome<T> = { readonly value: T } | { readonly error: Error };

/** Told what a call came to: at once, or when it has had its turn. */
export type Answer<T> = (outcome: Outcome<T>) => void;
