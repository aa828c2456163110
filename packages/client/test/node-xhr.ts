/** What an upload uses of a browser's `XMLHttpRequest`, over a real connection of Node.js. */
import { type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

type Listener = ((event?: never) => void) | null;
type ProgressListener = ((event: { readonly loaded: number; readonly total: number }) => void) | null;

export class NodeXhr {
  readonly upload: { onloadstart: ProgressListener; onprogress: ProgressListener } = {
    onloadstart: null,
    onprogress: null,
  };
  status = 0;
  responseText = '';
  onload: Listener = null;
  onerror: Listener = null;
  onabort: Listener = null;
  onloadend: Listener = null;
  readonly #headers: Record<string, string> = {};
  #target = { method: '', url: '' };
  #answered: IncomingHttpHeaders = {};
  #request: ClientRequest | null = null;
  #isOver = false;

  open(method: string, url: string): void {
    this.#target = { method, url };
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers[name] = value;
  }

  getResponseHeader(name: string): string | null {
    const value = this.#answered[name.toLowerCase()];
    return typeof value === 'string' ? value : null;
  }

  send(body: FormData | Blob): void {
    this.#send(body).then(
      () => this.#end(this.onload),
      () => this.#end(this.onerror),
    );
  }

  abort(): void {
    this.#request?.destroy();
    this.#end(this.onabort);
  }

  async #send(body: FormData | Blob): Promise<void> {
    const encoded = new Response(body);
    const bytes = Buffer.from(await encoded.arrayBuffer());
    const type = encoded.headers.get('Content-Type');
    const { method, url } = this.#target;
    const headers = { ...(type === null ? {} : { 'Content-Type': type }), ...this.#headers };
    const sent = request(url, { method, headers });
    this.#request = sent;
    const answer = new Promise<string>((resolve, reject) => {
      sent.on('error', reject);
      sent.on('response', (response) => {
        this.status = response.statusCode ?? 0;
        this.#answered = response.headers;
        text(response).then(resolve, reject);
      });
    });
    const total = bytes.length;
    this.upload.onloadstart?.({ loaded: 0, total });
    sent.end(bytes, () => this.upload.onprogress?.({ loaded: total, total }));
    this.responseText = await answer;
  }

  /** Tells once how it has ended. */
  #end(listener: Listener): void {
    if (this.#isOver) return;
    this.#isOver = true;
    listener?.();
    this.onloadend?.();
  }
}
