/** A partner's endpoint behind https, which keeps what comes in its order and answers as the test says. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { onTestFinished } from 'vitest';
import type { Certificate } from './certificate.ts';

export interface PartnerDelivery {
  readonly id: string;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  readonly fileName: string;
}

export class WebhookPartner {
  readonly received: PartnerDelivery[] = [];
  url = '';
  /** What it answers from now on. */
  answer = (response: ServerResponse): void => void response.writeHead(204).end();

  /** Listens until the test has finished. */
  static async start({ certificate, key }: Certificate): Promise<WebhookPartner> {
    const partner = new WebhookPartner();
    const server = createServer({ cert: certificate, key }, (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        partner.#keep(request.headers, Buffer.concat(parts).toString());
        partner.answer(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    partner.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    return partner;
  }

  /** The names of the files, as often as they came. */
  fileNames(): string[] {
    return this.received.map(({ fileName }) => fileName);
  }

  #keep(headers: IncomingHttpHeaders, text: string): void {
    const { data } = JSON.parse(text) as { data: Partial<ImportState> };
    this.received.push({ id: String(headers['webhook-id']), text, headers, fileName: data.fileName ?? '' });
  }
}
