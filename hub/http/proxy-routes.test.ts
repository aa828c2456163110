import { readFileSync } from 'node:fs';
import { openTestLog } from '@tidings/testing/log.ts';
import { startHub } from '@tidings/testing/services/hub.ts';
import { expect, test } from 'vitest';

interface Location {
  readonly kind: '=' | '~' | 'prefix';
  readonly pattern: string;
  readonly upstream: string | undefined;
}

const template = readFileSync(new URL('../../nginx.conf.template', import.meta.url), 'utf8');
const locations = Array.from(
  template.matchAll(/^ {2}location (?:(=|~) )?(\/\S*|\^\S+) \{\n([\s\S]*?)^ {2}\}/gm),
  ([, kind, pattern = '', block = '']): Location => ({
    kind: kind === '=' || kind === '~' ? kind : 'prefix',
    pattern,
    upstream: /proxy_pass http:\/\/(\$?\w+);/.exec(block)?.[1],
  }),
);

/** Where nginx sends a path: to an exact location, else to the first regular expression, else to the longest prefix. */
function upstreamOf(path: string): string | undefined {
  const found =
    locations.find(({ kind, pattern }) => kind === '=' && path === pattern) ??
    locations.find(({ kind, pattern }) => kind === '~' && new RegExp(pattern).test(path)) ??
    locations
      .filter(({ kind, pattern }) => kind === 'prefix' && path.startsWith(pattern))
      .toSorted((one, other) => other.pattern.length - one.pattern.length)[0];
  return found?.upstream;
}

test('the proxy sends every address that the hub answers to the hubs', async () => {
  const { hub } = await startHub({ log: await openTestLog() });
  const paths = hub.router.stack.flatMap(({ route }) => (route === undefined ? [] : [route.path]));
  // By the transport `nginx.conf.template` decides which of the hubs gets a request.
  expect(upstreamOf('/socket.io/')).toBe('$tidings_socket_hubs');
  expect(paths).toEqual(expect.arrayContaining(['/channels', '/channels/:channelId/notifications']));
  for (const path of paths.filter((one) => one !== '/socket.io/'))
    expect([path, upstreamOf(path.replaceAll(/:\w+/g, 'some-id'))]).toEqual([path, 'tidings_hubs']);
  // By the `Idempotency-Key` it decides which of the jobs services gets one.
  expect(upstreamOf('/imports')).toBe('$tidings_upload_receivers');
  expect(upstreamOf('/contacts')).toBe('tidings_jobs_services');
});
