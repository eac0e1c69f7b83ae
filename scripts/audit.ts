// npm run audit: asks the registry for known weaknesses of what the package brings along; exit code 1 if there are any.
import { spawnSync } from 'node:child_process';
import { auditVerdict } from './audit-verdict.js';

// It exits with 1 for weaknesses and for no answer alike.
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
const { outcome, text } = auditVerdict(stdout);
process.stdout.write(`${text}\n`);
process.exitCode = outcome === 'weak' ? 1 : 0;
