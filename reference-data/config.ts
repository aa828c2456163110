/** The settings of a reference data service that runs as a process of its own. */
import { commonVariables, type Environment, readConfig } from '@tidings/service-kit/config/config.ts';
import { checkKafkaVariables, kafkaVariables } from '@tidings/service-kit/config/engine-variables.ts';

const variables = { ...commonVariables, ...kafkaVariables };

/** @throws ConfigError with every mistake */
export function readReferenceDataConfig(environment: Environment) {
  return readConfig(variables, environment, checkKafkaVariables);
}
