/** The checked options, of type `ConsoleSettings`. */
export const CONSOLE_SETTINGS = Symbol('nestjs-datastore-locker:console');
