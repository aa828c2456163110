// A nightly job that tells a channel of its progress and its end: npx tsx nightly.ts http://127.0.0.1:3000 CHANNEL
// Needs PUBLISH_API_KEY. Whoever listens to the channel sees the newest step, and gets the end in any case.
import { publish } from '@tidings/client';

const [baseUrl = '', channelId = ''] = process.argv.slice(2);
const token = process.env.PUBLISH_API_KEY ?? '';
const night = new Date().toISOString().slice(0, 10);
const subject = `nightly-${night}`;
const steps = ['collect', 'compare', 'write'];

for (const [index, step] of steps.entries()) {
  // The job's work stands here.
  const data = { step, done: index + 1, of: steps.length };
  const notifications = {
    subject,
    type: 'nightly.progress',
    lane: 'progress',
    version: index + 1,
    data,
  } as const;
  await publish({ baseUrl, token, channelId, notifications });
}
// A job that is started again on the same night tells of its end once.
await publish({
  baseUrl,
  token,
  channelId,
  idempotencyKey: subject,
  notifications: { subject, type: 'nightly.done', data: { steps: steps.length }, final: true },
});
console.log(`told ${channelId} that ${subject} is done`);
