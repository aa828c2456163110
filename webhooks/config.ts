/** The settings of a webhooks service that runs as a process of its own. */
import { authVariables, checkAuthVariables } from '@tidings/service-kit/config/auth-variables.ts';
import {
  commonVariables,
  type Environment,
  proxyVariables,
  readConfig,
} from '@tidings/service-kit/config/config.ts';
import { checkKafkaVariables, kafkaVariables } from '@tidings/service-kit/config/engine-variables.ts';
import { checkSite, siteVariables } from '@tidings/service-kit/config/site-variables.ts';
import { z } from 'zod';

export const webhookVariables = {
  /** `true`: endpoints may be on this machine, by http too. Other addresses that are not public stay forbidden. */
  WEBHOOK_ALLOW_PRIVATE: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
};

const variables = {
  ...commonVariables,
  ...siteVariables,
  ...proxyVariables,
  ...authVariables,
  ...kafkaVariables,
  ...webhookVariables,
};

/** @throws ConfigError with every mistake */
export function readWebhooksConfig(environment: Environment) {
  return readConfig(variables, environment, (values) => [
    ...checkAuthVariables(values),
    ...checkSite(values),
    ...checkKafkaVariables(values),
  ]);
}
