/** The settings of the command that rebuilds the projection: the engines at scale, or the folder of one machine. */
import { commonVariables, type Environment, readConfig } from '@tidings/service-kit/config/config.ts';
import {
  checkKafkaVariables,
  databaseVariables,
  kafkaVariables,
} from '@tidings/service-kit/config/engine-variables.ts';
import { z } from 'zod';

const { LOG_LEVEL } = commonVariables;

/** @throws ConfigError with every mistake */
export function readRebuildConfig(environment: Environment) {
  const isAtScale = environment.KAFKA_BROKERS !== undefined || environment.DATABASE_URL !== undefined;
  if (!isAtScale)
    return {
      isAtScale,
      ...readConfig({ LOG_LEVEL, DATA_DIR: z.string().min(1).default('data') }, environment, () => []),
    };
  const variables = { LOG_LEVEL, ...kafkaVariables, ...databaseVariables };
  return { isAtScale, ...readConfig(variables, environment, checkKafkaVariables) };
}
