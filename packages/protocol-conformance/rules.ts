/** Every MUST of docs/protocol.md, in its order. A test compares the two. */
import type { Rule } from './rule.ts';
import { channelRules } from './rules/channels.ts';
import { clientRules } from './rules/clients.ts';
import { endingRules } from './rules/endings.ts';
import { eventStreamRules } from './rules/event-streams.ts';
import { messageRules } from './rules/messages.ts';
import { notificationRules } from './rules/notifications.ts';
import { problemRules } from './rules/problems.ts';
import { publishingRules } from './rules/publishing.ts';
import { requestRules } from './rules/requests.ts';
import { topicRules } from './rules/topics.ts';

export const rules: readonly Rule[] = [
  ...channelRules,
  ...clientRules,
  ...messageRules,
  ...notificationRules,
  ...endingRules,
  ...eventStreamRules,
  ...publishingRules,
  ...topicRules,
  ...requestRules,
  ...problemRules,
];
