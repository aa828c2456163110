import { runChild } from '../../conformance/child.ts';
import { openKafkaLog } from '../kafka-log.ts';
import { testSettings } from './settings.ts';

await runChild((brokers, onCrashPoint) => openKafkaLog({ ...testSettings(String(brokers)), onCrashPoint }));
