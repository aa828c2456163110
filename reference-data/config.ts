/** The settings of a reference data service that runs as a process of its own. */
import { commonVariables, type Environment, readConfig } from '../service-kit/config.ts';
import { checkKafkaVariables, kafkaVariables } from '../service-kit/engine-variables.ts';

const variables = { ...commonVariables, ...kafkaVariables };

/** @throws ConfigError with every mistake */
export function readReferenceDataConfig(environment: Environment) {
  return readConfig(variables, environment, checkKafkaVariables);
}
