/** Leaves nothing in the environment that says where a sample is to run; the returned function puts everything back. */
export function cleanEnvironment(): () => void {
  const before = { ...process.env };
  for (const name of Object.keys(process.env))
    if (/^(LOCKER|GOOGLE_CLOUD|DATASTORE|CLOUD_TASKS)_|^PORT$/.test(name)) delete process.env[name];
  return () => {
    process.env = before;
  };
}
