/** The newest ends of a channel's subjects. They are kept because an end may come before its caller waits for it. */
import type { Notification } from '@tidings/contracts/notifications/notification.ts';

/** Ends that are remembered, at most; the oldest are forgotten. One has at most 16 KiB. */
const MAX_OUTCOMES = 100;

export class Outcomes {
  readonly #bySubject = new Map<string, Notification>();

  remember(notification: Notification): void {
    const { lane, subject, final } = notification;
    if (lane !== 'durable' || !final) return;
    this.#bySubject.delete(subject);
    this.#bySubject.set(subject, notification);
    const [oldest] = this.#bySubject.keys();
    if (this.#bySubject.size > MAX_OUTCOMES && oldest !== undefined) this.#bySubject.delete(oldest);
  }

  find(subject: string): Notification | undefined {
    return this.#bySubject.get(subject);
  }
}
