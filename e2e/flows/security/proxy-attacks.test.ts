/** The real nginx in front of two real processes: strangers cannot take it down. */

import { sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { handshake, shareProxiedStacks, webSocket } from '../../test/proxied-stacks.ts';

const { proxied, ask } = shareProxiedStacks();

const openPage = () => ask({ path: '/', headers: { Accept: 'text/html' } });
const openSocket = () => ask({ path: handshake, headers: webSocket });

describe('an instance that closes without an answer, or is made to refuse, is not taken for dead', () => {
  /** Opens pages and sockets one after another until the attack is over, and counts the answers by status. */
  async function countAnswers(attack: Promise<unknown>): Promise<{ pages: number[]; sockets: number[] }> {
    let isOver = false;
    const pages = new Set<number>();
    const sockets = new Set<number>();
    const over = attack.finally(() => {
      isOver = true;
    });
    for (let count = 0; !isOver || count < 20; count += 1) {
      pages.add((await openPage()).statusCode ?? 0);
      sockets.add((await openSocket()).statusCode ?? 0);
    }
    await over;
    return { pages: [...pages], sockets: [...sockets] };
  }

  test('while clients ask for upgrades on addresses without sockets', async () => {
    const attack = async () => {
      const statuses = new Set<number | undefined>();
      for (let count = 0; count < 40; count += 1) {
        for (const path of [
          '/channels',
          '/',
          '/imports',
          '/socket.io/',
          '/socket.io/?EIO=3&transport=polling',
          `${handshake}&sid=x`,
        ])
          statuses.add((await ask({ path, headers: webSocket })).statusCode);
        statuses.add(
          (await ask({ path: handshake, headers: { ...webSocket, Origin: 'https://evil.example' } }))
            .statusCode,
        );
      }
      return [...statuses].sort();
    };
    const attacking = attack();
    expect(await countAnswers(attacking)).toEqual({ pages: [200], sockets: [101] });
    expect(await attacking).toEqual([200, 400, 401, 403, 404]);
  });

  test('while clients send requests that every service refuses', async () => {
    const large = {
      headers: {
        'X-Large': 'x'.repeat(7_000),
        'X-Larger': 'x'.repeat(7_000),
        'X-Largest': 'x'.repeat(7_000),
      },
    };
    const attack = async () => {
      const statuses = new Set<number | undefined>();
      for (let count = 0; count < 40; count += 1) {
        statuses.add((await ask(large)).statusCode);
        statuses.add(
          (await ask({ ...large, path: handshake, headers: { ...large.headers, ...webSocket } })).statusCode,
        );
        statuses.add((await ask({ path: '/', method: 'BREW' })).statusCode);
      }
      return [...statuses].sort();
    };
    const attacking = attack();
    expect(await countAnswers(attacking)).toEqual({ pages: [200], sockets: [101] });
    expect(await attacking).toEqual([400, 431]);
  });

  test('while uploads fall silent', async () => {
    const attack = async () => {
      const head =
        'POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\n';
      const uploads = Array.from({ length: 4 }, () => sendRaw(proxied().port, head));
      // The service itself ends each upload after ten seconds without a file.
      await eventually(
        () => expect(uploads.map(({ received }) => received()).filter(Boolean)).toHaveLength(4),
        {
          withinMs: 60_000,
          everyMs: 50,
        },
      );
      return uploads.map(({ statuses }) => statuses());
    };
    const attacking = attack();
    expect(await countAnswers(attacking)).toEqual({ pages: [200], sockets: [101] });
    expect(await attacking).toEqual([[400], [400], [400], [400]]);
  });

  test('while an instance that has ended gets no requests, and the other one answers', async () => {
    const [first] = proxied().stacks;
    await first?.kill();
    onTestFinished(async () => first?.start());
    for (let count = 0; count < 20; count += 1) {
      expect((await openPage()).statusCode).toBe(200);
      expect((await openSocket()).statusCode).toBe(101);
    }
  });
});
