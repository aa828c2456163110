/** Certificates for this machine, made by openssl. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '@tidings/testing/engines/commands.ts';
import { provision } from '@tidings/testing/engines/provision.ts';

export interface Certificate {
  /** Path of the certificate. */
  readonly path: string;
  /** The certificate and its key, in PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** Makes a self-signed certificate, valid for a day. @param directory an existing folder, which keeps it */
export async function certify(directory: string, name: string): Promise<Certificate> {
  const needs = { kafka: undefined, redis: false, postgres: false, openssl: true };
  const { openssl = '' } = await provision(needs, () => undefined);
  const [path, keyPath] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  await runCommand(openssl, [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-out', path, '-keyout', keyPath],
  ]);
  const [certificate, key] = await Promise.all([readFile(path, 'utf8'), readFile(keyPath, 'utf8')]);
  return { path, certificate, key };
}
