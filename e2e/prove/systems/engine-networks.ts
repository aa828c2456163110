/** Two networks between services and engines, each with a proxy in front of every engine. */

import { startTcpProxy, type TcpProxy } from '@tidings/testing/connections/tcp-proxy.ts';
import { proxiedListeners } from '@tidings/testing/engines/kafka.ts';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import type { Engines, Server } from '@tidings/testing/engines/start-engines.ts';

type EngineName = Server['name'];

export class EngineNetworks {
  /** Where Kafka listens for each network: it tells its clients the address of the proxy in front. */
  readonly #kafkaPorts: readonly number[];
  readonly #proxies: Record<EngineName, TcpProxy[]> = { kafka: [], redis: [], postgres: [] };
  #engines: Engines | null = null;

  private constructor(kafkaPorts: readonly number[]) {
    this.#kafkaPorts = kafkaPorts;
  }

  /** The proxies listen before the engines are started. */
  static async open(): Promise<EngineNetworks> {
    const networks = new EngineNetworks(await findFreePorts(2));
    for (const port of networks.#kafkaPorts) {
      networks.#proxies.kafka.push(await startTcpProxy(() => port));
      networks.#proxies.redis.push(await startTcpProxy(() => portOf(networks.#engines?.redisUrl)));
      networks.#proxies.postgres.push(await startTcpProxy(() => portOf(networks.#engines?.databaseUrl)));
    }
    return networks;
  }

  /** The proxies in front of the engine, by network. */
  of(engine: EngineName): readonly TcpProxy[] {
    return this.#proxies[engine];
  }

  /** Lines of `server.properties`: a listener of its own for each network, beside the one that tools use. */
  kafkaProperties(ports: { readonly broker: number; readonly controller: number }): string[] {
    return proxiedListeners(
      ports,
      this.#kafkaPorts.map((port, network) => ({ port, proxyPort: this.#proxies.kafka[network]?.port ?? 0 })),
    );
  }

  /** The addresses of the engines on one network. */
  environment(engines: Engines, network: number): Record<string, string> {
    this.#engines = engines;
    const through = (url: string, proxy: TcpProxy | undefined) => {
      const address = new URL(url);
      address.port = String(proxy?.port);
      return address.href;
    };
    return {
      KAFKA_BROKERS: `127.0.0.1:${this.#proxies.kafka[network]?.port}`,
      REDIS_URL: through(engines.redisUrl, this.#proxies.redis[network]),
      DATABASE_URL: through(engines.databaseUrl, this.#proxies.postgres[network]),
    };
  }

  async close(): Promise<void> {
    await Promise.all(
      Object.values(this.#proxies).flatMap((proxies) => proxies.map((proxy) => proxy.close())),
    );
  }
}

function portOf(url: string | undefined): number {
  return url === undefined ? 0 : Number(new URL(url).port);
}
