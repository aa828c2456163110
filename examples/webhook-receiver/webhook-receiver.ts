// Receives webhooks, verifies each, and sends an e-mail at the end of an import: npx tsx webhook-receiver.ts 8080
// Needs WEBHOOK_SECRET, as POST /webhooks has answered it, and standardwebhooks from npm. With MAIL_TO and SMTP_COMMAND it sends mail; that
// command takes a message at its standard input, as `sendmail -t` does.
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';

interface Outcome {
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly fileName?: string; readonly rows?: Readonly<Record<string, number>> };
}

const { WEBHOOK_SECRET = '', MAIL_TO, SMTP_COMMAND } = process.env;
const [port = '8080'] = process.argv.slice(2);
const verifier = new Webhook(WEBHOOK_SECRET);
/** Deliveries may come again, under the same id. A program that restarts keeps the ids in its database. */
const done = new Set<string>();

createServer(async (request, response) => {
  const body = await textOf(request);
  const id = String(request.headers['webhook-id']);
  try {
    const outcome = verifier.verify(body, request.headers as Record<string, string>) as Outcome;
    // Answered first: whatever takes long must not hold up the next one.
    response.writeHead(204).end();
    if (done.has(id)) return;
    done.add(id);
    take(outcome);
  } catch (error) {
    response.writeHead(401).end(String(error));
  }
}).listen(Number(port), '127.0.0.1', function listening(this: { address(): unknown }) {
  console.log(`ready on ${(this.address() as { port: number }).port}`);
});

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function take({ type, timestamp, data: { fileName, rows } }: Outcome): void {
  console.log(type, fileName ?? '', JSON.stringify(rows ?? {}));
  if (MAIL_TO === undefined || SMTP_COMMAND === undefined || !type.startsWith('import.')) return;
  // A file's name comes from outside: it stands in the text, where it can add no header.
  const lines = [`The import of ${fileName} ended at ${timestamp} as ${type}.`, JSON.stringify(rows)];
  const message = [`To: ${MAIL_TO}`, `Subject: Your import has ended`, '', ...lines, ''].join('\r\n');
  const mail = spawn(SMTP_COMMAND, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] });
  // A command that is not there, or ends before it has read, breaks its pipe: that must not end the receiver.
  mail.stdin.on('error', (error) => console.error('no mail was sent:', error.message));
  mail.stdin.end(message);
}
