import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type AddressRules, checkUrl, isAllowedAddress, resolveAllowed, resolverBy } from './addresses.ts';

const strict = { allowLoopback: false };
const open = { allowLoopback: true };
const forbidden = expect.objectContaining({ code: 'address_forbidden' });

describe('an address', () => {
  test.each(['8.8.8.8', '203.0.112.255', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => expect(isAllowedAddress(address, strict)).toBe(true),
  );

  test.each([
    ...['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '0.0.0.0', '0.1.2.3'],
    ...[
      '169.254.169.254',
      '169.254.170.2',
      '192.0.0.192',
      '168.63.129.16',
      '::ffff:168.63.129.16',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
    ],
    ...['::', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '2001:db8::1', '2001::1'],
    ...['::ffff:10.0.0.1', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '64:ff9b::7f00:1x', '2002:a9fe:a9fe::1'],
    ...['', 'example.org', '127.1'],
  ])('%s is not, whatever is allowed', (address) => {
    expect(isAllowedAddress(address, strict)).toBe(false);
    expect(isAllowedAddress(address, open)).toBe(false);
  });

  test.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    '%s is, where loopback is allowed',
    (address) => {
      expect(isAllowedAddress(address, strict)).toBe(false);
      expect(isAllowedAddress(address, open)).toBe(true);
    },
  );
});

describe('an address of an endpoint', () => {
  test.each(['https://partner.example.org/hook?x=1', 'https://8.8.8.8:8443/', 'https://[2606:4700::1111]/'])(
    '%s is taken',
    (url) => expect(checkUrl(url, strict).href).toBe(url),
  );

  test.each([
    ...[
      'http://partner.example.org/',
      'ftp://partner.example.org/',
      'file:///etc/passwd',
      'partner.example.org',
    ],
    ...[
      'https://user@partner.example.org/',
      'https://127.0.0.1/',
      'https://localhost/',
      'https://a.localhost/',
    ],
    // Other ways to write 127.0.0.1 and 169.254.169.254.
    ...['https://2130706433/', 'https://0x7f.1/', 'https://017700000001/', 'https://0xa9fea9fe/'],
    ...['https://[::ffff:169.254.169.254]/', 'https://[::1]/', 'https://localhost./'],
  ])('%s is refused', (url) => {
    expect(() => checkUrl(url, strict)).toThrow(forbidden);
  });

  test('http is for this machine, where that is allowed', () => {
    expect(checkUrl('http://127.0.0.1:9/', open).port).toBe('9');
    expect(checkUrl('http://localhost/', open).hostname).toBe('localhost');
    for (const url of ['http://example.org/', 'http://10.0.0.1/', 'https://10.0.0.1/'])
      expect(() => checkUrl(url, open)).toThrow(forbidden);
  });
});

test('a name is allowed where all of its addresses are', async () => {
  const rules = (...addresses: string[]): AddressRules => ({
    ...strict,
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });
  expect(await resolveAllowed('example.org', rules('8.8.8.8', '2606:4700::1111'))).toHaveLength(2);
  await expect(resolveAllowed('example.org', rules('8.8.8.8', '10.0.0.1'))).rejects.toEqual(forbidden);
  await expect(resolveAllowed('example.org', rules())).rejects.toEqual(forbidden);
  await expect(resolveAllowed('169.254.169.254', rules('8.8.8.8'))).rejects.toEqual(forbidden);
});

/** A name server that knows the IPv4 address of `quick.example.org`. It answers for names with `slow` in them once it was asked for that one. */
async function startNameServer() {
  const asked: string[] = [];
  const held: (() => void)[] = [];
  const server = createSocket('udp4');
  onTestFinished(() => void server.close());
  server.on('message', (question, { port, address }) => {
    const name = question.toString('latin1', 13, question.indexOf(0, 12));
    asked.push(name);
    const end = question.indexOf(0, 12) + 5;
    const isQuick = name.startsWith('quick');
    const isKnown = isQuick && question.readUInt16BE(end - 4) === 1;
    // An answer that was asked for; the code is 3 for a name that is not.
    const head = Buffer.from([0x81, isQuick ? 0x80 : 0x83, 0, 1, 0, isKnown ? 1 : 0, 0, 0, 0, 0]);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 8, 8, 4, 4]);
    const parts = [question.subarray(0, 2), head, question.subarray(12, end), ...(isKnown ? [record] : [])];
    held.push(() => server.send(Buffer.concat(parts), port, address));
    if (name.startsWith('slow') && !asked.some((other) => other.startsWith('quick'))) return;
    for (const answer of held.splice(0)) answer();
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return { asked, resolve: resolverBy([`127.0.0.1:${server.address().port}`]) };
}

// Names were looked up by threads, of which a process has two: an owner whose names answered late held up the deliveries of all others.
test('a name is asked for while many others are not answered', async () => {
  const { asked, resolve } = await startNameServer();
  const slow = Array.from({ length: 50 }, (_, number) => resolve(`slow-${number}.example.org`));
  const settled = Promise.allSettled(slow);
  const quick = resolve('quick.example.org');
  expect(await quick).toEqual([{ address: '8.8.4.4', family: 4 }]);
  const before = asked.slice(
    0,
    asked.findIndex((name) => name.startsWith('quick')),
  );
  expect(new Set(before).size).toBe(50);
  await settled;
  await expect(resolve('nowhere.example.org')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('names of this machine are asked of nobody', async () => {
  const { asked, resolve } = await startNameServer();
  for (const name of ['localhost', 'a.localhost'])
    expect((await resolve(name)).map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
  expect(asked).toEqual([]);
});
