import { runChild } from '../../conformance/child.ts';
import { openEmbeddedLog } from '../embedded-log.ts';

await runChild((directory, onStep) => openEmbeddedLog({ directory: String(directory), onStep }));
