import { runChild } from '../../conformance/child.ts';
import { openEmbeddedLog } from '../embedded-log.ts';

await runChild((directory, onCrashPoint) => openEmbeddedLog({ directory: String(directory), onCrashPoint }));
