/** Webhooks of the whole system in one process: the example's receiver, and a process that is killed between a delivery and its commit. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { CreatedWebhook, WebhookDelivery } from '@tidings/contracts/owners/webhooks.ts';
import { createChannel } from '@tidings/testing/connections/requests.ts';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { Webhook as Verifier } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { startFileStack } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';
import { RunningProgram, root } from '../../test/installed-client.ts';

const stack = await startFileStack({ WEBHOOK_ALLOW_PRIVATE: 'true' });
const patiently = { withinMs: 60_000, everyMs: 50 };

function call(method: string, path: string, token: string, body?: object): Promise<Response> {
  return fetch(`${stack.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function register(token: string, url: string): Promise<CreatedWebhook> {
  const response = await call('POST', '/webhooks', token, { url });
  expect(response.status).toBe(201);
  return (await response.json()) as CreatedWebhook;
}

async function deliveries(token: string, id: string): Promise<WebhookDelivery[]> {
  const response = await call('GET', `/webhooks/${id}/deliveries`, token);
  return ((await response.json()) as { items: WebhookDelivery[] }).items;
}

async function upload(token: string, name: string): Promise<void> {
  const form = new FormData();
  form.set('file', new File([`email,notes\nada@${freshName('hooks.example')},canary-cell\n`], name));
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${stack.url}/imports`, { method: 'POST', headers, body: form });
  expect(response.status).toBe(202);
}

test('a process that is killed between a delivery and its commit delivers again, under the same id, and then once', async () => {
  const received: { id: string; text: string; headers: Record<string, string> }[] = [];
  let killed: Promise<void> | null = null;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      received.push({ id: headers['webhook-id'] ?? '', text: Buffer.concat(parts).toString(), headers });
      if (killed !== null) return void response.writeHead(204).end();
      // The delivery has arrived, and the process that has sent it dies before it can write that down.
      killed = stack.kill();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { token } = await createChannel(stack.url);
  const { port } = server.address() as AddressInfo;
  const webhook = await register(token, `http://127.0.0.1:${port}/`);
  await upload(token, 'killed.csv');
  await eventually(() => expect(killed).not.toBeNull(), patiently);
  await killed;
  await stack.start();
  await eventually(() => expect(received).toHaveLength(2), patiently);
  const [first, second] = received;
  expect(second?.id).toBe(first?.id);
  for (const { text, headers } of received) {
    expect(new Verifier(webhook.secret).verify(text, headers)).toMatchObject({
      type: 'import.completed',
      data: { fileName: 'killed.csv', rows: { total: 1, created: 1 } },
    });
    expect(text).not.toContain('canary-cell');
  }
  await eventually(async () =>
    expect(await deliveries(token, webhook.id)).toMatchObject([
      { id: first?.id, status: 'delivered', attempts: 1 },
    ]),
  );
  await upload(token, 'after.csv');
  await eventually(() => expect(received).toHaveLength(3), patiently);
  expect(received[2]?.id).not.toBe(first?.id);
  expect((await call('DELETE', `/webhooks/${webhook.id}`, token)).status).toBe(204);
});

test('the example verifies what comes, refuses what does not fit, and sends an e-mail', async () => {
  const mail = join(await temporaryFolder(), 'mail');
  const { token } = await createChannel(stack.url);
  // The secret is known once an address is registered, and the address once a port is known.
  const [port = 0] = await findFreePorts(1);
  const webhook = await register(token, `http://127.0.0.1:${port}/hook`);
  // `tsx` itself starts a process that outlives it where it is killed.
  const program = join(root, 'examples/webhook-receiver/webhook-receiver.ts');
  const words = ['--import', import.meta.resolve('tsx'), program, String(port)];
  const receiver = new RunningProgram(process.execPath, words, {
    WEBHOOK_SECRET: webhook.secret,
    MAIL_TO: 'mira@example.org',
    SMTP_COMMAND: `cat > '${mail}'`,
  });
  await eventually(() => expect(receiver.output).toContain('ready on'), patiently);
  expect((await call('POST', `/webhooks/${webhook.id}/test`, token)).status).toBe(202);
  await eventually(() => expect(receiver.output).toContain('webhook.test'), patiently);
  await upload(token, 'mailed.csv');
  await eventually(async () => expect(await readFile(mail, 'utf8')).toContain('mailed.csv'), patiently);
  expect(await readFile(mail, 'utf8')).toMatch(
    /^To: mira@example.org\r\nSubject: .*\r\n\r\nThe import of mailed.csv ended/,
  );
  const headers = { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' };
  const forged = await fetch(webhook.url, { method: 'POST', headers, body: '{}' });
  expect(forged.status).toBe(401);
});
