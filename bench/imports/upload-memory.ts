/**
 * Measures a large upload whose chunks are imported at the same time: the peak of the process's resident memory above its idle
 * memory, and the delay of its event loop. The bench makes the file as it sends it.
 */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { eventLoopMonitoringPrecision } from '@tidings/service-kit/process/metrics.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { contactsHeader, contactsRow, megabytes, numberOption, residentBytes } from '../measure.ts';

/** Milliseconds between two looks at the memory. */
const SAMPLE_MS = 50;
const boundary = 'tidings-bench-boundary';
/** Characters that fill a row, so that a gigabyte has fewer than ten million rows. */
const filler = 'x'.repeat(60);

/** `--megabytes 1000`: prints the peak above idle (to reach: 150 MB) and by how much the loop was late at p99 (to reach: 50 ms). */
export async function run(words: string[]): Promise<void> {
  const bytes = numberOption(words, 'megabytes', 1_000) * 1e6;
  const stack = await startStack();
  try {
    await warmUp(stack.url);
    const idle = residentBytes(stack.pid);
    await loopDelayP99(stack.url);
    let peak = idle;
    const sampling = setInterval(() => {
      peak = Math.max(peak, residentBytes(stack.pid));
    }, SAMPLE_MS);
    const start = performance.now();
    const status = await upload(stack.url, bytes);
    const seconds = (performance.now() - start) / 1000;
    clearInterval(sampling);
    const delay = await loopDelayP99(stack.url);
    console.log(
      `${megabytes(bytes)} MB uploaded in ${seconds.toFixed(1)} s (${(bytes / 1e6 / seconds).toFixed(0)} MB/s, status ${status}): ` +
        `idle ${megabytes(idle)} MB, peak ${megabytes(peak)} MB, above idle ${megabytes(peak - idle)} MB (to reach: 150); ` +
        `event loop late by ${delay.toFixed(1)} ms at p99 (to reach: 50)`,
    );
  } finally {
    await stack.dispose();
  }
}

/** Runs a small import first, so that the idle memory is that of a server in use. */
async function warmUp(url: string): Promise<void> {
  await upload(url, 1e6);
}

async function upload(url: string, bytes: number): Promise<number> {
  const request = httpRequest(`${url}/imports`, {
    method: 'POST',
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}`, 'Transfer-Encoding': 'chunked' },
  });
  const answered = once(request, 'response');
  request.write(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="large.csv"\r\n\r\n${contactsHeader}`,
  );
  let sent = 0;
  for (let row = 0; sent < bytes; ) {
    const rows: string[] = [];
    for (let count = 0; count < 500; count += 1, row += 1)
      rows.push(contactsRow(row).replace(',note', `,${filler} note`));
    const part = rows.join('');
    sent += part.length;
    if (!request.write(part)) await once(request, 'drain');
  }
  request.end(`\r\n--${boundary}--\r\n`);
  const [response] = (await answered) as [import('node:http').IncomingMessage];
  response.resume();
  return response.statusCode ?? 0;
}

/** Milliseconds since the last call by which the loop was later than each look at it was due; the metric includes the time between two looks. */
async function loopDelayP99(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const [, seconds] = /^nodejs_eventloop_lag_p99_seconds ([\d.e+-]+)$/m.exec(text) ?? [];
  return Number(seconds) * 1000 - eventLoopMonitoringPrecision;
}
