/** Imported into a program before all else: it ends with the process that started it, however that one ends. */
process.channel?.unref();
process.once('disconnect', () => process.exit(1));
process.channel?.unref();
