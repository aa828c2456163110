/** The main job on one machine: everything in one process, on the embedded engines. */
import { startStack } from '@tidings/testing/stack/stack.ts';
import { describeImportFlows } from '../../test/import-flows.ts';

describeImportFlows('on one machine', async () => {
  const stack = await startStack();
  return {
    url: stack.url,
    supportUrl: stack.supportUrl,
    crash: () => stack.kill(),
    recover: () => stack.start(),
    dispose: () => stack.dispose(),
  };
});
