/** The settings of the one-process Tidings. */
import { cpus } from 'node:os';
import { socketVariables } from '@tidings/hub/config.ts';
import { checkRequestSettings, requestVariables } from '@tidings/jobs-service/requests/request-settings.ts';
import {
  authSecretsVariable,
  checkAuthVariables,
  loginVariables,
  publisherVariables,
} from '@tidings/service-kit/config/auth-variables.ts';
import {
  commonVariables,
  type Environment,
  proxyVariables,
  readConfig,
  retentionVariables,
  secret,
  uploadVariables,
  wholeNumber,
} from '@tidings/service-kit/config/config.ts';
import { checkSite, siteVariables } from '@tidings/service-kit/config/site-variables.ts';
import { webhookVariables } from '@tidings/webhooks/config.ts';
import { z } from 'zod';

const variables = {
  ...commonVariables,
  ...siteVariables,
  ...proxyVariables,
  ...uploadVariables,
  ...retentionVariables,
  DATA_DIR: z.string().min(1).default('data'),
  /** The three secrets by default: made once, and kept in `DATA_DIR`. */
  AUTH_SECRET: authSecretsVariable.optional(),
  SUPPORT_TOKEN: secret(16).optional(),
  ...publisherVariables,
  ...loginVariables,
  ...socketVariables,
  ...requestVariables,
  ...webhookVariables,
  /** Default: as many as the topics have, or `partitionsByCores` where there are no topics yet. */
  TOPIC_PARTITIONS: wholeNumber(1, 1000, 'partitions').optional(),
};

/** The number of partitions for new topics. */
export const partitionsByCores = (): number => Math.min(4, Math.max(2, cpus().length));

export type AllInOneConfig = ReturnType<typeof readAllInOneConfig>;

/** @throws ConfigError with every mistake */
export function readAllInOneConfig(environment: Environment) {
  return readConfig(variables, environment, (values) => [
    ...checkAuthVariables(values),
    ...checkSite(values),
    ...checkRequestSettings(values),
  ]);
}
