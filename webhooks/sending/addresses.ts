/**
 * Where partners' endpoints may be: on the internet, by https. A name is checked when the endpoint is registered, and again at each connection, by the
 * very addresses to which the connection goes: so a name that has changed meanwhile leads nowhere inside.
 */
import { Resolver } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { Failure } from '@tidings/failures/failure.ts';

/** Networks that are no part of the internet: private, link-local (with the metadata of clouds), shared, reserved, multicast. */
const forbidden = new BlockList();
for (const [network, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
  ] as const),
  ...([
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
  ] as const),
  ...([
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
] as const)
  forbidden.addSubnet(network, prefix, 'ipv4');
// Looks public, and leads to the host of a virtual machine of Azure, which gives out its certificates.
forbidden.addAddress('168.63.129.16', 'ipv4');
/** The one part of IPv6 that is the internet; within it: Teredo, documentation, 6to4, which holds an IPv4 address. */
const internet = new BlockList();
internet.addSubnet('2000::', 3, 'ipv6');
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  forbidden.addSubnet(network, prefix, 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. Rejects as a `Resolver` of Node.js does. */
export type ResolveName = (name: string) => Promise<readonly ResolvedAddress[]>;

/** Milliseconds that a name server has for its first answer; for the second try twice as long. */
const NAME_MS = 1_000;
const NAME_TRIES = 2;

/**
 * Asks the name servers themselves. A process has two threads for `dns.lookup`, which also reads `/etc/hosts`: two names that answer late
 * would hold up all others.
 * @param servers default: the system's, as they are at each question
 */
export function resolverBy(servers?: readonly string[]): ResolveName {
  return async (name) => {
    if (isLoopbackName(name)) return LOOPBACK;
    const resolver = new Resolver({ timeout: NAME_MS, tries: NAME_TRIES });
    if (servers !== undefined) resolver.setServers(servers);
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = answers.flatMap((answer, index) =>
      answer.status === 'fulfilled'
        ? answer.value.map((address) => ({ address, family: index === 0 ? 4 : 6 }))
        : [],
    );
    const [first] = answers;
    if (found.length === 0 && first.status === 'rejected') throw first.reason;
    return found;
  };
}

/** RFC 6761, 6.3: no name server is asked. */
const LOOPBACK: readonly ResolvedAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

export interface AddressRules {
  /** Whether loopback addresses are allowed, and http to them: for tests, and partners on the same machine. */
  readonly allowLoopback: boolean;
  readonly resolve: ResolveName;
}

export class ForbiddenAddressError extends Failure<'address_forbidden'> {
  override name = 'ForbiddenAddressError';

  constructor(message: string) {
    super('address_forbidden', message);
  }
}

export function isAllowedAddress(
  address: string,
  { allowLoopback }: Pick<AddressRules, 'allowLoopback'>,
): boolean {
  const plain = withoutZone(address);
  const mapped = mappedIPv4(plain);
  if (mapped !== null) return isAllowedAddress(mapped, { allowLoopback });
  if (isIPv4(plain)) {
    if (loopback.check(plain, 'ipv4')) return allowLoopback;
    return !forbidden.check(plain, 'ipv4');
  }
  if (isIP(plain) !== 6) return false;
  if (loopback.check(plain, 'ipv6')) return allowLoopback;
  return internet.check(plain, 'ipv6') && !forbidden.check(plain, 'ipv6');
}

/**
 * The address of an endpoint, by its text alone.
 * @throws ForbiddenAddressError with a sentence for whoever registers it
 */
export function checkUrl(text: string, rules: Pick<AddressRules, 'allowLoopback'>): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ForbiddenAddressError('It is no https address.');
  if (url.username !== '' || url.password !== '')
    throw new ForbiddenAddressError('It holds a user name or a password.');
  const host = hostOf(url);
  if (isLoopbackName(host) && !rules.allowLoopback) throw new ForbiddenAddressError(NOT_PUBLIC);
  const isLoopback =
    isLoopbackName(host) ||
    (isIPv4(host) && loopback.check(host, 'ipv4')) ||
    (isIP(host) === 6 && loopback.check(host, 'ipv6'));
  if (url.protocol === 'http:' && !(isLoopback && rules.allowLoopback))
    throw new ForbiddenAddressError('It is not https.');
  if (isIP(host) !== 0 && !isAllowedAddress(host, rules)) throw new ForbiddenAddressError(NOT_PUBLIC);
  return url;
}

/**
 * The addresses of a name, all of which are allowed.
 * @throws ForbiddenAddressError, and what the resolution throws
 */
export async function resolveAllowed(host: string, rules: AddressRules): Promise<readonly ResolvedAddress[]> {
  const addresses = isIP(host) === 0 ? await rules.resolve(host) : [{ address: host, family: isIP(host) }];
  if (addresses.length === 0) throw new ForbiddenAddressError('Its name has no address.');
  if (addresses.every(({ address }) => isAllowedAddress(address, rules))) return addresses;
  throw new ForbiddenAddressError(NOT_PUBLIC);
}

/** The name or the address of a URL, without brackets and without the dot at the end of a name. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

const NOT_PUBLIC = 'It leads to an address that is not public.';

function withoutZone(address: string): string {
  return address.split('%')[0] ?? address;
}

/** The IPv4 address within one of IPv6 (`::ffff:a.b.c.d`, however written, or NAT64); null where there is none. */
function mappedIPv4(address: string): string | null {
  if (isIP(address) !== 6) return null;
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^(?:::ffff:|64:ff9b::)([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return null;
  const bits = Number.parseInt(high, 16) * 0x10000 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
}
