/** `npm start`: every service in this process, on the embedded engines, by the same start as a service of its own. */

import { createPages } from '@tidings/jobs-service/http/pages.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { runService } from '@tidings/service-kit/process/run-service.ts';
import type { Terminal } from '@tidings/service-kit/process/service-process.ts';
import { startAllInOne, webClientDirectory } from './app.ts';
import { type PreparedStart, prepareStart } from './prepare-start.ts';

const startedAt = Date.now();

// Every file that we or an engine make is for its owner alone.
process.umask(0o077);

await runService({
  name: 'tidings',
  readConfig: prepareStart,
  site: siteOf,
  whileStarting: createPages(webClientDirectory),
  start: startAllInOne,
  terminal,
});

function terminal(start: PreparedStart): Terminal {
  const { HOST, PUBLIC_URL, SUPPORT_TOKEN, isSupportTokenGiven, PUBLISH_API_KEY, isApiKeyGiven } = start;
  return {
    ready(port) {
      const host = HOST.includes(':') ? `[${HOST}]` : HOST;
      const base = PUBLIC_URL?.replace(/\/$/, '') ?? `http://${host}:${port}`;
      // The operator knows a secret that the environment gave, and whoever reads the terminal may not be meant to.
      const token = isSupportTokenGiven ? '$SUPPORT_TOKEN' : SUPPORT_TOKEN;
      const apiKey = isApiKeyGiven ? '$PUBLISH_API_KEY' : PUBLISH_API_KEY;
      console.log(`
Tidings is ready (${((Date.now() - startedAt) / 1000).toFixed(1)} s).

  Import contacts   ${base}/
  Support           ${base}/support#token=${token}
  API key           ${apiKey}

Press Ctrl-C to stop; what is in hand is finished first.
`);
    },
    stopping: () => console.log('tidings: finishing what is in hand …'),
  };
}
